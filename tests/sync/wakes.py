"""Which orgs wait for a round, wherever a wake is kept: in the org's row, or in PostgreSQL's queue (docs/decisions/0028)."""

from __future__ import annotations

from django.conf import settings

from tandem.config.due import due_orgs


def taken() -> list[int]:
    """The orgs that a worker would run a round of now; a wake is over once it is taken."""
    orgs = set(due_orgs())
    if settings.QUEUED:
        from procrastinate.contrib.django.models import ProcrastinateJob

        waiting = ProcrastinateJob.objects.filter(task_name="round", status="todo")
        orgs.update(waiting.values_list("args__org", flat=True))
        waiting._raw_delete(waiting.db)
    return sorted(orgs)
