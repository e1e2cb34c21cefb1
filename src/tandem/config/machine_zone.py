"""In which time zone does this machine stand? A first guess for whoever sets Tandem up on it; the profile corrects it."""

from __future__ import annotations

import os
import zoneinfo
from pathlib import Path

LOCAL = Path("/etc/localtime")


def machine_zone(local: Path = LOCAL) -> str:
    """An IANA name, such as Europe/Amsterdam; "UTC" where the machine does not tell."""
    named = os.environ.get("TZ", "").removeprefix(":") or str(local.resolve()).rpartition("/zoneinfo/")[2]
    return (
        named if "/" in named and named in zoneinfo.available_timezones() and named[:4] != "Etc/" else "UTC"
    )
