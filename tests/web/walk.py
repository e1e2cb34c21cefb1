"""The newcomer's walk: from an empty folder to the first sync, as the README shows it, in real Chromium against orgbox.

    python -m tests.web.walk            walks, and draws the README's pictures anew in docs/pictures
    python -m tests.web.walk FOLDER     draws them elsewhere

Every step is what a person would do: the commands in a shell, the rest with mouse and keyboard.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from playwright.sync_api import Page, expect, sync_playwright

from orgbox.clock import RealClock
from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.server import RunningOrg
from tandem.demo.lifelike import Rep, build
from tests.conftest import CHROMIUM
from tests.postgresql import free_port

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PASSWORD = "a sentence only Anna knows"
PATIENCE = 60.0
WINDOW = {"width": 1024, "height": 640}
#: For the picture at the head of the README.
LARGE = {"width": 1280, "height": 800}


class Walk:
    """One newcomer, and the seconds that have gone by since the first command."""

    def __init__(self, page: Page, address: str, pictures: Path | None) -> None:
        self.page = page
        self.address = address
        self.begun = time.monotonic()
        self.steps: list[tuple[str, float]] = []
        self._pictures = pictures

    def reached(self, step: str, picture: str = "") -> None:
        """Note the time, and take the picture."""
        self.steps.append((step, time.monotonic() - self.begun))
        if picture:
            self.picture(picture)

    def picture(self, picture: str) -> None:
        """What the newcomer sees now."""
        if self._pictures:
            self.page.screenshot(path=self._pictures / f"{picture}.png")


def walk(home: Path, pictures: Path | None = None) -> list[tuple[str, float]]:
    """The steps, each with the seconds from the first command to its end. Raises where a step does not work."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    cast = build(RealClock())
    with (
        RunningOrg(cast.org, callbacks=[f"{address}/settings/salesforce/callback"]) as running,
        _browser() as page,
    ):
        newcomer = Walk(page, address, pictures)
        _tandem(
            home, "init", "--email", "anna@acme.example", "--name", "Anna", "--time-zone", "Europe/Amsterdam"
        )
        newcomer.reached("tandem init")
        with _serving(home, port):
            _until_it_answers(address)
            newcomer.reached("tandem run")
            _sign_in(newcomer)
            _name_the_app(newcomer, running)
            _connect(newcomer, cast.reps[0])
            _save(newcomer)
            _see_the_tasks(newcomer)
    return newcomer.steps


def _sign_in(newcomer: Walk) -> None:
    page = newcomer.page
    page.goto(newcomer.address)
    page.get_by_label("Email").fill("anna@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    newcomer.reached("the sign-in page", "1-sign-in")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Settings menu")).to_be_visible()


def _name_the_app(newcomer: Walk, running: RunningOrg) -> None:
    page, app = newcomer.page, running.app.state.oauth.app
    page.get_by_role("button", name="Settings menu").click()
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_label("Members sign in at").select_option("my-domain")
    page.get_by_label("My Domain", exact=True).fill(running.url)
    page.get_by_label("Consumer key").fill(app.client_id)
    page.get_by_label("Consumer secret").fill(app.client_secret)
    page.evaluate("scrollTo(0, 0)")
    newcomer.reached("the Salesforce app", "2-salesforce-app")
    page.get_by_role("button", name="Save").click()


def _connect(newcomer: Walk, rep: Rep) -> None:
    page = newcomer.page
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_label("Username").fill(rep.email)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Log In").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text(f"Connected to Salesforce as {rep.email}")).to_be_visible()
    newcomer.reached("connected", "3-connected")


def _save(newcomer: Walk) -> None:
    page = newcomer.page
    page.get_by_role("link", name="Sync Settings").click()
    card = page.locator("#card-tasks")
    card.locator("> summary").click()
    expect(card).to_contain_text("to import", timeout=PATIENCE * 1000)
    page.evaluate("scrollTo(0, 0)")
    newcomer.reached("what would happen", "4-sync-settings")
    card.get_by_role("button", name="Save").click()
    expect(card.locator("#tasks-result")).to_contain_text("read", timeout=PATIENCE * 1000)
    newcomer.reached("the first import")


def _see_the_tasks(newcomer: Walk) -> None:
    page = newcomer.page
    page.get_by_role("link", name="Command Center").click()
    expect(page.locator("#today .task").first).to_contain_text("In Salesforce")
    newcomer.reached("tasks in the Command Center", "5-command-center")
    page.set_viewport_size(LARGE)  # type: ignore[arg-type]
    newcomer.picture("command-center")


@contextmanager
def _browser() -> Iterator[Page]:
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=quiet)
        yield browser.new_page(viewport=WINDOW, locale="en", timezone_id="Europe/Amsterdam")  # type: ignore[arg-type]
        browser.close()


def _environment(home: Path) -> dict[str, str]:
    ours = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("TANDEM_")
    }
    return {**kept, "TANDEM_HOME": str(home), "TANDEM_ALLOW_ORGBOX": "1", "TANDEM_ADMIN_PASSWORD": PASSWORD}


def _tandem(home: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "tandem", *words], env=_environment(home), check=True)


@contextmanager
def _serving(home: Path, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "tandem", "run", "--port", str(port)]
    server = subprocess.Popen(command, env=_environment(home))
    try:
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def _until_it_answers(address: str) -> None:
    """The limit only ends a walk that has failed."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        try:
            if httpx2.get(address, follow_redirects=True).status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} did not answer")


def told(steps: list[tuple[str, float]]) -> str:
    """One line a step."""
    return "\n".join(f"{seconds:6.1f} s  {re.sub('^the ', '', step)}" for step, seconds in steps)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        print(told(walk(Path(home), folder)))
