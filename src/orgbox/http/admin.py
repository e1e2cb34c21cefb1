"""How does a person or a test reach behind the org's back? The /orgbox paths, which no real org has."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orgbox.errors import OrgError
from orgbox.faults import FAULTS, UnknownFault
from orgbox.http.service import Service
from orgbox.setup import UnreadableSetup, set_up


def admin_routes(service: Service) -> list[Route]:
    """GET, POST, DELETE /orgbox/faults; POST /orgbox/setup; GET, DELETE /orgbox/requests; POST /orgbox/sessions/expire."""

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            service.faults.clear()
        if request.method == "POST":
            try:
                given = await request.json()
                service.faults.add(**given)
            except (UnknownFault, TypeError, ValueError) as error:
                return JSONResponse({"error": str(error), "names": FAULTS}, status_code=400)
        return JSONResponse(service.faults.as_json())

    async def setup(request: Request) -> Response:
        try:
            set_up(service.org, await request.json())
        except (UnreadableSetup, OrgError, TypeError, ValueError, AttributeError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return Response(status_code=204)

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            service.journal.clear()
        return JSONResponse(service.journal.as_json())

    async def expire(request: Request) -> Response:
        service.oauth.expire_sessions()
        return Response(status_code=204)

    return [
        Route("/orgbox/faults", faults, methods=["GET", "POST", "DELETE"]),
        Route("/orgbox/setup", setup, methods=["POST"]),
        Route("/orgbox/requests", requests, methods=["GET", "DELETE"]),
        Route("/orgbox/sessions/expire", expire, methods=["POST"]),
    ]
