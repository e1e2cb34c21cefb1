"""What people type, and what they are told when it cannot work: a sentence, exit code 1, nothing lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


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
    tmp_path: Path, url: str, says: str
) -> None:
    result = tandem(tmp_path, "connect", "anna@acme.example", url, "--client-id", "x")
    sentence = told(result)
    assert says in sentence
    assert "Nothing was sent" in sentence
    assert "secret" not in sentence.replace("user name or password", "")
    again = tandem(tmp_path, "sign-in-link", "anna@acme.example")
    assert "There is no member" in told(again)


def test_a_database_that_does_not_answer_is_explained(tmp_path: Path) -> None:
    url = "postgresql://tandem:secret@127.0.0.1:1/tandem"
    sentence = told(tandem(tmp_path, "sync", "--once", DATABASE_URL=url))
    assert "The database does not answer" in sentence
    assert "DATABASE_URL" in sentence
    assert "secret" not in sentence


def test_a_database_url_that_cannot_be_read_is_explained(tmp_path: Path) -> None:
    sentence = told(tandem(tmp_path, "sync", "--once", DATABASE_URL="oracle//nowhere"))
    assert "DATABASE_URL cannot be read" in sentence


def test_switching_on_somebody_who_is_not_connected_is_explained(tmp_path: Path) -> None:
    assert "not connected" in told(tandem(tmp_path, "switch", "on", "nobody@acme.example"))


def test_an_org_that_cannot_be_reached_is_explained(tmp_path: Path) -> None:
    result = tandem(
        tmp_path,
        "connect",
        "anna@acme.example",
        "http://127.0.0.1:1",
        "--client-id",
        "x",
        TANDEM_ALLOW_ORGBOX="1",
        TANDEM_CLIENT_SECRET="y",
    )
    assert "Salesforce could not be reached" in told(result)


def test_a_round_without_any_connection_is_no_error(tmp_path: Path) -> None:
    result = tandem(tmp_path, "sync", "--once")
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
