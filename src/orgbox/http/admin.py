"""How does a person or a test reach behind the org's back? The /orgbox paths, which no real org has."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orgbox.faults import FAULTS, UnknownFault
from orgbox.http.service import Service


def admin_routes(service: Service) -> list[Route]:
    """GET, POST, DELETE /orgbox/faults; GET, DELETE /orgbox/requests; POST /orgbox/sessions/expire."""

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

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            service.journal.clear()
        return JSONResponse(service.journal.as_json())

    async def expire(request: Request) -> Response:
        service.oauth.expire_sessions()
        return Response(status_code=204)

    return [
        Route("/orgbox/faults", faults, methods=["GET", "POST", "DELETE"]),
        Route("/orgbox/requests", requests, methods=["GET", "DELETE"]),
        Route("/orgbox/sessions/expire", expire, methods=["POST"]),
    ]
