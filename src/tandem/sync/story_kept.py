"""How long is a pair's story kept? Everything for half a year, and of every pair its last lines for good.

A story is for people: nothing is decided by it, so what goes is missed by no round. One pair is cleaned in one statement, so
that no page and no round waits long for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Min

from tandem import clock
from tandem.sync.models import Event

KEPT_FOR = timedelta(days=180)
#: Of each pair, however old they are.
ALWAYS_KEPT = 20


def forget_old_stories() -> int:
    """Take away what is older than KEPT_FOR and not among the last ALWAYS_KEPT lines of its pair; how many lines that were."""
    before = clock.now() - KEPT_FOR
    pairs = Event.objects.order_by().values("link").annotate(lines=Count("pk"), first=Min("at"))
    long = pairs.filter(lines__gt=ALWAYS_KEPT, first__lt=before).values_list("link", flat=True)
    return sum(_forget(link, before) for link in list(long))


def _forget(link: int, before: datetime) -> int:
    lines = Event.objects.filter(link=link)
    oldest_kept = lines.order_by("-pk").values_list("pk", flat=True)[ALWAYS_KEPT - 1]
    deleted, _kinds = lines.filter(pk__lt=oldest_kept, at__lt=before).delete()
    return deleted
