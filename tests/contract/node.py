"""Packages from npm that judge orgbox, at the versions of the package-lock.json in a folder; installed once, then kept."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from tests.contract.kept import KEPT, cannot

HERE = Path(__file__).parent
LISTS = ("package.json", "package-lock.json")


@cache
def node_modules(folder: Path = HERE) -> Path:
    """Where the packages listed in a folder are. Skips, or fails in CI, when they cannot be had."""
    lists = {name: (folder / name).read_bytes() for name in LISTS}
    installed = KEPT / ("node" if folder == HERE else f"node-{folder.name}")
    if not _is_installed(installed, lists):
        npm = shutil.which("npm")
        if npm is None:
            cannot("node and npm are not installed (Debian: nodejs, npm)")
        installed.mkdir(parents=True, exist_ok=True)
        for name, content in lists.items():
            (installed / name).write_bytes(content)
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=installed,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            (installed / "package.json").unlink()
            cannot(
                f"npm could not install the packages of {folder.name}/package.json: {done.stderr.strip()[-500:]}"
            )
    return installed / "node_modules"


def run(script: str, given: str, *arguments: str) -> str:
    """What a script beside this file says of `given`."""
    environment = os.environ | {"NODE_PATH": str(node_modules())}
    done = subprocess.run(
        ["node", str(HERE / script), *arguments], input=given, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _is_installed(installed: Path, lists: dict[str, bytes]) -> bool:
    return (installed / "node_modules").is_dir() and all(
        (installed / name).is_file() and (installed / name).read_bytes() == content
        for name, content in lists.items()
    )
