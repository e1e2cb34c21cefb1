"""The engine's Store over Django's ORM: the same on SQLite and PostgreSQL.

Nothing here decides. Reminders are written through `reminders.services` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from tandem import clock
from tandem.connections.models import Connection
from tandem.reminders import services as reminders
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked
from tandem.sync import models
from tandem.sync.link_rows import columns_of, intent_columns_of, pair_of
from tandem.sync.pace import POLL_IDLE, Pace
from tandem.sync.pair import Intent, Link, Lost, Ours, Pair, Values
from tandem.sync.ports import Deletions, OrgState, Route, Seat
from tandem.sync.routes import Loggers, nobody_logs, routes_of
from tandem.sync.story import Story
from tandem.sync.tally import Counts, Tally, added, together

#: How long a day's statistics are kept.
KEPT_FOR = timedelta(days=366)

PaceOf = Callable[[int], Pace]


def never_short(org: int) -> Pace:
    """For whoever asks nothing of Salesforce."""
    return "everything"


class DjangoStore:
    """One round's view of our database; made anew for every round. loggers: which of these members have logging on.

    pace: what an org's API allowance permits now.
    """

    def __init__(self, loggers: Loggers = nobody_logs, pace: PaceOf = never_short) -> None:
        self._loggers = loggers
        self._pace = pace
        self._users: dict[int, dict[int, str]] = {}
        self._story = Story()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._story.of_one_transaction(), transaction.atomic():
            yield
            self._story.write()

    # --- the org and its lease ---------------------------------------------------------------------------------------

    def claim(self, org: int, lease: str, until: datetime, now: datetime) -> bool:
        """Claim by conditional update: another worker's live lease makes it match no row."""
        models.OrgSync.objects.get_or_create(org_id=org)
        # A whole lease further than ours would reach, it was set before our clock was put back. Less is another machine
        # whose clock is before ours, and it lives.
        set_back = Q(lease_until__gt=until + (until - now))
        free = Q(lease="") | Q(lease_until__lt=now) | set_back
        taken = models.OrgSync.objects.filter(free, org_id=org).update(
            lease=lease, lease_until=until, last_round_at=now, next_round_at=None
        )
        return taken == 1

    def renew(self, org: int, lease: str, until: datetime) -> bool:
        return models.OrgSync.objects.filter(org_id=org, lease=lease).update(lease_until=until) == 1

    def release(
        self, org: int, lease: str, next_round_at: datetime, trouble_code: str = "", trouble: str = ""
    ) -> None:
        # A wake that came during the round has set next_round_at again: it stays.
        models.OrgSync.objects.filter(org_id=org, lease=lease).update(
            lease="",
            lease_until=None,
            next_round_at=Coalesce("next_round_at", Value(next_round_at)),
            trouble_code=trouble_code,
            trouble=trouble,
        )

    def org(self, org: int) -> OrgState:
        state = models.OrgSync.objects.select_related("org").get(org_id=org)
        connections = list(
            Connection.objects.filter(org_id=org)
            .select_related("member")
            .only("user", "member__is_active", "state", "sign_in")
            .order_by("pk")
        )
        active = [connection for connection in connections if connection.member.is_active]
        self._users[org] = {connection.member_id: connection.user for connection in connections}
        return OrgState(
            id=org,
            unique_key=state.org.key_is_unique,
            template=state.subject_template,
            statuses=frozenset(state.org.statuses),
            status_words=state.status_words,
            members={connection.user: connection.member_id for connection in connections},
            routes=routes_of(org, state.org.team_connection_id, active, self._loggers),
            paused_until=clock.now() + POLL_IDLE if state.stopped else state.paused_until,
            deletions_count=state.deletions_count,
            deletions=state.deletions,  # type: ignore[arg-type]  # kept by deletions_word_known
            pace=self._pace(org),
            news_at=state.news_at,
            audit_due=state.audit_at is not None and state.audit_at <= clock.now(),
        )

    def pause(self, org: int, until: datetime, code: str, text: str) -> None:
        models.OrgSync.objects.filter(org_id=org).update(paused_until=until, pause_code=code, pause_text=text)

    def ask_to_reconnect(self, route: Route, code: str, text: str) -> None:
        # Not if somebody has signed in anew, or disconnected, since the round began.
        asked = Connection.objects.filter(pk=route.connection, sign_in=route.sign_in)
        asked.exclude(state=Connection.State.DISCONNECTED).update(
            state=Connection.State.RECONNECT, trouble_code=code, trouble_text=text
        )

    def set_deletions(self, org: int, word: Deletions, count: int) -> None:
        models.OrgSync.objects.filter(org_id=org).update(deletions=word, deletions_count=count)

    def save_seat(self, seat: Seat) -> None:
        models.TaskSync.objects.filter(pk=seat.id).update(
            import_from=seat.import_from,
            polled_to=seat.polled_to,
            deleted_to=seat.deleted_to,
            rejoin=seat.rejoin,
        )

    def progress(self, seats: Sequence[int], *, done: int, total: int | None = None) -> None:
        counted = {} if total is None else {"import_total": total}
        models.TaskSync.objects.filter(pk__in=seats).update(import_done=done, **counted)

    def count(self, org: int, lease: str, counts: Counts) -> None:
        with transaction.atomic():
            if models.OrgSync.objects.select_for_update().filter(org_id=org, lease=lease).exists():
                _count(org, counts)

    # --- pairs -------------------------------------------------------------------------------------------------------

    def pairs(
        self, org: int, *, ids: Iterable[int] = (), sf_ids: Iterable[str] = (), keys: Iterable[str] = ()
    ) -> list[Pair]:
        wanted = Q(pk__in=list(ids)) | Q(sf_id__in=list(sf_ids)) | Q(key__in=list(keys))
        # Only links are locked: a member's edit needs the Reminder, and is met by its rev (I12).
        rows = models.Link.objects.filter(wanted, org_id=org).order_by("pk").select_for_update(of=("self",))
        users = self._users_of(org)
        return [pair_of(row, users) for row in rows.select_related("reminder")]

    def owed(self, org: int, members: Sequence[int], now: datetime, limit: int) -> list[int]:
        news = Q(rev_done__isnull=True) | ~Q(rev_done=F("reminder__rev"))
        due = Q(not_before__isnull=True) | Q(not_before__lte=now)
        owed = models.Link.objects.filter(
            news, due, org_id=org, member__in=members, reminder__isnull=False, intent_op__isnull=True
        )
        return list(owed.order_by("pk").values_list("pk", flat=True)[:limit])

    def doubtful(self, org: int, members: Sequence[int], now: datetime) -> list[int]:
        due = Q(not_before__isnull=True) | Q(not_before__lte=now)
        open_ = models.Link.objects.filter(due, org_id=org, member__in=members, intent_op__isnull=False)
        return list(open_.order_by("pk").values_list("pk", flat=True))

    def gone_there(self, org: int, members: Sequence[int]) -> list[int]:
        gone = models.Link.objects.filter(
            org_id=org,
            member__in=members,
            seen_deleted=True,
            closed__isnull=True,
            intent_op__isnull=True,
            reminder__deleted_at__isnull=True,
            reminder__isnull=False,
        )
        return list(gone.order_by("pk").values_list("pk", flat=True))

    def open_links(self, org: int, members: Sequence[int]) -> list[tuple[int, str]]:
        links = models.Link.objects.filter(
            org_id=org, member__in=members, closed__isnull=True, sf_id__isnull=False
        )
        return [(pk, sf_id or "") for pk, sf_id in links.order_by("pk").values_list("pk", "sf_id")]

    def count_live(self, org: int, members: Sequence[int]) -> int:
        return models.Link.objects.filter(
            org_id=org, member__in=members, closed__isnull=True, sf_id__isnull=False
        ).count()

    def unlinked(self, org: int, seat: Seat, limit: int) -> list[int]:
        new = Reminder.objects.filter(
            owner_id=seat.member, pk__gt=seat.outgoing_after, link__isnull=True, deleted_at__isnull=True
        )
        return list(new.order_by("pk").values_list("pk", flat=True)[:limit])

    # --- changes -----------------------------------------------------------------------------------------------------

    def save(self, link: Link) -> None:
        models.Link.objects.filter(pk=link.id).update(**columns_of(link))

    def save_with_intent(self, link: Link, intent: Intent | None) -> None:
        models.Link.objects.filter(pk=link.id).update(**columns_of(link), **intent_columns_of(intent))
        self._story.write_of(link, intent)

    def link_reminder(self, org: int, reminder: int) -> None:
        # Locked: a member who gives it to a colleague at this moment comes before, or finds it linked (TS-8).
        rows = Reminder.objects.select_for_update(no_key=True).values_list("owner_id", flat=True)
        owner = rows.get(pk=reminder)
        models.Link.objects.create(org_id=org, member_id=owner, reminder_id=reminder, key=clock.new_key())

    def import_row(self, org: int, member: int, values: Values, about: str, link: Link) -> None:
        reminder = reminders.create_from_salesforce(member, checked(**values), about)
        models.Link.objects.create(
            org_id=org, member_id=member, **{**columns_of(link), "reminder_id": reminder.pk}
        )
        self._story.came(reminder.pk)

    def change_reminder(
        self,
        ours: Ours,
        values: Values,
        *,
        owner: str | None = None,
        about: str | None = None,
        deleted: bool | None = None,
    ) -> bool:
        changes: dict[str, Any] = dict(values)
        if owner is not None:
            changes["owner_id"] = self._member(owner)
        if about is not None:
            changes["about"] = about
        if deleted is not None:
            changes["deleted_at"] = clock.now() if deleted else None
        if not reminders.apply_from_salesforce(ours.id, ours.rev, changes):  # type: ignore[arg-type]
            return False
        self._story.taken_over(ours, values, deleted)
        if changes.get("owner_id") is not None:
            models.Link.objects.filter(reminder_id=ours.id).update(member_id=changes["owner_id"])
        return True

    def log_lost(self, link: Link, lost: Sequence[Lost]) -> None:
        now = clock.now()
        models.Conflict.objects.bulk_create(
            models.Conflict(link_id=link.id, at=now, **asdict(one)) for one in lost
        )

    def log_once(self, link: Link, lost: Lost) -> bool:
        _, made = models.Conflict.objects.get_or_create(
            link_id=link.id, **asdict(lost), defaults={"at": clock.now()}
        )
        return made

    def _users_of(self, org: int) -> dict[int, str]:
        if org not in self._users:
            self._users[org] = dict(Connection.objects.filter(org_id=org).values_list("member_id", "user"))
        return self._users[org]

    def _member(self, user: str) -> int | None:
        for users in self._users.values():
            for member, theirs in users.items():
                if theirs == user:
                    return member
        return None


def _count(org: int, counts: Counts) -> None:
    """The first round of a day also forgets what is older than KEPT_FOR."""
    today = clock.now().astimezone(UTC).date()
    rows: list[tuple[int | None, Tally]] = [
        (None, together(counts.members.values())),
        *counts.members.items(),
    ]
    for member, tally in rows:
        day, first = models.Day.objects.get_or_create(org_id=org, member_id=member, day=today)  # type: ignore[misc]  # None too
        if first and member is None:
            models.Day.objects.filter(day__lt=today - KEPT_FOR).delete()
        day.calls += counts.calls if member is None else 0
        day.done += tally.done
        day.refused += tally.refused
        day.lags = added(day.lags, tally.lags)
        day.save()
