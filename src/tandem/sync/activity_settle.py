"""What a create's outcome means for the record it was to make, and when to try again: pure.

A record that logs something, or a lead that had to be made for it, is made once and never answered again (I15). So its
whole life is one create: on disk before the call, looked for before it is sent again, adopted where it is found, in the
recycle bin too. Retry classes: A.11.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Literal

from tandem.sync.ports import Done, InDoubt, Outcome, Refused, Why
from tandem.sync.settle import DOUBT, LONGEST_BACK_OFF

LONGEST_MAINTENANCE = timedelta(hours=1)
SLOW = timedelta(minutes=15)
#: Tries, five minutes apart after the first ones: who has waited for a day wants to be told.
MOST_FAILURES = 300
_LOOKS = 5
_NAMED_COLUMN = re.compile(r"[Nn]o such column '(\w+)'")
_LEAD_PREFIX = "00Q"
#: What may be left out of a Task that logs something: it tells more, and is not what happened (CF-3).
_KEEP = frozenset({"Subject", "Status", "ActivityDate", "OwnerId", "WhoId", "WhatId"})


class Retry(Enum):
    """What becomes of a record that Salesforce refused (A.11)."""

    PARK = "park"  # a person must act
    BACKOFF = "backoff"  # passing: soon, then later and later
    MAINTENANCE = "maintenance"  # passing, but not soon
    SLOW = "slow"  # an approval process: now and then
    BUDGET = "budget"  # no calls left: the whole org waits
    PAUSE = "pause"  # the sign-in: its member waits
    DROP_FIELD = "drop field"  # send it without the field, and say so once
    DISABLE = "disable"  # this kind of record is not ours to use: warn, and park what needs it
    FOLLOW = "follow"  # the lead has become a contact: log there
    ANEW = "anew"  # the record is gone: ask anew whom the address stands for
    ONCE = "once"  # one more try, then a person must act


_BY_CODE: Mapping[str, Retry] = {
    "FAILED_WRITE": Retry.BACKOFF,
    "INVALID_FIELD": Retry.BACKOFF,
    "QUERY_TIMEOUT": Retry.BACKOFF,
    "SERVER_UNAVAILABLE": Retry.BACKOFF,
    "UNABLE_TO_LOCK_ROW": Retry.BACKOFF,
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": Retry.MAINTENANCE,
    "ENTITY_IS_LOCKED": Retry.SLOW,
    "INVALID_FIELD_FOR_INSERT_UPDATE": Retry.DROP_FIELD,
    "INVALID_TYPE": Retry.DISABLE,
    "CANNOT_UPDATE_CONVERTED_LEAD": Retry.FOLLOW,
    "ENTITY_IS_DELETED": Retry.ANEW,
    "INVALID_CROSS_REFERENCE_KEY": Retry.ANEW,
    "UNKNOWN_EXCEPTION": Retry.ONCE,
    "API_CURRENTLY_DISABLED": Retry.PARK,
}
_BY_WHY: Mapping[Why, Retry] = {
    Why.LIMIT: Retry.BUDGET,
    Why.SIGN_IN: Retry.PAUSE,
    Why.BUSY: Retry.BACKOFF,
    Why.UNSENT: Retry.BACKOFF,
}


def retry_class(code: str, why: Why = Why.RULE) -> Retry:
    """The class of a code; one that nobody knows is judged by its kind, and parked when a person must act."""
    if why in (Why.LIMIT, Why.SIGN_IN):
        return _BY_WHY[why]
    return _BY_CODE.get(code) or _BY_WHY.get(why, Retry.PARK)


@dataclass(frozen=True, slots=True)
class Making:
    """One record to make in Salesforce, and how far it is: sync.models.ActivityLink or NewRecord without their words.

    of: the Activity it is for (0: none alone). member, since: whose it is, and since when it was to be logged. body: by Salesforce's field names, without the key. refused_fields: what
    was left out of it because Salesforce would not take it. wanted, extra: the custom fields as they should be, and as
    Salesforce last acknowledged them. opener … doubt_until: as in pair.Intent.
    """

    id: int
    of: int
    key: str
    record: str
    body: Mapping[str, Any]
    member: int | None = None
    since: datetime | None = None
    sf_id: str | None = None
    closed: Literal["logged", "left_out"] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    wanted: Mapping[str, Any] = field(default_factory=dict)
    refused_fields: tuple[str, ...] = ()
    opener: str = ""
    attempts: int = 0
    in_flight: bool = False
    doubt_until: datetime | None = None
    not_before: datetime | None = None
    failures: int = 0
    parked: bool = False
    error_code: str = ""
    error_text: str = ""
    error_first_at: datetime | None = None
    error_last_at: datetime | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether an attempt may have made it, or still may: look before sending it again."""
        return self.sf_id is None and (self.in_flight or self.doubt_until is not None)

    @property
    def lead(self) -> str:
        """The lead it is to be logged on, "" when it is none."""
        who = str(self.body.get("WhoId") or "")
        return who if who.startswith(_LEAD_PREFIX) else ""


def opened(making: Making, lease: str) -> Making:
    """The record as it must be on disk before the call (I12)."""
    return replace(making, opener=lease, attempts=making.attempts + 1, in_flight=True)


def taken_over(making: Making, lease: str, now: datetime) -> Making:
    """An attempt without a recorded answer, in the hands of a new round: it may have been sent a moment ago."""
    until = now + DOUBT if making.in_flight else making.doubt_until
    return replace(making, opener=lease, in_flight=False, doubt_until=until)


def found(making: Making, sf_id: str) -> Making:
    """It is there, alive or in the recycle bin: made, whoever deleted it since (I15)."""
    return replace(well_again(making), sf_id=sf_id, closed="logged", extra=acknowledged(making, making.body))


def missing(making: Making, now: datetime, *, unique: bool) -> Making | None:
    """What becomes of one in doubt that Salesforce does not know. None: send it again now.

    unique: Salesforce itself refuses a twin. Without that it waits until no earlier attempt can land any more (mode B).
    """
    if retry_class(making.error_code) is Retry.ONCE and making.failures > 1:
        return replace(making, parked=True, not_before=None)
    if making.error_code == "DUPLICATE_VALUE" and making.failures > _LOOKS:
        return replace(making, parked=True, not_before=None)
    if not unique and making.doubt_until is not None and now < making.doubt_until:
        return replace(making, not_before=making.doubt_until)
    return None


def settle(making: Making, outcome: Outcome, now: datetime) -> Making:
    """`making` after an attempt had `outcome`."""
    if isinstance(outcome, Done):
        return found(making, outcome.id)
    if isinstance(outcome, InDoubt):
        failed = failed_again(making, outcome, now)
        return replace(failed, in_flight=False, doubt_until=now + DOUBT)
    certain = making.doubt_until is None or now >= making.doubt_until
    settled = replace(making, in_flight=False, doubt_until=None if certain else making.doubt_until)
    retry = retry_class(outcome.code, outcome.why)
    if outcome.why is Why.UNSENT or retry in (Retry.BUDGET, Retry.PAUSE):
        return replace(
            settled, attempts=making.attempts - 1, not_before=None
        )  # nothing is wrong with this one
    if outcome.why is Why.DUPLICATE:
        # Our key is there: look, and adopt.
        return replace(failed_again(settled, outcome, now), doubt_until=making.doubt_until or now)
    if not certain:
        # It may yet have landed; when its time is over somebody looks, and then a refusal is one.
        return replace(failed_again(settled, outcome, now), not_before=making.doubt_until)
    return _refused(settled, outcome, retry, now)


def _refused(making: Making, outcome: Refused, retry: Retry, now: datetime) -> Making:
    blamed = blamed_fields(making, outcome)
    if blamed:
        left = {name: value for name, value in making.body.items() if name not in blamed}
        return replace(
            failed_again(making, outcome, now),
            body=left,
            refused_fields=tuple(sorted({*making.refused_fields, *blamed})),
            not_before=None,
            failures=making.failures,
        )
    failed = failed_again(making, outcome, now)
    if retry is Retry.FOLLOW and making.lead:
        return replace(failed, not_before=None) if making.failures < _LOOKS else _parked(failed)
    if retry is Retry.ANEW and making.of:
        return replace(failed, closed="left_out", not_before=None)
    if retry in (Retry.BACKOFF, Retry.MAINTENANCE, Retry.SLOW) and failed.failures >= MOST_FAILURES:
        return _parked(failed)
    if retry is Retry.BACKOFF or (retry is Retry.ONCE and not making.failures):
        return failed
    if retry is Retry.MAINTENANCE:
        wait = min(timedelta(minutes=2 ** min(making.failures, 10)), LONGEST_MAINTENANCE)
        return replace(failed, not_before=now + wait)
    if retry is Retry.SLOW:
        return replace(failed, not_before=now + SLOW)
    return _parked(failed)


def named_fields(outcome: Refused) -> set[str]:
    """The fields that a refusal names, in its list or in its words."""
    return set(outcome.fields) | set(_NAMED_COLUMN.findall(outcome.text))


def blamed_fields(making: Making, outcome: Refused) -> tuple[str, ...]:
    """The fields that Salesforce would not take and that it can be logged without (CF-3)."""
    if outcome.code not in ("INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_FIELD"):
        return ()
    named = named_fields(outcome)
    return tuple(sorted(name for name in named if name in making.body and name not in _KEEP))


def followed(making: Making, contact: str) -> Making:
    """The same log entry on the contact that its lead has become; "" when nobody can say which that is."""
    if not contact:
        return _parked(making)
    return replace(making, body={**making.body, "WhoId": contact}, not_before=None)


def to_follow(making: Making) -> bool:
    """Whether its lead was converted since it was matched, so that the contact must be asked for first."""
    return retry_class(making.error_code) is Retry.FOLLOW and bool(making.lead) and not making.in_doubt


def to_match_anew(making: Making) -> bool:
    """Whether Salesforce says that the record, or what it belongs to, is gone since it was matched."""
    return making.closed == "left_out" and retry_class(making.error_code) is Retry.ANEW


def acknowledged(making: Making, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The custom fields among what was sent."""
    return {name: value for name, value in sent.items() if name in making.wanted}


def failed_again(making: Making, outcome: InDoubt | Refused, now: datetime) -> Making:
    """One more failure, what it was, and when to come again."""
    failures = making.failures + 1
    wait = min(timedelta(seconds=2 ** min(failures, 10)), LONGEST_BACK_OFF)
    other = making.error_code not in ("", outcome.code)  # "": a person has it tried again
    return replace(
        making,
        failures=failures,
        not_before=now + spread(wait, now),
        error_code=outcome.code,
        error_text=outcome.text,
        error_first_at=now if other or making.error_first_at is None else making.error_first_at,
        error_last_at=now,
    )


def spread(wait: timedelta, now: datetime) -> timedelta:
    """`wait`, or up to a quarter less: two Tandems that an outage stopped do not come back together, but the rows of one
    call do, because they share the next one as well. Pure: the moment decides.
    """
    return wait * (1 - zlib.crc32(now.isoformat().encode()) / 2**34)


def _parked(making: Making) -> Making:
    return replace(making, parked=True, not_before=None)


def well_again(making: Making) -> Making:
    """Nothing stands against it any more."""
    return replace(
        making,
        in_flight=False,
        doubt_until=None,
        not_before=None,
        failures=0,
        parked=False,
        error_code="",
        error_text="",
        error_first_at=None,
        error_last_at=None,
    )
