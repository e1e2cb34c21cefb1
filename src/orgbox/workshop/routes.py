"""Which page of the workshop is at which address?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orgbox.http.service import Service
from orgbox.workshop.clock import clock
from orgbox.workshop.frame import HOME, go, is_from_elsewhere
from orgbox.workshop.record import new_record, record
from orgbox.workshop.records import latest, objects
from orgbox.workshop.traffic import traffic
from orgbox.workshop.trouble import trouble

_READ = ("GET",)
_WRITE = ("GET", "POST")
Page = Callable[[Service, Request], Response | Awaitable[Response]]


def workshop_routes(service: Service) -> list[Route]:
    """The pages below /orgbox."""
    pages: list[tuple[str, Page, tuple[str, ...]]] = [
        ("", objects, _READ),
        ("/records/{sobject}", latest, _READ),
        ("/records/{sobject}/new", new_record, _WRITE),
        ("/records/{sobject}/{id}", record, _WRITE),
        ("/traffic", traffic, _WRITE),
        ("/trouble", trouble, _WRITE),
        ("/clock", clock, _WRITE),
    ]
    return [
        Route(HOME + path, _endpoint(service, shown), methods=list(methods)) for path, shown, methods in pages
    ]


def _endpoint(service: Service, shown: Page) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.method == "POST" and is_from_elsewhere(request):
            return go(HOME)
        answer = shown(service, request)
        return answer if isinstance(answer, Response) else await answer

    return endpoint
