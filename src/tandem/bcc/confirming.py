"""Has Salesforce filed the copies that went out? Looks for all of an org in shared calls; the only writer of Filing.

What is owed a look is derived from the copies that are out; a lost or doubled look does no harm. Without the API nobody
looks, and pages say “handed to Salesforce”.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from tandem import clock
from tandem.bcc.filed import CLOCKS_DIFFER, LOOKS, Sent, next_look, outcome, pair
from tandem.bcc.models import Filing
from tandem.bcc.ports import FiledMail, Task
from tandem.connections.models import Connection
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
        _keep(sent, tasks, now)


def _askable(members: set[int] | None) -> list[Connection]:
    """The connections by which it can be asked after these members' copies, all when None."""
    able = Connection.objects.filter(
        state=Connection.State.CONNECTED, trouble_code="", member__is_active=True
    )
    chosen = able if members is None else able.filter(member__in=members)
    return list(chosen.select_related("org__team_connection__org", "member"))


def _route(own: Connection) -> Connection:
    """The team's connection where there is one, so that all are asked for together."""
    team = own.org.team_connection
    return team if team is not None and team.state == Connection.State.CONNECTED else own


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


@transaction.atomic
def _keep(sent: Sequence[Sent], tasks: Sequence[Task], now: datetime) -> None:
    ids = [one.id for one in sent]
    pairs = pair(sent, tasks, _taken(ids, tasks))
    outcomes = {one.id: outcome(pairs.get(one.id, ()), one.sent_at, now) for one in sent}
    for one in sent:
        found = pairs.get(one.id, [])
        Filing.objects.filter(pk=one.id).update(
            outcome=outcomes[one.id],
            records=[{"task": t.id, "id": t.who or t.what, "name": t.who_name or t.what_name} for t in found],
            seen_at=now if found else None,
            next_look_at=None if found else next_look(one.sent_at, now),
        )
    second_envelope.arrived(pk for pk, said in outcomes.items() if said in ("logged", "unresolved"))
    second_envelope.never_arrived(pk for pk, said in outcomes.items() if said == "not-seen")


def _taken(ids: Sequence[int], tasks: Sequence[Task]) -> set[str]:
    """Those of these Tasks that other emails became."""
    if not tasks:
        return set()
    since = min(task.created for task in tasks) - LOOKS[-1]
    others = Filing.objects.filter(seen_at__gte=since).exclude(pk__in=ids)
    return {record["task"] for records in others.values_list("records", flat=True) for record in records}
