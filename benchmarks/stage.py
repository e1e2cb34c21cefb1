"""Where do benchmarks take place? In a database of their own: SQLite in a temporary folder, or the one of DATABASE_URL.

Importing this sets Django up for it, so it comes before anything that has models.
"""

from __future__ import annotations

import atexit
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).parents[1]
HOME = Path(os.environ.get("BENCH_HOME") or tempfile.mkdtemp(prefix="tandem-bench-"))
RAW = ROOT / "docs" / "benchmarks"

if "BENCH_HOME" not in os.environ:  # a process that another one started works in that one's
    atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ |= {
    "BENCH_HOME": str(HOME),
    "TANDEM_HOME": str(HOME),
    "TANDEM_ALLOW_ORGBOX": "1",
    "DJANGO_SETTINGS_MODULE": "tandem.config.settings",
}
django.setup()

from tandem.config.migrating import migrate  # noqa: E402


def asked(**defaults: float) -> dict[str, float]:
    """NAME=value words of the command line and of the environment, beside their defaults."""
    given = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word)
    unknown = set(given) - set(defaults)
    if unknown:
        raise SystemExit(f"{', '.join(sorted(unknown))}: not known here. Known: {', '.join(defaults)}")
    return {name: float(given.get(name, os.environ.get(name, value))) for name, value in defaults.items()}


def make_tables() -> Path:
    """Bring the database up to date; returns Tandem's home."""
    migrate()
    return HOME


def machine() -> dict[str, Any]:
    """What the figures were taken on, and how busy it was."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        "",
    )
    memory = next((line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), "0")
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short", "HEAD"),
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory) / 1e6, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 1),
    }


def busy(found: dict[str, Any]) -> bool:
    """Whether others were computing at the same time: then counts are good and timings are not."""
    return float(found["load_before"]) > 0.5 * int(found["cores"] or 1)


def keep(name: str, result: dict[str, Any]) -> Path:
    """Store raw numbers beside the page that shows them."""
    RAW.mkdir(parents=True, exist_ok=True)
    file = RAW / f"{name}.json"
    file.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    return file


def _lines(file: str) -> list[str]:
    return Path(file).read_text().splitlines() if Path(file).exists() else []


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
