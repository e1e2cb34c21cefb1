"""Answers that real orgs gave, as CumulusCI's tests recorded them (BSD-3; github.com/SFDO-Tooling/CumulusCI)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.contract.kept import KEPT, cannot

_REQUIRED = Path(__file__).parent / "recordings" / "requirements.txt"


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; `path` is without host, version and query."""

    method: str
    path: str
    status: int
    body: Any


@cache
def folder() -> Path:
    """Where the recordings are; fetched once, then kept. Skips, or fails in CI, when they cannot be had."""
    home = KEPT / "recordings"
    stamp = home / "installed.txt"
    if not stamp.is_file() or stamp.read_bytes() != _REQUIRED.read_bytes():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--upgrade"]
        command = [*pip, "--no-deps", "--require-hashes", "--target", str(home), "-r", str(_REQUIRED)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            cannot(f"CumulusCI's recordings cannot be had: {done.stderr.strip()[-500:]}")
        stamp.write_bytes(_REQUIRED.read_bytes())
    return home / "cumulusci"


def described(sobject: str) -> dict[str, Any]:
    """What an org said of an sObject; `Global` for describe global."""
    kept = yaml.safe_load(
        (folder() / "tests/shared_cassettes" / f"GET_sobjects_{sobject}_describe.yaml").read_text()
    )
    body: dict[str, Any] = _body(kept["response"])
    return body


def exchanges() -> Iterator[Exchange]:
    """Every exchange that was recorded whole."""
    for file in sorted(folder().glob("**/cassettes/*.yaml")):
        for each in yaml.safe_load(file.read_text()).get("interactions", ()):
            if "request" in each:
                uri = re.sub(r"^https://[^/]+/+|\?.*", "", each["request"]["uri"])
                path = re.sub(r"/v?(xx|\d\d)\.0/", "/", uri)
                yield Exchange(
                    each["request"]["method"],
                    path,
                    each["response"]["status"]["code"],
                    _body(each["response"]),
                )


def _body(response: dict[str, Any]) -> Any:
    body = response["body"]
    if isinstance(body, dict) and "string" in body:
        body = body["string"]
    if isinstance(body, bytes):
        body = body.decode()
    try:
        return json.loads(body) if isinstance(body, str) else body
    except ValueError:
        return body
