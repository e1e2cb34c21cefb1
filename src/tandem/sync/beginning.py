"""What of all that happened is not logged, because it was before logging was switched on (as FS-2 has it for tasks)?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from tandem import clock
from tandem.calls import services as calls_of
from tandem.calls.models import Call
from tandem.connections.models import Connection
from tandem.emails import services as emails_of
from tandem.emails.models import Email
from tandem.sync.activity import BEFORE
from tandem.sync.activity_rows import FINISHED
from tandem.sync.models import Activity

_AT_ONCE = 500


@transaction.atomic
def begin_to_log(*, emails: Collection[int], calls: Collection[int]) -> None:
    """Logging is on from now on for these members: what happened before is left out (as FS-2).

    It is written down for each of them, so that an answer or a bounce that comes later does not make it news again.
    """
    finished = Q(kind=Email.Kind.REPLY) | Q(state__in=FINISHED)
    _leave_out_before("email", Email.objects.filter(finished, member__in=emails), emails_of.looked_at)
    _leave_out_before("call", Call.objects.filter(member__in=calls), calls_of.looked_at)


def _leave_out_before(
    kind: str, rows: QuerySet[Email] | QuerySet[Call], looked_at: Callable[[Iterable[int]], None]
) -> None:
    orgs = dict(Connection.objects.values_list("member_id", "org_id"))
    undecided = rows.filter(activity__isnull=True, member__in=orgs).order_by("pk")
    after = 0
    while found := list(undecided.filter(pk__gt=after).values_list("pk", "member_id")[:_AT_ONCE]):
        after = found[-1][0]
        looked_at(pk for pk, _ in found)
        Activity.objects.bulk_create(
            [
                Activity(
                    org_id=orgs[member],
                    member_id=member,
                    verdict=Activity.Verdict.LEFT_OUT,
                    why=[{"said": "left-out", "rule": BEFORE}],
                    decided_at=clock.now(),
                    **{f"{kind}_id": pk},
                )
                for pk, member in found
            ],
            ignore_conflicts=True,
        )
