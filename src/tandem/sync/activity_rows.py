"""How what logging knows is written in rows: emails and calls as Happened, rows as Making, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Model, QuerySet
from django.urls import reverse

from tandem.calls.models import Call
from tandem.emails.models import Email, Recipient
from tandem.people.matching import Target
from tandem.sync import models
from tandem.sync.activity import Address, FieldShape, Happened, Shape
from tandem.sync.activity_settle import Making, to_match_anew

_STATUS = {
    Email.State.DELIVERED: "sent",
    Email.State.BOUNCED: "bounced",
    Email.State.SPAM: "spam",
}
#: What is over for an email, so that it is something that happened.
FINISHED = (Email.State.DELIVERED, Email.State.BOUNCED, Email.State.SPAM)


# --- what happened -----------------------------------------------------------------------------------------------------


def happened_of(
    activity: models.Activity, owner: str, chosen: Mapping[str, str], *, replied: bool, copied: bool
) -> Happened:
    """An activity with all that its rows say. chosen: records that a person named, by address. copied: by BCC (P9)."""
    if activity.call is not None:
        return _call(activity, activity.call, owner, chosen)
    if activity.email is None:
        raise TypeError("an activity of nothing")
    return _email(activity, activity.email, owner, chosen, replied=replied, copied=copied)


def _email(
    activity: models.Activity,
    email: Email,
    owner: str,
    chosen: Mapping[str, str],
    *,
    replied: bool,
    copied: bool,
) -> Happened:
    reply = email.kind == Email.Kind.REPLY
    original = _activity_of(email.answers) if reply else None
    named = list(email.recipients.all())
    subject = email.answers.subject if reply and email.answers is not None else email.subject
    return Happened(
        id=activity.pk,
        kind="reply" if reply else "email",
        key=email.message_id,
        member=activity.member_id,
        owner=owner,
        addresses=_with_chosen(_reply_from(email) if reply else _recipients(email, named), chosen),
        subject=subject,
        at=email.at or email.created_at,
        zone=activity.member.time_zone,
        text=email.text,
        sender=_shown(email.sender, email.sender_name),
        to=", ".join(_shown(each.address, each.name) for each in named if each.role != Recipient.Role.BCC),
        log=email.log,
        by_bcc=copied,
        answers=None if original is None else _targets(original),
        prospects=frozenset() if original is None else _prospects(original),
        waits=original is not None and original.verdict == models.Activity.Verdict.OPEN,
        extra=extra_of(email, replied),
        why=tuple(activity.why),
        used=used_by(activity.links.all()),
        gone=_gone(activity.links.all()),
    )


def _call(activity: models.Activity, call: Call, owner: str, chosen: Mapping[str, str]) -> Happened:
    with_whom = (Address(call.address, call.name, call.record),)
    return Happened(
        id=activity.pk,
        kind="call",
        key=f"call:{call.told_as or call.pk}",
        member=activity.member_id,
        owner=owner,
        addresses=_with_chosen(with_whom, chosen),
        subject=call.subject,
        at=call.at,
        zone=activity.member.time_zone,
        text=call.notes,
        to=_shown(call.address, call.name),
        seconds=call.seconds,
        outcome=call.outcome,
        reason=call.reason,
        log=call.log,
        extra={"mktosales_call_outcome__c": call.outcome, "mktosales_call_reason__c": call.reason},
        why=tuple(activity.why),
        used=used_by(activity.links.all()),
        gone=_gone(activity.links.all()),
    )


def extra_of(email: Email, replied: bool) -> dict[str, Any]:
    """The custom fields that an email fills (CF-1); a reply is no email of ours and fills none."""
    if email.kind == Email.Kind.REPLY:
        return {}
    return {
        "MSE_Email_Status__c": _STATUS.get(Email.State(email.state), ""),
        "MSE_Replied__c": replied,
        "MSE_Template__c": email.template_name,
        # Its page opens for its own member only.
        "MSE_Details__c": f"{settings.ADDRESS}{reverse('email', args=[email.pk])}"
        if settings.ADDRESS
        else "",
    }


def used_by(links: QuerySet[models.ActivityLink] | Sequence[models.ActivityLink]) -> frozenset[str]:
    """The records that an activity's Tasks name."""
    return frozenset(
        name
        for link in links
        if link.closed != models.ActivityLink.Closed.LEFT_OUT
        for name in (link.record, link.body.get("WhoId"), link.body.get("WhatId"))
        if name
    )


def _gone(links: QuerySet[models.ActivityLink]) -> frozenset[str]:
    return frozenset(link.record for link in links if to_match_anew(making_of_task(link)))


def _recipients(email: Email, named: Sequence[Recipient]) -> tuple[Address, ...]:
    """Everybody whom it names, once each, in the order To, Cc, Bcc."""
    order = {Recipient.Role.TO.value: 0, Recipient.Role.CC.value: 1, Recipient.Role.BCC.value: 2}
    once: dict[str, Address] = {}
    for each in sorted(named, key=lambda each: (order[each.role], each.pk)):
        if each.address != email.sender.lower():
            once.setdefault(each.address, Address(each.address, each.name))
    return tuple(once.values())


def _reply_from(email: Email) -> tuple[Address, ...]:
    return (Address(email.sender.lower(), email.sender_name),)


def _with_chosen(addresses: Sequence[Address], chosen: Mapping[str, str]) -> tuple[Address, ...]:
    return tuple(
        Address(each.address, each.name, chosen.get(each.address) or each.record) for each in addresses
    )


def _targets(original: models.Activity) -> tuple[Target, ...]:
    """On which records it is logged."""
    return tuple(
        Target(
            link.record, link.record_name, str(link.body.get("WhoId", "")), str(link.body.get("WhatId", ""))
        )
        for link in original.links.all()
        if link.closed != models.ActivityLink.Closed.LEFT_OUT
    )


def _prospects(original: models.Activity) -> frozenset[str]:
    """The addresses for which it is logged."""
    return frozenset(
        entry["address"] for entry in original.why if entry.get("said") == "log" and entry.get("address")
    )


def _activity_of(email: Email | None) -> models.Activity | None:
    # The email does not know that sync exists; the one-to-one row may be missing.
    found: models.Activity | None = getattr(email, "activity", None)
    return found


def _shown(address: str, name: str) -> str:
    return f"{name} <{address}>" if name and address else name or address


# --- what is being made ------------------------------------------------------------------------------------------------

_ATTEMPT = (
    "opener",
    "attempts",
    "in_flight",
    "doubt_until",
    "not_before",
    "failures",
    "parked",
    "error_code",
    "error_text",
    "error_first_at",
    "error_last_at",
)


def making_of_task(row: models.ActivityLink) -> Making:
    """A log entry as the engine sees it."""
    return Making(
        id=row.pk,
        of=row.activity_id,
        key=row.key,
        record=row.record,
        body=row.body,
        member=row.member_id,
        since=getattr(row, "since", None),
        sf_id=row.sf_id,
        closed=row.closed,  # type: ignore[arg-type]  # kept by activity_logged_means_task
        extra=row.extra,
        wanted=row.wanted,
        refused_fields=tuple(row.refused_fields),
        **{name: getattr(row, name) for name in _ATTEMPT},
    )


def making_of_person(row: models.NewRecord) -> Making:
    """A Lead or Contact to be made: its key is the address, its record the kind it will be."""
    return Making(
        id=row.pk,
        of=0,
        key=row.address,
        record=row.sobject,
        body=row.body,
        member=row.member_id,
        sf_id=row.sf_id,
        closed=row.closed,  # type: ignore[arg-type]  # kept by new_record_made_means_id
        refused_fields=tuple(row.refused_fields),
        **{name: getattr(row, name) for name in _ATTEMPT},
    )


def columns_of(making: Making) -> dict[str, Any]:
    """The columns of either table that an attempt may change."""
    return {
        "body": dict(making.body),
        "sf_id": making.sf_id,
        "closed": making.closed,
        "refused_fields": list(making.refused_fields),
        **{name: getattr(making, name) for name in _ATTEMPT},
    }


def update_rows(table: type[Model], rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Write these columns, the same ones of every row, each row in one statement: constraints bind them together."""
    if not rows:
        return
    first = next(iter(rows.values()))
    if all(columns == first for columns in rows.values()):
        table._default_manager.filter(pk__in=list(rows)).update(**first)
        return
    # QuerySet.bulk_update would build an expression for every value of every row, which took half of the round.
    by_name = {field.name: field for field in table._meta.concrete_fields}
    fields = [by_name[name] for name in first]
    quoted = connection.ops.quote_name
    assigned = ", ".join(f"{quoted(str(field.column))} = %s" for field in fields)
    statement = f"UPDATE {quoted(table._meta.db_table)} SET {assigned} WHERE {quoted('id')} = %s"  # noqa: S608  names of ours
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                (*(field.get_db_prep_save(columns[field.name], connection) for field in fields), pk)
                for pk, columns in rows.items()
            ],
        )


# --- the shape of Task -------------------------------------------------------------------------------------------------


def spell_shape(shape: Shape) -> dict[str, Any]:
    """As JSON."""
    spelt = asdict(shape)
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in spelt.items()}


def read_shape(spelt: Mapping[str, Any]) -> Shape:
    """The inverse of spell_shape."""
    return Shape(
        types=frozenset(spelt["types"]),
        type_default=spelt["type_default"],
        subtypes=frozenset(spelt["subtypes"]),
        closed_status=spelt["closed_status"],
        fields={name: FieldShape(**there) for name, there in spelt["fields"].items()},
    )
