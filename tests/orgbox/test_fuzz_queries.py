"""A fuzzer that watches which ways through the code a text takes finds none that falls over; see fuzz_queries.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.chance import seed
from tests.contract.kept import KEPT, cannot

ROOT = Path(__file__).parents[2]
REQUIRED = Path(__file__).parent / "fuzzer" / "requirements.txt"
TEXTS = int(os.environ.get("FUZZ_QUERIES", "4000"))


def fuzzer() -> Path:
    """Where Atheris is; fetched once, then kept. Skips, or fails in CI, when it cannot be had."""
    home = KEPT / "fuzzer"
    stamp = home / "installed.txt"
    if not stamp.is_file() or stamp.read_bytes() != REQUIRED.read_bytes():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--upgrade"]
        only = ["--no-deps", "--only-binary", ":all:", "--require-hashes"]
        command = [*pip, *only, "--target", str(home), "-r", str(REQUIRED)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            cannot(f"Atheris cannot be had: {done.stderr.strip()[-500:]}")
        stamp.write_bytes(REQUIRED.read_bytes())
    return home


def test_no_text_makes_the_query_languages_fall_over_or_think_for_ever() -> None:
    number = seed()
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT), str(fuzzer())])
    command = [sys.executable, "-m", "tests.orgbox.fuzz_queries", str(TEXTS), str(number)]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", env=os.environ | {"PYTHONPATH": paths}
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, f"SEED={number}\n{said[-6000:]}"
    tried = re.search(r"Done (\d+) runs", said)
    assert tried is not None, said[-2000:]
    assert int(tried[1]) >= TEXTS
