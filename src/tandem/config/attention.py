"""Who is looking? A member who opens a page wants to see today's Salesforce, so their org counts as busy."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tandem import clock, jobs
from tandem.sync.pace import POLL_EVERY


class WakeForMembers:
    """Tell the jobs of a look, at most once a minute for each member. What a page asks by itself is no look."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer
        self._told: dict[int, float] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._answer(request)
        member = request.user.pk if request.user.is_authenticated else None
        if member is not None and "HX-Request" not in request.headers:
            now = clock.now().timestamp()
            if abs(now - self._told.get(member, 0.0)) >= POLL_EVERY.total_seconds():
                self._told[member] = now
                jobs.wake("member-looks", member)
        return answer
