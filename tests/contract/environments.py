"""Python clients that judge orgbox in environments of their own, at the versions of a folder's requirements.txt."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.contract.kept import KEPT, cannot

HERE = Path(__file__).parent


@cache
def programs(name: str) -> Path:
    """The folder of the programs of an environment; made once, then kept. Skips, or fails in CI, when it cannot be made."""
    required = HERE / name / "requirements.txt"
    home = KEPT / f"python-{name}"
    stamp = home / "installed.txt"
    if not stamp.is_file() or stamp.read_bytes() != required.read_bytes():
        stamp.unlink(missing_ok=True)
        _run([sys.executable, "-m", "venv", "--clear", str(home)])
        pip = [str(home / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", "--require-hashes"]
        _run([*pip, "-r", str(required)])
        stamp.write_bytes(required.read_bytes())
    return home / "bin"


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        cannot(f"{' '.join(command[:3])} ... failed: {done.stderr.strip()[-500:]}")
