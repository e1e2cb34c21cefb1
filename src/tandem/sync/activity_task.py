"""As what is an email or a call logged: the one Task, field by field? Pure.

Source: P7, AD-2 … AD-7, CF-1 … CF-3, CL-1, I15.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

from tandem.people.matching import Target
from tandem.sync.activity import KEY_PREFIX, Address, Happened, Kind, Logging, Shape
from tandem.sync.fields import DETAILS_LENGTH, NO_SUBJECT, SUBJECT_LENGTH, canonical_name, fill

CUT = "\n[…]"
_SAID_AS: Mapping[Kind, str] = {"email": "Email", "reply": "Reply", "call": "Call"}
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def key_of(happened_key: str, record: str) -> str:
    """The key of the one Task that logs this on that record: the same from whatever copy of the database (I15)."""
    digest = hashlib.sha256(f"{happened_key}\n{record}".encode()).hexdigest()
    return f"{KEY_PREFIX}{digest[:32]}"


def body(happened: Happened, target: Target, logging: Logging, shape: Shape, template: str) -> dict[str, Any]:
    """The Task as it is sent, by Salesforce's field names, without its key; the same at every attempt."""
    said_as = _SAID_AS[happened.kind]
    subtype = "Call" if happened.kind == "call" else "Email"
    made: dict[str, Any] = {
        "Subject": subject(happened, template),
        "Description": description(happened, headers_only=logging.headers_only),
        "Status": shape.closed_status,
        "ActivityDate": happened.at.astimezone(ZoneInfo(happened.zone)).date().isoformat(),
        "OwnerId": happened.owner,
    }
    if said_as in shape.types and not shape.type_default:
        made["Type"] = said_as
    if subtype in shape.subtypes:
        made["TaskSubtype"] = subtype
    if happened.kind == "call" and happened.seconds:
        made["CallDurationInSeconds"] = happened.seconds
    if target.who:
        made["WhoId"] = target.who
    if target.what:
        made["WhatId"] = target.what
    return {**made, **fitting(happened.extra, shape, "createable")}


def subject(happened: Happened, template: str) -> str:
    """Task.Subject: from the template, and for a reply without it (AD-7). Never empty."""
    own = canonical_name(_UNSTORABLE.sub("", happened.subject))
    if happened.kind == "reply":
        return canonical_name(f"Reply: {own or NO_SUBJECT}")[:SUBJECT_LENGTH]
    rendered = fill(
        template,
        {
            "activity_type": _SAID_AS[happened.kind],
            "activity_subject": own,
            "call_outcome": happened.outcome,
            "call_reason": happened.reason,
        },
    )
    return rendered or own or NO_SUBJECT


def description(happened: Happened, *, headers_only: bool) -> str:
    """Task.Description: who, to whom and when, then the text, cut with a mark at what Salesforce takes."""
    at = happened.at.astimezone(ZoneInfo(happened.zone))
    lines = [f"From: {happened.sender}"] if happened.sender else []
    lines += [f"To: {happened.to}"] if happened.to else []
    lines += [f"Date: {at:%Y-%m-%d %H:%M} {happened.zone}"]
    if happened.outcome:
        lines.append(f"Outcome: {happened.outcome}")
    if happened.reason:
        lines.append(f"Reason: {happened.reason}")
    head = "\n".join(lines)
    text = "" if headers_only else happened.text.strip()
    whole = (
        _UNSTORABLE.sub("", f"{head}\n\n{text}" if text else head).replace("\r\n", "\n").replace("\r", "\n")
    )
    return whole if len(whole) <= DETAILS_LENGTH else whole[: DETAILS_LENGTH - len(CUT)].rstrip() + CUT


def fitting(
    extra: Mapping[str, Any], shape: Shape, may: Literal["createable", "updateable"]
) -> dict[str, Any]:
    """The custom fields that this org has and lets us write, each cut to its length; "" and False go without saying."""
    fit: dict[str, Any] = {}
    for name, value in extra.items():
        there = shape.fields.get(name)
        if there is None or not getattr(there, may) or not value:
            continue
        fit[name] = value[: there.length] if isinstance(value, str) and there.length else value
    return fit


def without(shape: Shape, names: Collection[str]) -> Shape:
    """The shape as if these fields were not there: Salesforce refused them a moment ago (CF-3)."""
    return replace(
        shape,
        types=frozenset() if "Type" in names else shape.types,
        subtypes=frozenset() if "TaskSubtype" in names else shape.subtypes,
        fields={name: there for name, there in shape.fields.items() if name not in names},
    )


def lead_for(each: Address, owner: str) -> dict[str, Any]:
    """The lead of somebody nobody knows: the name as their mail gives it, the company by their domain."""
    local, _at, domain = each.address.partition("@")
    name = " ".join(_UNSTORABLE.sub("", each.name).split())
    first, _space, last = name.partition(" ")
    if not last:
        first, last = "", name or local
    made = {"LastName": last[:80], "Company": domain[:255], "Email": each.address, "OwnerId": owner}
    return {**made, "FirstName": first[:40]} if first else made


def appeared(before: Shape | None, now: Shape) -> Sequence[str]:
    """Custom fields that can be written now and could not before: what was logged gets them once (CF-2)."""
    if before is None:
        return ()
    could = {name for name, there in before.fields.items() if there.updateable}
    return sorted(name for name, there in now.fields.items() if there.updateable and name not in could)
