"""`tandem demo` from start to end: an org, three members, the tour, then the page until Ctrl-C."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from orgbox.clock import RealClock
from orgbox.server import RunningOrg
from tandem.demo.lifelike import build
from tandem.demo.screen import Screen

HOME = Path("var/demo")
# How often the demo looks for changes made in the org while the page is open.
LOOK_EVERY = 3.0


def run_demo(*, once: bool, port: int) -> int:
    """The exit code: 0 when the tour ended in step."""
    screen = Screen()
    _fresh_home()
    cast = build(RealClock())
    with RunningOrg(cast.org, rotate_tokens=True) as running:
        _django()
        from tandem.demo.tour import Tour  # needs the apps

        tour = Tour(running, cast.reps, screen)
        tour.open()
        good = tour.walk()
        if once or not good:
            return 0 if good else 1
        _stay(tour, port, screen)
    return 0


def _fresh_home() -> None:
    """A demo begins anew every time, in a folder of its own, and never touches real data."""
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    os.environ["TANDEM_HOME"] = str(HOME)
    os.environ["TANDEM_ALLOW_ORGBOX"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tandem.config.settings"
    for real in ("DATABASE_URL", "TANDEM_ENCRYPTION_KEYS", "TANDEM_SECRET_KEY", "TANDEM_HTTPS"):
        os.environ.pop(real, None)


def _django() -> None:
    import django

    django.setup()
    from tandem.config.migrating import migrate

    migrate()


def _stay(tour: object, port: int, screen: Screen) -> None:
    """Serve the page in a process of its own and keep the org in step until Ctrl-C."""
    from tandem.config import wiring
    from tandem.demo.tour import Tour

    assert isinstance(tour, Tour)  # noqa: S101  imported late, so that settings come first
    if not _free(port):
        screen.line(
            f"Port {port} is taken; the page is not served. Name another: make demo ARGS='--port 8080'"
        )
        return
    rounds = wiring.rounds()
    page = subprocess.Popen([sys.executable, "-m", "tandem", "web", "--port", str(port)])  # noqa: S603
    rounds.start()
    try:
        screen.title("The Command Center is open")
        for name, token in tour.sign_in_links():
            screen.line(f"  {name:8} http://127.0.0.1:{port}/sign-in/{token}")
        screen.line(
            f"  The org: {tour.url} · edit a task there or here; it arrives in seconds. Ctrl-C ends the demo."
        )
        while page.poll() is None:
            time.sleep(LOOK_EVERY)
            tour.look()
    except KeyboardInterrupt:
        screen.line("The demo has ended.")
    finally:
        rounds.stop()
        page.terminate()
        page.wait()


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
