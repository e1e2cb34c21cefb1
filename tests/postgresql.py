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

ACCOUNT = "postgres"
# The data live for one test run: nothing is gained by waiting for the disk.
SETTINGS = ("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200")


def folder_of_programs() -> Path:
    """Where initdb and postgres lie; SystemExit names the package to install."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise SystemExit("PostgreSQL is missing; install Debian's package postgresql.")
    return found[-1].parent


@contextmanager
def running() -> Iterator[str]:
    """A server's URL while the block lasts."""
    programs, place = folder_of_programs(), Path(tempfile.mkdtemp(prefix="tandem-postgresql-"))
    as_root = os.geteuid() == 0
    become = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--init-groups"] if as_root else []
    if as_root:
        owner = pwd.getpwnam(ACCOUNT)
        os.chown(place, owner.pw_uid, owner.pw_gid)
    try:
        data = place / "data"
        subprocess.run(
            [
                *become,
                programs / "initdb",
                "-D",
                data,
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
        port = free_port()
        server = subprocess.Popen(
            [*become, programs / "postgres", "-D", data, "-p", str(port), "-k", place, *SETTINGS],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=place,
        )
        try:
            wait_until_it_answers(programs, port, server)
            yield f"postgresql://{ACCOUNT}@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(programs: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    """Return when connections are accepted; SystemExit when it ended instead."""
    ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, check=False).returncode != 0:
        if server.poll() is not None:
            raise SystemExit("PostgreSQL did not start.")
        time.sleep(0.05)


if __name__ == "__main__":
    with running() as url:
        ended = subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False)
    sys.exit(ended.returncode)
