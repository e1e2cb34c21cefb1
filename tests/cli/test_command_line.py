"""What people type, and what they are told when it cannot work: a sentence, exit code 1, nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orgbox.clock import RealClock
from orgbox.org import Org
from orgbox.server import RunningOrg


def tandem(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a fresh home."""
    plain = {
        key: value
        for key, value in os.environ.items()
        if key not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    return subprocess.run(
        [sys.executable, "-m", "tandem", *words],
        env={**plain, "TANDEM_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def up_to_date(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with every table and nobody in it: made once, for making it takes seconds."""
    made = tmp_path_factory.mktemp("up-to-date")
    assert tandem(made, "manage", "migrate").returncode == 0
    return made


@pytest.fixture
def home(up_to_date: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    return Path(shutil.copytree(up_to_date, tmp_path / "home"))


def told(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("acme", "https://"),
        ("http://acme.my.salesforce.com", "https://"),
        ("https://acme.example", "not an address of Salesforce"),
        ("https://acme.my.salesforce.com/services/data", "Leave out everything after the host"),
        ("https://user:secret@acme.my.salesforce.com", "user name or password"),
        ("http://127.0.0.1:8001", "TANDEM_ALLOW_ORGBOX"),
    ],
)
def test_a_malformed_instance_url_is_explained_and_leaves_no_member_behind(
    home: Path, url: str, says: str
) -> None:
    result = tandem(home, "connect", "anna@acme.example", url, "--client-id", "x")
    sentence = told(result)
    assert says in sentence
    assert "Nothing was sent" in sentence
    assert "secret" not in sentence.replace("user name or password", "")
    again = tandem(home, "sign-in-link", "anna@acme.example")
    assert "There is no member" in told(again)


def test_a_database_that_does_not_answer_is_explained(home: Path) -> None:
    url = "postgresql://tandem:secret@127.0.0.1:1/tandem"
    sentence = told(tandem(home, "sync", "--once", DATABASE_URL=url))
    assert "The database does not answer" in sentence
    assert "DATABASE_URL" in sentence
    assert "secret" not in sentence


def test_a_database_url_that_cannot_be_read_is_explained(home: Path) -> None:
    sentence = told(tandem(home, "sync", "--once", DATABASE_URL="oracle//nowhere"))
    assert "DATABASE_URL cannot be read" in sentence


def test_switching_on_somebody_who_is_not_connected_is_explained(home: Path) -> None:
    assert "not connected" in told(tandem(home, "switch", "on", "nobody@acme.example"))


def test_an_org_that_cannot_be_reached_is_explained(home: Path) -> None:
    result = tandem(
        home,
        "connect",
        "anna@acme.example",
        "http://127.0.0.1:1",
        "--client-id",
        "x",
        TANDEM_ALLOW_ORGBOX="1",
        TANDEM_CLIENT_SECRET="y",
    )
    assert "Salesforce could not be reached" in told(result)


def test_a_second_member_on_the_same_salesforce_user_is_refused_and_leaves_no_half_made_member(
    home: Path,
) -> None:
    with RunningOrg(Org(RealClock(), seed=5)) as running:
        app = running.app.state.oauth.app
        words = ("connect", "anna@acme.example", running.url, "--client-id", app.client_id)
        secrets = {"TANDEM_ALLOW_ORGBOX": "1", "TANDEM_CLIENT_SECRET": app.client_secret}
        assert tandem(home, *words, **secrets).returncode == 0
        sentence = told(tandem(home, words[0], "ben@acme.example", *words[2:], **secrets))
    assert "Another member of Tandem is connected as this very Salesforce user" in sentence
    assert "There is no member" in told(tandem(home, "sign-in-link", "ben@acme.example"))


def test_there_is_nothing_to_approve_or_retry_at_first(home: Path) -> None:
    assert "No deletions are held" in tandem(home, "approve-deletions").stdout
    assert "There is no member" in told(tandem(home, "retry", "anna@acme.example"))


def test_what_members_wrote_is_readable_by_their_own_account_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    tandem(home, "sync", "--once")
    assert home.stat().st_mode & 0o077 == 0


def test_a_round_without_any_connection_is_no_error(home: Path) -> None:
    result = tandem(home, "sync", "--once")
    assert result.returncode == 0, result.stderr


def test_the_demo_walks_its_tour_and_ends_in_step(tmp_path: Path) -> None:
    plain = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    result = subprocess.run(
        [sys.executable, "-m", "tandem", "demo", "--once"],
        env=plain,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Tandem and Salesforce are in step." in result.stdout
    assert "✗" not in result.stdout
    assert result.stdout.count("✓") == 10
    assert "\x1b" not in result.stdout, "plain lines when piped"
