"""What time is it in the org? Move it on: bins are emptied, sessions end, jobs are done, without waiting."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from starlette.requests import Request
from starlette.responses import Response

from orgbox.http.service import Service
from orgbox.workshop.frame import HOME, filled, go, page, wrong
from orgbox.workshop.moments import now_of, said

_UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400}
_MOST_DAYS = 3_660


@runtime_checkable
class Movable(Protocol):
    """A clock that can be moved on."""

    def advance(self, seconds: float) -> None:
        """Move time on."""


async def clock(service: Service, request: Request) -> Response:
    """GET /orgbox/clock; POST moves it on by `many` `unit`, or runs the archive job."""
    if request.method == "GET":
        return _show(service, request, "")
    form = await filled(request)
    if form.get("do") == "archive":
        return _show(service, request, "", f"{len(service.org.run_archive_job())} tasks were archived.")
    many, unit = str(form.get("many", "")), str(form.get("unit", ""))
    try:
        seconds = float(many) * _UNITS.get(unit, 0)
    except ValueError:
        seconds = 0.0
    org_clock = service.org.clock
    if not 0 < seconds <= _MOST_DAYS * 86_400:
        return _show(
            service, request, "Time only moves on: enter a number above 0, ten years at most.", status=400
        )
    if isinstance(org_clock, Movable):
        org_clock.advance(seconds)
        service.jobs.work()
    return go(f"{HOME}/clock")


def _show(service: Service, request: Request, trouble: str, done: str = "", status: int = 200) -> Response:
    units = "".join(f"<option>{unit}</option>" for unit in _UNITS)
    moves = (
        '<form class="row" method="post"><label>Move on by <input name="many" type="number" min="1" value="1"></label>'
        f'<label>Unit <select name="unit">{units}</select></label><button class="first">Move</button></form>'
        if isinstance(service.org.clock, Movable)
        else '<p class="quiet">This org goes by the machine\'s own clock, which cannot be moved.</p>'
    )
    content = (
        f"{wrong(trouble)}{f'<p class=saved role=status>{done}</p>' if done else ''}"
        f"<p>It is <strong>{said(service.org.clock.now())} UTC</strong> here.</p>{moves}"
        '<h2>Archive</h2><p class="quiet">Salesforce archives closed tasks after a year; they leave query and stay in '
        'queryAll.</p><form method="post"><button name="do" value="archive">Run the archive job</button></form>'
    )
    return page(request, "Clock", content, now=now_of(service), status=status)
