"""Has Salesforce filed the copies that went out? Looks for all of an org in shared calls; the only writer of Filing.

What is owed a look is derived from the copies that are out; a lost or doubled look does no harm. Without the API nobody
looks, and pages say “handed to Salesforce”.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from tandem import clock
from tandem.bcc.filed import CLOCKS_DIFFER, LOOKS, NOT_SEEN_AFTER, Sent, next_look, outcome, pair, sure
from tandem.bcc.models import Filing
from tandem.bcc.ports import FiledMail, Task
from tandem.connections.models import Connection, with_carriers
from tandem.emails import second_envelope
from tandem.emails.models import Recipient, SecondEnvelope
from tandem.sync.models import OrgSync
from tandem.sync.ports import NoAnswer

#: Copies that one look asks for.
AT_ONCE = 100
#: Nobody else looks for the same ones meanwhile; and when Salesforce gave no answer it is asked again after this.
LEASE = timedelta(minutes=2)
_OUT = (SecondEnvelope.State.SENT, SecondEnvelope.State.DOUBT)

Ask = Callable[[Connection], FiledMail]


def due() -> list[int]:
    """The orgs in which a copy is to be looked for now."""
    now = clock.now()
    members = set(_due(now).values_list("email__member", flat=True))
    if not members:
        return []
    resting = OrgSync.objects.filter(paused_until__gt=now).values_list("org_id", flat=True)
    return sorted({asked.org_id for asked in _askable(members)} - set(resting))


def look(org: int, ask: Ask) -> None:
    """Look for the copies of this org that are due; each connection is asked once. ask: Salesforce of a connection."""
    now = clock.now()
    members = {each.member_id: each for each in _askable(None) if each.org_id == org}
    claimed = _claim(now, list(members))
    if not claimed:
        return
    through: dict[Connection, list[SecondEnvelope]] = defaultdict(list)
    for envelope in claimed:
        through[_route(members[envelope.email.member_id])].append(envelope)
    for connection, envelopes in through.items():
        sent = [_sent(envelope, members[envelope.email.member_id].user) for envelope in envelopes]
        try:
            tasks = _asked(ask(connection), sent)
        except NoAnswer:
            continue  # looked for again when the lease ends
        _keep(sent, tasks, _others(sent, members) if tasks else [], now)


def _askable(members: set[int] | None) -> list[Connection]:
    """The connections by which it can be asked after these members' copies, all when None."""
    able = Connection.objects.filter(
        state=Connection.State.CONNECTED, trouble_code="", member__is_active=True
    )
    chosen = able if members is None else able.filter(member__in=members)
    return list(with_carriers(chosen).select_related("member"))


def _route(own: Connection) -> Connection:
    """The carrier while it is able, so that all of a team are asked for together."""
    carrier = own.carrier
    able = carrier.state == Connection.State.CONNECTED and not carrier.trouble_code
    return carrier if able else own


def _due(now: datetime) -> QuerySet[SecondEnvelope]:
    anew = Q(filing__isnull=True) | Q(filing__sent_at__lt=F("sent_at"))
    first = anew & Q(sent_at__lte=now - LOOKS[0], sent_at__gt=now - LOOKS[-1])
    return SecondEnvelope.objects.filter(first | Q(filing__next_look_at__lte=now), state__in=_OUT)


@transaction.atomic
def _claim(now: datetime, members: Sequence[int]) -> list[SecondEnvelope]:
    late = _due(now).filter(email__member__in=members).order_by("sent_at", "pk")
    sent = dict(late.values_list("pk", "sent_at")[:AT_ONCE])
    for pk, at in sent.items():
        anew: dict[str, Any] = {"sent_at": at, "outcome": "", "records": [], "seen_at": None}
        anew["next_look_at"] = now
        filing, made = Filing.objects.get_or_create(envelope_id=pk, defaults=anew)
        if not made:
            Filing.objects.filter(pk=filing.pk, sent_at__lt=at).update(**anew)
    held = Filing.objects.select_for_update(of=("self",)).filter(pk__in=sent, next_look_at__lte=now)
    mine = list(held.values_list("pk", flat=True))
    Filing.objects.filter(pk__in=mine).update(next_look_at=now + LEASE)
    found = SecondEnvelope.objects.filter(pk__in=mine).select_related("email")
    return list(found.prefetch_related("email__recipients").order_by("pk"))


def _sent(envelope: SecondEnvelope, user: str) -> Sent:
    email = envelope.email
    seen = {one.address for one in email.recipients.all() if one.role != Recipient.Role.BCC}
    at = envelope.sent_at or email.created_at
    return Sent(envelope.pk, user, email.subject, email.text, frozenset(seen), at)


def _asked(salesforce: FiledMail, sent: Sequence[Sent]) -> Sequence[Task]:
    subjects = list(dict.fromkeys(one.subject for one in sent))
    since = min(one.sent_at for one in sent) - CLOCKS_DIFFER
    return salesforce.filed(sorted({one.owner for one in sent}), subjects, since)


def _others(sent: Sequence[Sent], members: Mapping[int, Connection]) -> list[Sent]:
    """Copies with one of these subjects that have become nothing so far: they are not looked for now, but what is found
    may be theirs."""
    nothing = Q(filing__isnull=True) | Q(filing__outcome__in=["", Filing.Outcome.NOT_SEEN])
    owners = {one.owner for one in sent}
    theirs = SecondEnvelope.objects.filter(
        nothing,
        state__in=_OUT,
        sent_at__gt=min(one.sent_at for one in sent) - NOT_SEEN_AFTER,
        email__member__in=[member for member, each in members.items() if each.user in owners],
        email__subject__in={one.subject for one in sent},
    ).exclude(pk__in=[one.id for one in sent])
    found = theirs.select_related("email").defer("email__html").prefetch_related("email__recipients")
    return [_sent(envelope, members[envelope.email.member_id].user) for envelope in found]


def _keep(sent: Sequence[Sent], tasks: Sequence[Task], others: Sequence[Sent], now: datetime) -> None:
    ids = [one.id for one in sent]
    pairs = pair([*sent, *others], tasks, _taken(ids, tasks))
    nothing = [one for one in (*sent, *others) if one.id not in pairs]
    outcomes = {one.id: outcome(pairs.get(one.id, ()), one.sent_at, now) for one in sent}
    certain = {one.id for one in sent if one.id in pairs and sure(one, pairs[one.id], nothing)}
    with (
        transaction.atomic()
    ):  # what is compared, is compared before: it may be a thousand emails of one subject
        for one in sent:
            found = pairs.get(one.id, [])
            Filing.objects.filter(pk=one.id).update(
                outcome=outcomes[one.id],
                records=[_record(task, sure=one.id in certain) for task in found],
                seen_at=now if found else None,
                # What only looks like it is looked at again: the email itself may come yet.
                next_look_at=None if one.id in certain else next_look(one.sent_at, now),
            )
        second_envelope.arrived(certain)
        second_envelope.never_arrived(pk for pk, said in outcomes.items() if said == "not-seen")


def _record(task: Task, *, sure: bool) -> dict[str, Any]:
    return {
        "task": task.id,
        "id": task.who or task.what,
        "name": task.who_name or task.what_name,
        "sure": sure,
    }


def _taken(ids: Sequence[int], tasks: Sequence[Task]) -> set[str]:
    """Those of these Tasks that other emails became for sure."""
    if not tasks:
        return set()
    since = min(task.created for task in tasks) - LOOKS[-1]
    others = Filing.objects.filter(seen_at__gte=since).exclude(pk__in=ids)
    listed = (record for records in others.values_list("records", flat=True) for record in records)
    return {record["task"] for record in listed if record.get("sure", True)}
