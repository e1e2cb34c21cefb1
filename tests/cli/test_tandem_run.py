"""From an empty folder to a synced page with the commands of the README, as an operator would type them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from orgbox.clock import RealClock
from orgbox.org import Org
from orgbox.server import RunningOrg
from tests.postgresql import free_port
from tests.sync.desk import KEY_FIELD

PATIENCE = 60.0


def environment(home: Path, **more: str) -> dict[str, str]:
    plain = {
        key: value
        for key, value in os.environ.items()
        if key not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    return {**plain, "TANDEM_HOME": str(home), "TANDEM_ALLOW_ORGBOX": "1", **more}


def tandem(home: Path, *words: str, **more: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "tandem", *words],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@contextmanager
def serving(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`tandem run` until the block ends; it must stop by itself when asked."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tandem", "run", "--port", str(port)], env=environment(home)
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) is not None


def eventually(true: Callable[[], bool], what: str) -> None:
    """Wait for something that happens by itself; the limit only ends a test that has failed."""
    limit = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < limit, f"{what} did not happen"
        time.sleep(0.1)


def test_connect_look_switch_on_run_and_the_tasks_are_on_the_page_and_edits_travel(tmp_path: Path) -> None:
    org = Org(RealClock(), seed=5, task_fields=[KEY_FIELD])
    port = free_port()
    page = f"http://127.0.0.1:{port}"
    with RunningOrg(org, rotate_tokens=True) as running:
        app = running.app.state.oauth.app
        token = running.call(lambda: running.app.state.oauth.authorise(org.admin_id))
        running.call(
            lambda: org.insert(
                "Task", {"Subject": "From Salesforce", "ActivityDate": datetime.now(UTC).date()}
            )
        )
        said = tandem(
            tmp_path,
            *("connect", "anna@acme.example", running.url, "--client-id", app.client_id),
            TANDEM_CLIENT_SECRET=app.client_secret,
            TANDEM_REFRESH_TOKEN=token,
        )
        assert "is connected to Orgbox" in said
        assert "1 tasks to import" in tandem(tmp_path, "switch", "on", "anna@acme.example", "--preview")
        assert "Task sync is on" in tandem(tmp_path, "switch", "on", "anna@acme.example")
        with serving(tmp_path, port), httpx2.Client(follow_redirects=True) as browser:
            eventually(lambda: answers(page), "the page")
            browser.get(tandem(tmp_path, "sign-in-link", "anna@acme.example", "--address", page).strip())
            eventually(lambda: "From Salesforce" in browser.get(page).text, "the first import")
            typed = {
                "name": "From the page",
                "details": "",
                "priority": "normal",
                "status": "open",
                "due": "",
            }
            answer = browser.post(
                f"{page}/tasks/new",
                data={**typed, "csrfmiddlewaretoken": browser.cookies["csrftoken"]},
                headers={"referer": page},
            )
            assert answer.status_code == 200, answer.text
            eventually(
                lambda: any(
                    task["Subject"] == "From the page"
                    for task in running.call(lambda: list(org.scan("Task")))
                ),
                "the way to Salesforce",
            )


def answers(url: str) -> bool:
    try:
        return httpx2.get(url, follow_redirects=True).status_code == 200
    except httpx2.HTTPError:
        return False
