"""The engine's Journal over Django's ORM: the same on SQLite and PostgreSQL.

Nothing here decides. People are written through `people.services` alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from tandem.accounts.models import Member
from tandem.calls import services as calls
from tandem.calls.models import Call
from tandem.connections.models import Connection, Org
from tandem.emails import services as emails
from tandem.emails.models import Email, MailAccount, SecondEnvelope
from tandem.people import services as people
from tandem.people.matching import Found
from tandem.sync import models
from tandem.sync.activity import Happened, Logging, Shape
from tandem.sync.activity_ports import Decided, Table
from tandem.sync.activity_rows import (
    FINISHED,
    columns_of,
    extra_of,
    happened_of,
    making_of_person,
    making_of_task,
    read_shape,
    spell_shape,
    update_rows,
    used_by,
)
from tandem.sync.activity_settle import Making

#: Copies that reach Salesforce by BCC, or may: the API leaves those emails out (P9).
_BY_BCC = (SecondEnvelope.State.OWED, SecondEnvelope.State.SENT, SecondEnvelope.State.DOUBT)
_GONE = (
    "Tandem made a record for this address before, and Salesforce does not show it any more. No second one is made. "
    "Choose a record, or make one yourself."
)

_LEFT_OUT = models.ActivityLink.Closed.LEFT_OUT
#: Since when it was to be logged: it happened, or somebody told of it later.
_SINCE = Coalesce(
    Greatest("activity__email__at", "activity__email__created_at"), "activity__call__created_at"
)

RulesOf = Callable[[Sequence[int]], Mapping[int, Logging]]


class DjangoJournal:
    """One round's view of what happened. rules_of: what holds for these members."""

    def __init__(self, rules_of: RulesOf) -> None:
        self._rules_of = rules_of
        self._eyes: dict[int, people.Eyes] = {}

    # --- what holds --------------------------------------------------------------------------------------------------

    def logging(self, members: Sequence[int]) -> Mapping[int, Logging]:
        return self._rules_of(members)

    def ignored(self) -> frozenset[str]:
        return people.ignored_patterns()

    def own_addresses(self) -> frozenset[str]:
        accounts = MailAccount.objects.values_list("address", flat=True)
        return frozenset([*Member.objects.values_list("email", flat=True), *accounts])

    def shape(self, org: int) -> tuple[Shape, datetime] | None:
        stored = models.TaskShape.objects.filter(org_id=org).first()
        return None if stored is None else (read_shape(stored.shape), stored.read_at)

    def save_shape(self, org: int, shape: Shape, now: datetime, *, backfill: bool) -> None:
        models.TaskShape.objects.update_or_create(
            org_id=org, defaults={"shape": spell_shape(shape), "read_at": now}
        )
        if backfill:
            logged = models.ActivityLink.objects.filter(org_id=org, closed=models.ActivityLink.Closed.LOGGED)
            logged.update(extra_owed=True, not_before=None)

    # --- activities --------------------------------------------------------------------------------------------------

    def take(self, org: int, members: Sequence[int], limit: int) -> int:
        news = Email.objects.filter(news=True, member__in=members).order_by("pk")
        email_ids = list(news.values_list("pk", flat=True)[:limit])
        told = Call.objects.filter(news=True, member__in=members).order_by("pk")
        call_ids = list(told.values_list("pk", flat=True)[:limit])
        # Looked at first and read then: what happens to them meanwhile is news again.
        emails.looked_at(email_ids)
        calls.looked_at(call_ids)
        reply = Q(kind=Email.Kind.REPLY)
        over = Email.objects.filter(reply | Q(state__in=FINISHED), pk__in=email_ids)
        finished = list(over.defer("text", "html").order_by("pk"))
        made = list(Call.objects.filter(pk__in=call_ids).defer("notes").order_by("pk"))
        self._freshen(org, finished)
        models.Activity.objects.bulk_create(
            [
                *(models.Activity(org_id=org, member_id=each.member_id, email=each) for each in finished),
                *(models.Activity(org_id=org, member_id=each.member_id, call=each) for each in made),
            ],
            ignore_conflicts=True,
        )
        return len(email_ids) + len(call_ids)

    def _freshen(self, org: int, finished: Sequence[Email]) -> None:
        """Custom fields of what is being logged already may say something else now."""
        by_id = {email.pk: email for email in finished}
        links = models.ActivityLink.objects.filter(org_id=org, activity__email__in=by_id)
        answered = set(
            Email.objects.filter(answers__in=by_id, kind=Email.Kind.REPLY).values_list("answers", flat=True)
        )
        rows = {}
        for link in links.select_related("activity"):
            pk = link.activity.email_id
            wanted = extra_of(by_id[pk], pk in answered) if pk is not None else {}
            if wanted != link.wanted:
                rows[link.pk] = {"wanted": wanted, "extra_owed": True}
        update_rows(models.ActivityLink, rows)

    def open(self, org: int, members: Sequence[int], after: int, limit: int) -> list[Happened]:
        replies = Email.objects.filter(answers=OuterRef("email"), kind=Email.Kind.REPLY)
        copies = SecondEnvelope.objects.filter(pk=OuterRef("email"), state__in=_BY_BCC)
        rows = (
            models.Activity.objects.filter(
                org_id=org, member__in=members, verdict=models.Activity.Verdict.OPEN, pk__gt=after
            )
            .select_related("email", "email__answers__activity", "call", "member")
            .defer("email__html", "email__answers__text", "email__answers__html")
            .prefetch_related("email__recipients", "email__answers__activity__links", "links", "held")
            .annotate(replied=Exists(replies), copied=Exists(copies))
            .order_by("pk")[:limit]
        )
        owners = dict(Connection.objects.filter(org_id=org).values_list("member_id", "user"))
        return [
            happened_of(
                row,
                owners.get(row.member_id, ""),
                {held.address: held.record for held in row.held.all()},
                replied=row.replied,
                copied=row.copied,
            )
            for row in rows
        ]

    def matches(self, connection: int, names: Iterable[str], now: datetime) -> dict[str, Found]:
        return people.fresh_matches(self._eyes_of(connection), names, now)

    def save_matches(self, connection: int, found: Mapping[str, Found], now: datetime) -> None:
        people.keep_matches(self._eyes_of(connection), found, now)

    def decide(self, org: int, decided: Sequence[Decided], now: datetime) -> None:
        made = [each for each in decided if each.people]
        models.NewRecord.objects.bulk_create(
            (
                models.NewRecord(org_id=org, member_id=new.member, address=new.address, body=dict(new.body))
                for each in made
                for new in each.people
            ),
            ignore_conflicts=True,
        )
        final = [each for each in decided if each.decision.verdict != "open"]
        update_rows(
            models.Activity,
            {
                each.happened.id: {
                    "verdict": each.decision.verdict,
                    "why": list(each.decision.why),
                    "decided_at": now,
                }
                for each in final
            },
        )
        self._hold(final, now)
        # A key that is there already is a record that it is logged on already (I15).
        models.ActivityLink.objects.bulk_create(
            (
                models.ActivityLink(
                    activity_id=each.happened.id,
                    org_id=org,
                    member_id=each.happened.member,
                    key=new.key,
                    record=new.record,
                    record_name=new.name[:255],
                    body=dict(new.body),
                    wanted=dict(new.wanted),
                )
                for each in final
                for new in each.tasks
            ),
            ignore_conflicts=True,
        )
        self._park_what_is_found_again(org, final)

    def _park_what_is_found_again(self, org: int, final: Sequence[Decided]) -> None:
        """Salesforce said that this record is gone, and then showed it: who of the two is right, a person must see."""
        keys = [new.key for each in final if each.happened.gone for new in each.tasks]
        links = models.ActivityLink.objects.filter(org_id=org, key__in=keys, closed=_LEFT_OUT)
        links.update(closed=None, parked=True)

    def _hold(self, final: Sequence[Decided], now: datetime) -> None:
        """What is held from now on; who waited before, waits on since then."""
        before = models.Held.objects.filter(activity__in=[each.happened.id for each in final])
        since = {(held.activity_id, held.address): held.since for held in before}
        before.delete()
        rows = []
        for each in final:
            names = {address.address: address.name for address in each.happened.addresses}
            reasons = {entry.get("address"): entry.get("text", "") for entry in each.decision.why}
            for address in each.decision.held:
                rows.append(
                    models.Held(
                        activity_id=each.happened.id,
                        address=address,
                        name=names.get(address, "")[:255],
                        since=since.get((each.happened.id, address), now),
                        reason=str(reasons.get(address, "")),
                    )
                )
        models.Held.objects.bulk_create(rows)

    def not_made(self, org: int, addresses: Iterable[str]) -> dict[str, str]:
        rows = models.NewRecord.objects.filter(org_id=org, address__in=list(addresses))
        over = rows.filter(Q(parked=True) | Q(closed__isnull=False))
        return {row.address: row.error_text if row.parked else _GONE for row in over}

    def charge(self, activities: Iterable[int], calls: float) -> None:
        parts = Counter(activities)
        if not parts or not calls:
            return
        share = calls / parts.total()
        for times, group in groupby(sorted(parts, key=lambda pk: parts[pk]), key=lambda pk: parts[pk]):
            ids = list(group)
            for start in range(0, len(ids), 500):
                some = models.Activity.objects.filter(pk__in=ids[start : start + 500])
                some.update(calls=F("calls") + share * times)

    # --- what is being made ------------------------------------------------------------------------------------------

    def owed(self, org: int, members: Sequence[int], table: Table, now: datetime, limit: int) -> list[Making]:
        rows = self._unmade(table, org, members, now).filter(in_flight=False, doubt_until__isnull=True)
        return _makings(table, rows.order_by("pk")[:limit])

    def doubtful(
        self, org: int, members: Sequence[int], table: Table, now: datetime, limit: int
    ) -> list[Making]:
        rows = self._unmade(table, org, members, now)
        doubtful = rows.filter(Q(in_flight=True) | Q(doubt_until__isnull=False))
        return _makings(table, doubtful.order_by("pk")[:limit])

    def again(self, table: Table, ids: Sequence[int]) -> list[Making]:
        rows = _TABLES[table]._default_manager.filter(pk__in=list(ids), closed__isnull=True)
        if table == "tasks":
            rows = rows.annotate(since=_SINCE)
        return _makings(table, rows.order_by("pk").select_for_update(of=("self",)))

    def save_makings(self, table: Table, makings: Sequence[Making], now: datetime) -> None:
        rows: dict[int, dict[str, Any]] = {each.id: columns_of(each) for each in makings}
        if table == "tasks":
            for each in makings:
                logged = each.closed == "logged"
                rows[each.id] |= {"extra": dict(each.extra), "logged_at": now if logged else None}
        update_rows(_TABLES[table], rows)

    def match_anew(self, org: int, gone: Sequence[Making]) -> None:
        said_by = Org.objects.values_list("sf_id", flat=True).get(pk=org)
        by_activity = {each.of: set[str]() for each in gone}
        for each in gone:
            by_activity[each.of] |= {each.record, str(each.body.get("WhoId")), str(each.body.get("WhatId"))}
        rows = models.Activity.objects.filter(pk__in=list(by_activity)).select_related("email")
        for activity in rows:
            told = [entry for entry in activity.why if entry.get("said") == "log"]
            names = [{record["id"] for record in entry["records"]} for entry in told]
            of_it = [entry for entry, ids in zip(told, names, strict=True) if ids & by_activity[activity.pk]]
            # A deal is named in no entry: then all of them are asked for anew.
            void = of_it or told
            writer = activity.email.sender.lower() if activity.email else ""
            # An answer that was to be logged beside its email has no address of its own yet.
            people.forget_matches(said_by, [entry.get("address") or writer for entry in void])
            activity.why = [entry for entry in activity.why if entry not in void]
            activity.verdict = models.Activity.Verdict.OPEN
            activity.save(update_fields=["why", "verdict"])

    def used(self, activities: Iterable[int]) -> Mapping[int, frozenset[str]]:
        links = models.ActivityLink.objects.filter(activity__in=list(activities)).order_by("activity_id")
        by_activity = groupby(links, key=lambda link: link.activity_id)
        return {activity: used_by(list(group)) for activity, group in by_activity}

    def people_made(self, connection: int, made: Mapping[str, tuple[str, Found]], now: datetime) -> None:
        people.forget_matches(self._eyes_of(connection).org, made)
        believed = {address: found for address, (_, found) in made.items() if found.records}
        self.save_matches(connection, believed, now)
        of_org = models.Held.objects.filter(activity__org__sf_id=self._eyes_of(connection).org)
        waiting = of_org.filter(address__in=list(made))
        models.Activity.objects.filter(pk__in=list(waiting.values_list("activity", flat=True))).update(
            verdict=models.Activity.Verdict.OPEN
        )
        for address, (record, _) in made.items():
            waiting.filter(address=address, record="").update(record=record)

    # --- custom fields, later ----------------------------------------------------------------------------------------

    def amendable(self, org: int, members: Sequence[int], now: datetime, limit: int) -> list[Making]:
        due = Q(not_before__isnull=True) | Q(not_before__lte=now)
        logged = models.ActivityLink.objects.filter(
            due,
            org_id=org,
            member__in=members,
            extra_owed=True,
            closed=models.ActivityLink.Closed.LOGGED,
        )
        return [making_of_task(row) for row in logged.order_by("pk")[:limit]]

    def save_amended(self, amended: Sequence[tuple[Making, bool]], now: datetime) -> None:
        update_rows(
            models.ActivityLink,
            {
                each.id: {
                    "extra": dict(each.extra),
                    "refused_fields": list(each.refused_fields),
                    "failures": each.failures,
                    "not_before": each.not_before,
                    "error_code": each.error_code,
                    "error_text": each.error_text,
                    "error_first_at": each.error_first_at,
                    "error_last_at": each.error_last_at,
                    "extra_owed": owed,
                }
                for each, owed in amended
            },
        )

    # --- what the org does not let us do -----------------------------------------------------------------------------

    def warn(self, connection: int, code: str, about: str, text: str, now: datetime) -> None:
        through = Connection.objects.only("org_id").get(pk=connection)
        models.OrgWarning.objects.update_or_create(
            org_id=through.org_id,
            connection=through,
            code=code,
            about=about,
            defaults={"text": text, "last_at": now},
            create_defaults={"text": text, "first_at": now, "last_at": now},
        )

    def shut(self, connection: int, since: datetime) -> frozenset[str]:
        lately = models.OrgWarning.objects.filter(connection=connection, last_at__gt=since)
        return frozenset(lately.values_list("about", flat=True))

    def allowed(self, connection: int, about: Collection[str]) -> None:
        over = models.OrgWarning.objects.filter(connection=connection, about__in=list(about))
        found = list(over.values_list("pk", "org_id", "about"))
        if not found:
            return
        over.filter(pk__in=[pk for pk, _, _ in found]).delete()
        names = {name for _, _, name in found}
        links = models.ActivityLink.objects.filter(org_id=found[0][1])
        refused = links.exclude(refused_fields=[]).values_list("pk", "refused_fields")
        update_rows(
            models.ActivityLink,
            {pk: {"refused_fields": sorted(set(old) - names)} for pk, old in refused if names & set(old)},
        )
        if any(name.endswith("__c") for name in names):
            links.filter(closed=models.ActivityLink.Closed.LOGGED).update(extra_owed=True, not_before=None)

    def next_due(self, org: int, members: Sequence[int]) -> datetime | None:
        waits = []
        for table in _TABLES.values():
            rows = table._default_manager.filter(
                org_id=org, member__in=members, closed__isnull=True, parked=False
            )
            waits.append(rows.aggregate(first=Min("not_before"))["first"])
        owed = models.ActivityLink.objects.filter(org_id=org, member__in=members, extra_owed=True)
        waits.append(owed.aggregate(first=Min("not_before"))["first"])
        return min((wait for wait in waits if wait is not None), default=None)

    def _unmade(self, table: Table, org: int, members: Sequence[int], now: datetime) -> QuerySet[Any]:
        due = Q(not_before__isnull=True) | Q(not_before__lte=now)
        return _TABLES[table]._default_manager.filter(
            due, org_id=org, member__in=members, closed__isnull=True, parked=False
        )

    def _eyes_of(self, connection: int) -> people.Eyes:
        if connection not in self._eyes:
            row = Connection.objects.values_list("org__sf_id", "user").get(pk=connection)
            self._eyes[connection] = people.Eyes(*row)
        return self._eyes[connection]


_TABLES: Mapping[Table, type[models.ActivityLink] | type[models.NewRecord]] = {
    "tasks": models.ActivityLink,
    "people": models.NewRecord,
}


def _makings(table: Table, rows: Iterable[Any]) -> list[Making]:
    return [making_of_task(row) if table == "tasks" else making_of_person(row) for row in rows]
