"""Where do benchmarks take place? A database of their own, an org in a box, and members who are connected to it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RAW = ROOT / "docs" / "benchmarks"


def asked(**defaults: float) -> dict[str, float]:
    """NAME=value words of the command line and of the environment, beside their defaults."""
    given = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word)
    unknown = set(given) - set(defaults)
    if unknown:
        raise SystemExit(f"{', '.join(sorted(unknown))}: not known here. Known: {', '.join(defaults)}")
    return {name: float(given.get(name, os.environ.get(name, value))) for name, value in defaults.items()}


@contextmanager
def database() -> Iterator[Path]:
    """A fresh database: SQLite in a temporary folder, or the one that DATABASE_URL names. Yields Tandem's home."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        os.environ["TANDEM_HOME"] = folder
        os.environ["TANDEM_ALLOW_ORGBOX"] = "1"
        os.environ["DJANGO_SETTINGS_MODULE"] = "tandem.config.settings"
        import django

        django.setup()
        from tandem.config.migrating import migrate

        migrate()
        yield Path(folder)


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
