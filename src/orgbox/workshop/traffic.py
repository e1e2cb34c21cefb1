"""What do clients ask of the org right now? The latest requests; the page loads itself again every two seconds."""

from __future__ import annotations

from html import escape
from itertools import islice
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from orgbox.http.service import Service
from orgbox.workshop.frame import HOME, go, page, table
from orgbox.workshop.moments import now_of

_SHOWN = 100
_EVERY_SECONDS = 2
_LONGEST = 200


def traffic(service: Service, request: Request) -> Response:
    """GET /orgbox/traffic; POST forgets what was seen. `?paused` stands still."""
    journal, allowance = service.journal, service.allowance
    if request.method == "POST":
        journal.clear()
        return go(f"{HOME}/traffic")
    paused = "paused" in request.query_params
    rows = [
        (
            entry.method,
            escape(_short(unquote_plus(entry.path))),
            "none" if entry.status is None else str(entry.status),
            "1" if entry.metered else "",
            escape(entry.fault or ""),
        )
        for entry in islice(reversed(journal.entries), _SHOWN)
    ]
    other = f'<a class="button" href="{HOME}/traffic{"" if paused else "?paused"}">{"Go on" if paused else "Pause"}</a>'
    content = (
        f"<p>{journal.requests:,} requests, {journal.metered:,} of them counted as API calls. "
        f"{allowance.used:,} of {allowance.daily:,} calls of the last 24 hours are used.</p>"
        f'<form class="row" method="post">{other}<button>Forget</button></form>'
        + table(("Method", "Path", "Status", "Calls", "Trouble"), rows, "Nobody has asked anything yet.")
    )
    refresh = None if paused else _EVERY_SECONDS
    return page(request, "Traffic", content, now=now_of(service), refresh=refresh)


def _short(path: str) -> str:
    return path if len(path) <= _LONGEST else path[:_LONGEST] + "…"
