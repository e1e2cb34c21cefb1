"""The first minute: `tandem init`, or the setup code that `tandem run` prints, and nobody else gets in."""

from __future__ import annotations

import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tandem.config.machine_zone import machine_zone
from tests.cli.test_command_line import tandem, told
from tests.cli.test_tandem_run import answers, environment, eventually
from tests.postgresql import free_port

PASSWORD = "a sentence only Anna knows"
ANNA = ("--email", "Anna@acme.example", "--name", "Anna")


def test_init_makes_keys_database_and_the_first_admin_and_done_twice_changes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = tandem(home, "init", *ANNA, TANDEM_ADMIN_PASSWORD=PASSWORD)
    assert "Anna is the first admin" in first.stdout, first.stderr
    for secret in ("keys", "secret-key"):
        assert stat.S_IMODE((home / secret).stat().st_mode) == 0o600
    before = {secret: (home / secret).read_text() for secret in ("keys", "secret-key")}
    again = tandem(
        home, "init", "--email", "eve@acme.example", "--name", "Eve", TANDEM_ADMIN_PASSWORD=PASSWORD
    )
    assert "has its first admin already" in again.stdout
    assert {secret: (home / secret).read_text() for secret in before} == before
    assert "There is no member" in told(tandem(home, "sign-in-link", "eve@acme.example"))


def test_init_asks_for_what_is_left_out(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tandem", "init", "--name", "Anna"]
    typed = "anna@acme.example\n"
    asked = subprocess.run(
        command,
        env=environment(tmp_path, TANDEM_ADMIN_PASSWORD=PASSWORD),
        input=typed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.startswith("Email: ")
    assert "sign in as anna@acme.example" in asked.stdout


def test_init_asks_again_for_what_cannot_be_and_keeps_the_rest(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tandem", "init", "--name", "Anna"]
    asked = subprocess.run(
        command,
        env=environment(tmp_path, TANDEM_ADMIN_PASSWORD=PASSWORD, TZ="Europe/Amsterdam"),
        input="anna at acme\nanna@acme.example\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.count("Email: ") == 2
    assert "Nobody was made yet." in asked.stdout
    assert "Days begin and end as in Europe/Amsterdam" in asked.stdout


def test_the_machine_tells_its_time_zone_or_it_is_utc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    zone = tmp_path / "zoneinfo/Asia/Tokyo"
    zone.parent.mkdir(parents=True)
    zone.touch()
    (tmp_path / "localtime").symlink_to(zone)
    assert machine_zone(tmp_path / "localtime") == "Asia/Tokyo"
    assert machine_zone(tmp_path / "nothing") == "UTC"
    monkeypatch.setenv("TZ", ":America/Lima")
    assert machine_zone(tmp_path / "localtime") == "America/Lima"
    monkeypatch.setenv("TZ", "CET-1CEST")  # a rule, and no place
    assert machine_zone(tmp_path / "localtime") == "UTC"


def test_a_weak_password_is_explained_and_nobody_is_made(tmp_path: Path) -> None:
    sentence = told(tandem(tmp_path, "init", *ANNA, TANDEM_ADMIN_PASSWORD="short"))
    assert "too short" in sentence
    assert "Nobody was made" in sentence


def test_run_prints_a_setup_code_that_makes_the_first_admin_and_no_other(tmp_path: Path) -> None:
    port = free_port()
    page = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-u", "-m", "tandem", "web", "--port", str(port)]
    server = subprocess.Popen(command, env=environment(tmp_path), stdout=subprocess.PIPE, text=True)
    try:
        eventually(lambda: answers(page), "the page")
        assert server.stdout is not None
        said = "".join(server.stdout.readline() for _ in range(3))
        code = re.search(r"The setup code is ([A-Z2-7-]+);", said)
        assert code is not None, said
        with httpx2.Client(follow_redirects=True) as browser:
            typed = {
                "email": "anna@acme.example",
                "name": "Anna",
                "password": PASSWORD,
                "language": "en",
                "time_zone": "UTC",
            }
            assert "Setup code" in browser.get(page).text
            typed["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
            stranger = browser.post(f"{page}/first-run", data={**typed, "code": "AAAA-AAAA-AAAA"})
            assert "This is not the setup code" in stranger.text
            done = browser.post(f"{page}/first-run", data={**typed, "code": code[1]})
            assert done.url.path == "/settings/salesforce"
        with httpx2.Client(follow_redirects=True) as late:
            assert late.get(f"{page}/first-run?code={code[1]}").url.path == "/sign-in"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
