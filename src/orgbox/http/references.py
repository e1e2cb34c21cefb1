"""How does one sub-request use what an earlier one answered? `@{reference.path}` in URLs and bodies (docs/salesforce.md §2.8)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from orgbox.errors import OrgError
from orgbox.http.call import Answer

_REFERENCE = re.compile(r"@\{([0-9A-Za-z_]+)((?:\.[0-9A-Za-z_]+|\[\d+\])*)\}")
_STEP = re.compile(r"\.([0-9A-Za-z_]+)|\[(\d+)\]")


def filled(given: Any, answers: Mapping[str, Answer], *, in_url: bool = False) -> Any:
    """The same body or URL with its references replaced."""
    if isinstance(given, dict):
        return {name: filled(value, answers) for name, value in given.items()}
    if isinstance(given, list):
        return [filled(value, answers) for value in given]
    if not isinstance(given, str) or "@{" not in given:
        return given
    if (whole := _REFERENCE.fullmatch(given)) and not in_url:
        return _looked_up(whole, answers)

    def spelt(found: re.Match[str]) -> str:
        value = _looked_up(found, answers)
        text = value if isinstance(value, str) else json.dumps(value)
        return quote(text, safe="", errors="replace") if in_url else text

    return _REFERENCE.sub(spelt, given)


def _looked_up(found: re.Match[str], answers: Mapping[str, Answer]) -> Any:
    reference = found[1]
    answer = answers.get(reference)
    value = None if answer is None or answer.status >= 300 else answer.body
    try:
        for name, index in _STEP.findall(found[2]):
            value = value[name] if name else value[int(index)]  # type: ignore[index]
    except (KeyError, IndexError, TypeError, ValueError):  # an index of 5,000 digits is a ValueError
        value = None
    if value is None:
        raise OrgError(
            "PROCESSING_HALTED",
            f"Invalid reference specified. No value for {found[0][2:-1]} found in {reference}",
        )
    return value
