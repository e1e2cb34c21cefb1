"""Which custom fields does Salesforce not have as they should be, and what does it mean when it is told? Pure (CF-1 … CF-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tandem.sync.activity_settle import Making, Retry, failed_again, named_fields, retry_class, well_again
from tandem.sync.ports import Done, InDoubt, Outcome, Why


def owed_extra(making: Making, writable: Mapping[str, Any]) -> dict[str, Any]:
    """The custom fields that Salesforce does not have as they should be. writable: `wanted` as far as it fits (CF-1)."""
    return {
        name: value
        for name, value in writable.items()
        if making.extra.get(name) != value and name not in making.refused_fields
    }


def amended(making: Making, sent: Mapping[str, Any], outcome: Outcome, now: datetime) -> tuple[Making, bool]:
    """`making` after its custom fields were sent, and whether some are still owed.

    A Task that somebody deleted is let go. What is unclear is sent again: the same values do no harm.
    """
    if isinstance(outcome, Done):
        return well_again(replace(making, extra={**making.extra, **sent})), False
    if isinstance(outcome, InDoubt):
        return failed_again(making, outcome, now), True
    if outcome.why is Why.GONE:
        return making, False
    if outcome.why is Why.UNSENT or retry_class(outcome.code, outcome.why) in (Retry.BUDGET, Retry.PAUSE):
        return making, True
    named = named_fields(outcome)
    refused = sorted(name for name in named if name in sent)
    if refused:
        return replace(making, refused_fields=tuple(sorted({*making.refused_fields, *refused}))), True
    failed = failed_again(making, outcome, now)
    passing = retry_class(outcome.code, outcome.why) in (Retry.BACKOFF, Retry.SLOW, Retry.MAINTENANCE)
    return (failed, True) if passing else (replace(failed, not_before=None), False)
