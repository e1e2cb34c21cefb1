"""Do the benchmarks still name what exists? They are run by hand, so nobody would notice before the next time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_benchmark_finds_what_it_imports() -> None:
    modules = sorted(file.stem for file in (ROOT / "benchmarks").glob("[!_]*.py"))
    assert {"bench", "costs", "scale", "page"} <= set(modules)
    # A PostgreSQL that is not asked for anything: else the experiment of scale would start one of its own.
    named = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    code = "; ".join(f"import benchmarks.{module}" for module in modules)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **named},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
