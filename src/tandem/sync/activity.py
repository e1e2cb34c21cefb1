"""What does an email or a call become in Salesforce, and what do the rules say of it? Pure.

An Activity is decided once per address and logged once per record: `decide` says where, `body` says as what. How far a
Task has come is activity_settle's question. Source: P7, P9, EM-11 … EM-17, AD-2 … AD-7, RP-3, CF-1, CF-3, CL-1, I15.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from tandem.people.matching import Answer, Found, Rules, Target, judge, judge_chosen, targets
from tandem.sync.fields import DETAILS_LENGTH, NO_SUBJECT, SUBJECT_LENGTH, canonical_name, fill

#: Our keys on Tasks that log something; a Reminder's key is a UUID and never begins like this (TS-11).
KEY_PREFIX = "log-"
CUT = "\n[…]"

Kind = Literal["email", "reply", "call"]
_SAID_AS: Mapping[Kind, str] = {"email": "Email", "reply": "Reply", "call": "Call"}
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Logging:
    """What holds for one member: sync_settings.reading.Rules as far as logging goes."""

    emails: bool = False
    replies: bool = False
    calls: bool = False
    rules: Rules = field(default_factory=Rules)
    headers_only: bool = False
    #: P9: an admin insists on API and BCC together, and this member's emails go out by BCC.
    bcc_logs: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody whom a message is with. record: the 18-character id that a person named, "" when the address decides."""

    address: str
    name: str = ""
    record: str = ""

    @property
    def asked_as(self) -> str:
        """What Salesforce is asked for: the record, else the address."""
        return self.record or self.address


@dataclass(frozen=True, slots=True)
class Happened:
    """One email or call, as whoever logs it sees it.

    id: the Activity's. key: the Message-ID, or the call's own key. owner: the member's Salesforce user id.
    sender, to: as header lines show them. zone: the member's. extra: custom fields that are known (CF-1), by API name.
    answers: for a reply, the targets of the email it answers; None when that one was never logged.
    waits: the email it answers is not decided yet. why: the entries that stand already.
    """

    id: int
    kind: Kind
    key: str
    member: int
    owner: str
    addresses: tuple[Address, ...]
    subject: str
    at: datetime
    zone: str = "UTC"
    text: str = ""
    sender: str = ""
    to: str = ""
    seconds: int = 0
    outcome: str = ""
    reason: str = ""
    log: bool = True
    by_bcc: bool = False
    answers: tuple[Target, ...] | None = None
    waits: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    why: tuple[Mapping[str, Any], ...] = ()
    used: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field of Task in this org, as far as logging needs to know it. length 0: not a text."""

    length: int = 0
    createable: bool = True
    updateable: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """What Task looks like in this org. type_default: a value that Type gets by itself (EM-11).

    fields: the custom fields of CF-1 that are there.
    """

    types: frozenset[str] = frozenset()
    type_default: str = ""
    subtypes: frozenset[str] = frozenset()
    closed_status: str = "Completed"
    fields: Mapping[str, FieldShape] = field(default_factory=dict)


Verdict = Literal["open", "logged", "held", "left_out"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided. why: one entry per address, for people. held: addresses that wait for a person.

    leads: addresses for which a lead must be made first; count: records whose Tasks must be counted first;
    unknown: names that must be asked first. While there is any of these three, the verdict is open.
    """

    verdict: Verdict
    why: tuple[dict[str, Any], ...] = ()
    targets: tuple[Target, ...] = ()
    held: tuple[str, ...] = ()
    leads: tuple[Address, ...] = ()
    count: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def decide(
    happened: Happened,
    logging: Logging,
    found: Mapping[str, Found],
    *,
    ignored: Collection[str] = (),
    own: Collection[str] = (),
    not_made: Mapping[str, str] | None = None,
) -> Decision:
    """What becomes of it now. found: by address or record id. not_made: addresses whose lead Salesforce refused, and why.

    Addresses that were decided before stay decided; only what is new, or what a person has answered, is looked at.
    """
    off = _left_out(happened, logging)
    if off:
        return Decision("left_out", ({"said": "left-out", "rule": off},))
    if happened.waits:
        return Decision("open", happened.why)  # type: ignore[arg-type]  # JSON either way
    if happened.answers:
        entry = {
            "said": "log",
            "rule": "as the email it answers",
            "records": [_record(t) for t in happened.answers],
        }
        return Decision("logged", (entry,), happened.answers)
    kept, pending = _pending(happened)
    unknown = tuple(
        each.asked_as
        for each in pending
        if each.asked_as not in found and not _known_here(each, ignored, own)
    )
    if unknown:
        return Decision("open", kept, unknown=unknown)
    answers = [_answer(each, logging.rules, found, ignored, own) for each in pending]
    count = [record.id for answer in answers if answer.said == "count" for record in answer.records]
    if count:
        return Decision("open", kept, count=tuple(count))
    refused = not_made or {}
    leads = [
        each
        for each, answer in zip(pending, answers, strict=True)
        if answer.said == "lead" and each.address not in refused
    ]
    if leads:
        return Decision("open", kept, leads=tuple(leads))
    entries = [_entry(answer, refused) for answer in answers]
    made = tuple(targets(answers, logging.rules, happened.used))
    why = (*kept, *entries)
    held = tuple(str(entry["address"]) for entry in why if entry["said"] == "hold")
    logged = any(entry["said"] == "log" for entry in why)
    verdict: Verdict = "logged" if logged else "held" if held else "left_out"
    return Decision(verdict, why, made, held)


def _left_out(happened: Happened, logging: Logging) -> str:
    """The rule by which nothing of it is logged at all, "" when there is none."""
    if not happened.log:
        return "its writer said: do not log"
    switched_on = {"email": logging.emails, "reply": logging.replies, "call": logging.calls}
    if not switched_on[happened.kind]:
        return f"logging is off: {happened.kind}"
    if happened.by_bcc and logging.bcc_logs:
        return "sent by BCC, which logs it"
    return ""


def _pending(happened: Happened) -> tuple[tuple[dict[str, Any], ...], list[Address]]:
    """The entries that stand, and the addresses without one. What is held is looked at again."""
    kept = tuple(dict(entry) for entry in happened.why if entry.get("said") != "hold")
    done = {entry.get("address") for entry in kept}
    return kept, [each for each in happened.addresses if each.address not in done]


def _known_here(each: Address, ignored: Collection[str], own: Collection[str]) -> bool:
    """Whether it is decided without asking Salesforce."""
    return not each.record and judge(each.address, Found(), Rules(), ignored=ignored, own=own).said in (
        "own",
        "excluded",
    )


def _answer(
    each: Address,
    rules: Rules,
    found: Mapping[str, Found],
    ignored: Collection[str],
    own: Collection[str],
) -> Answer:
    if each.record:
        return judge_chosen(each.address, found[each.record])
    return judge(each.address, found.get(each.address, Found()), rules, ignored=ignored, own=own)


def _entry(answer: Answer, refused: Mapping[str, str]) -> dict[str, Any]:
    """One entry of Activity.why: {address, said, rule, records: [{id, name, kind}], text}."""
    records = [{"id": each.id, "name": each.name, "kind": each.kind} for each in answer.records]
    if answer.said == "lead":
        return {
            "address": answer.address,
            "said": "hold",
            "rule": "the lead was refused",
            "records": [],
            "text": refused[answer.address],
        }
    return {"address": answer.address, "said": answer.said, "rule": answer.rule, "records": records}


def _record(target: Target) -> dict[str, str]:
    return {"id": target.record, "name": target.name, "kind": ""}


# --- the Task ----------------------------------------------------------------------------------------------------------


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


def appeared(before: Shape | None, now: Shape) -> Sequence[str]:
    """Custom fields that can be written now and could not before: what was logged gets them once (CF-2)."""
    if before is None:
        return ()
    could = {name for name, there in before.fields.items() if there.updateable}
    return sorted(name for name, there in now.fields.items() if there.updateable and name not in could)
