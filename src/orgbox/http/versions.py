"""Which API versions does the org answer to? v31.0 (Summer '14) to v68.0 (Winter '27), on the same paths."""

from __future__ import annotations

import re

from orgbox.errors import OrgError

OLDEST, NEWEST = 31, 68
_SEASONS = ("Summer", "Winter", "Spring")
_RETIRED_OR_FUTURE = re.compile(r"v(\d{1,3})\.0")


def versions() -> list[dict[str, str]]:
    """[{label, url, version}], oldest first: what GET /services/data answers without a session."""
    return [
        {"label": label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST, NEWEST + 1)
    ]


def label(number: int) -> str:
    """The release a version came with: three a year, and the year changes with Winter."""
    since = number - OLDEST
    return f"{_SEASONS[since % 3]} '{14 + (since + 2) // 3:02d}"


def check(segment: str) -> str:
    """The version of a path segment such as v67.0. Raises OrgError GONE for retired ones, else NOT_FOUND."""
    shape = _RETIRED_OR_FUTURE.fullmatch(segment)
    if shape is not None and OLDEST <= int(shape[1]) <= NEWEST:
        return segment
    if shape is not None and int(shape[1]) < OLDEST:
        raise OrgError("GONE", f"The requested API version {segment} is retired.")
    raise OrgError("NOT_FOUND", "The requested resource does not exist")


def resources(prefix: str) -> dict[str, str]:
    """What GET /services/data/vXX.X answers: resource name to URL."""
    names = (
        "composite",
        "jobs",
        "limits",
        "parameterizedSearch",
        "query",
        "queryAll",
        "recent",
        "search",
        "sobjects",
    )
    return {name: f"{prefix}/{name}" for name in names}
