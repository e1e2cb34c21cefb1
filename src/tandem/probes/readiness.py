"""Can this Tandem do its work? The database answers, and no org's round is late."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from django.db import DatabaseError, connection

from tandem import clock
from tandem.config.due import due_orgs
from tandem.sync.models import OrgSync

#: A round that is due for this long has no worker: they look every second.
LATE_AFTER = timedelta(minutes=5)

State = Literal["ok", "fails", "late", "unknown"]


def checks() -> dict[str, State]:
    """Each check, and how it went."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return {"database": "ok", "rounds": "late" if late_orgs() else "ok"}
    except DatabaseError:
        return {"database": "fails", "rounds": "unknown"}


def late_orgs() -> int:
    """How many orgs have a round due for longer than any worker would leave it."""
    late = OrgSync.objects.filter(next_round_at__lt=clock.now() - LATE_AFTER)
    return late.filter(org_id__in=due_orgs()).count()
