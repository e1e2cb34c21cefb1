"""What do the rules say of an email or a call: logged on which records, held, or left out? Pure.

An Activity is decided once per address and logged once per record. As what it is logged, is activity_task's question;
how far a Task has come, activity_settle's. Source: P7, P9, EM-3 … EM-10, RP-3.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tandem.people.matching import Answer, Found, Rules, Target, judge, judge_chosen, targets

#: Our keys on Tasks that log something; a Reminder's key is a UUID and never begins like this (TS-11).
KEY_PREFIX = "log-"

#: The rule by which it is left out, whatever happens to it later (sync.beginning).
BEFORE = "it happened before logging was on"

Kind = Literal["email", "reply", "call"]


@dataclass(frozen=True, slots=True)
class Logging:
    """What holds for one member: sync_settings.reading.Rules as far as logging goes."""

    emails: bool = False
    replies: bool = False
    calls: bool = False
    rules: Rules = field(default_factory=Rules)
    headers_only: bool = False


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
    by_bcc: a copy of this very email goes to Salesforce by BCC, or went.
    answers: for a reply, the targets of the email it answers; None when that one was never logged.
    prospects: the addresses for which that email was logged: of them nobody asks again who they are.
    waits: the email it answers is not decided yet. why: the entries that stand already. used, gone: records that it is
    logged on already; and that Salesforce said are gone, when it was to be logged there.
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
    prospects: frozenset[str] = frozenset()
    waits: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    why: tuple[Mapping[str, Any], ...] = ()
    used: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


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
    kept, pending = _pending(happened)
    there = tuple(target for target in happened.answers or () if target.record not in happened.gone)
    asked_for = _strangers(happened) if there else pending
    unknown = tuple(
        each.asked_as
        for each in asked_for
        if each.asked_as not in found and not _known_here(each, ignored, own)
    )
    if unknown:
        return Decision("open", kept, unknown=unknown)
    if there and not _kept_out(happened, found, ignored, own):
        records = [_record(target) for target in there]
        return Decision(
            "logged", ({"said": "log", "rule": "as the email it answers", "records": records},), there
        )
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
    if happened.by_bcc:  # P9, by the Message-ID: its copy went to Salesforce, or will
        return "sent by BCC, which logs it"
    return ""


def _strangers(happened: Happened) -> list[Address]:
    """Whoever answers and may be a colleague: all but those for whom the email was logged, or a record was named."""
    return [each for each in happened.addresses if not each.record and each.address not in happened.prospects]


def _kept_out(
    happened: Happened, found: Mapping[str, Found], ignored: Collection[str], own: Collection[str]
) -> bool:
    """Whether an answer is from people of whom nothing is logged: then it is not logged beside its email either."""
    strangers = _strangers(happened)
    return all(
        _known_here(each, ignored, own) or (each in strangers and found[each.address].colleague)
        for each in happened.addresses
    )


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
    entry = {"address": answer.address, "said": answer.said, "rule": answer.rule, "records": records}
    if answer.said in ("lead", "hold") and answer.address in refused:
        return {
            **entry,
            "said": "hold",
            "rule": "the new record was refused",
            "text": refused[answer.address],
        }
    return entry


def _record(target: Target) -> dict[str, str]:
    return {"id": target.record, "name": target.name, "kind": ""}
