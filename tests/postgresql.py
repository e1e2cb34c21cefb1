"""Run a command beside a real PostgreSQL of its own: `python -m tests.postgresql pytest ...`

Makes a cluster in a temporary folder, listens on loopback only, sets DATABASE_URL for the command, and leaves nothing
behind. PostgreSQL refuses to run as root, so root lends it the account that Debian's package brought.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ACCOUNT = "postgres"
# The data live for one test run: nothing is gained by waiting for the disk.
SETTINGS = ("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200")


def folder_of_programs() -> Path:
    """Where initdb and postgres lie; SystemExit names the package to install."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise SystemExit("PostgreSQL is missing; install Debian's package postgresql.")
    return found[-1].parent


class Cluster:
    """A server and its data, in a folder that is there already and stays. log: where it complains, if anywhere."""

    def __init__(self, place: Path, log: IO[bytes] | None = None) -> None:
        self._place = place
        self._log = log or subprocess.DEVNULL
        self._programs = folder_of_programs()
        self._become: list[str] = []
        self._server: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        if os.geteuid() == 0:
            owner = pwd.getpwnam(ACCOUNT)
            os.chown(place, owner.pw_uid, owner.pw_gid)
            self._become = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--init-groups"]
        subprocess.run(
            [
                *self._become,
                self._programs / "initdb",
                "-D",
                place / "data",
                "-U",
                ACCOUNT,
                "-A",
                "trust",
                "--no-sync",
                "-E",
                "UTF8",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=place,
        )

    @property
    def url(self) -> str:
        """Where it answers, as DATABASE_URL says it."""
        return f"postgresql://{ACCOUNT}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Return when connections are accepted; SystemExit when it ended instead."""
        server = self._server = subprocess.Popen(
            [
                *self._become,
                self._programs / "postgres",
                "-D",
                self._place / "data",
                "-p",
                str(self.port),
                "-k",
                self._place,
                *SETTINGS,
            ],
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            cwd=self._place,
        )
        ready = [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode != 0:
            if server.poll() is not None:
                raise SystemExit("PostgreSQL did not start.")
            time.sleep(0.05)

    def stop(self) -> None:
        """End every connection, then itself; nothing when it has ended already."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait()


@contextmanager
def running() -> Iterator[str]:
    """A server's URL while the block lasts."""
    place = Path(tempfile.mkdtemp(prefix="tandem-postgresql-"))
    try:
        cluster = Cluster(place)
        try:
            cluster.start()
            yield cluster.url
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    with running() as url:
        ended = subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False)
    sys.exit(ended.returncode)
