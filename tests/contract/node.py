"""Packages from npm that judge orgbox, at the versions of package-lock.json beside this file; installed once, then kept."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INSTALLED = Path(__file__).parents[2] / "var" / "node"
LISTS = ("package.json", "package-lock.json")


@cache
def node_modules() -> Path:
    """Where the packages are. Skips, or fails in CI, when they cannot be had."""
    lists = {name: (HERE / name).read_bytes() for name in LISTS}
    if not _is_installed(lists):
        npm = shutil.which("npm")
        if npm is None:
            _cannot("node and npm are not installed (Debian: nodejs, npm)")
        INSTALLED.mkdir(parents=True, exist_ok=True)
        for name, content in lists.items():
            (INSTALLED / name).write_bytes(content)
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=INSTALLED,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            (INSTALLED / "package.json").unlink()
            _cannot(
                f"npm could not install the packages of tests/contract/package.json: {done.stderr.strip()[-500:]}"
            )
    return INSTALLED / "node_modules"


def run(script: str, given: str, *arguments: str) -> str:
    """What a script beside this file says of `given`."""
    environment = os.environ | {"NODE_PATH": str(node_modules())}
    done = subprocess.run(
        ["node", str(HERE / script), *arguments], input=given, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _is_installed(lists: dict[str, bytes]) -> bool:
    return (INSTALLED / "node_modules").is_dir() and all(
        (INSTALLED / name).is_file() and (INSTALLED / name).read_bytes() == content
        for name, content in lists.items()
    )


def _cannot(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
