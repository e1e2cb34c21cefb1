"""Where does a test find a disk that is really full? A file system of its own, some megabytes of memory, filled by a file."""

from __future__ import annotations

import errno
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

#: A migrated Tandem takes about a third of it; only what is written takes memory.
SIZE = "256m"


class SmallDisk:
    """place: a folder on it, which anybody may enter."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._filler = place / "filler"

    def fill(self) -> None:
        """Take every page that is left, also what somebody has given back since the last time."""
        with self._filler.open("ab", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(1 << 20))
            except OSError as refused:
                if refused.errno != errno.ENOSPC:
                    raise

    def make_room(self) -> None:
        """As an operator does."""
        self._filler.unlink()


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    """A disk while the block lasts; the test is skipped where nobody may mount one."""
    place = Path(tempfile.mkdtemp(prefix="tandem-small-disk-"))
    try:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tandem-small-disk", place]
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            pytest.skip(
                f"needs root that may mount a tmpfs (no container without CAP_SYS_ADMIN): {mounted.stderr.strip()}"
            )
        try:
            yield SmallDisk(place)
        finally:
            # Lazy: what a failed test left running there must not keep the disk from going.
            subprocess.run(["umount", "--lazy", place], check=True)
    finally:
        place.rmdir()
