"""What is the org's web application made of?"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from orgbox.faults import FaultPlan
from orgbox.http.admin import admin_routes
from orgbox.http.allowance import Allowance
from orgbox.http.cursors import Cursors
from orgbox.http.gateway import Gateway
from orgbox.http.journal import Journal
from orgbox.http.oauth import OAuth
from orgbox.http.service import Service
from orgbox.org import Org


def create_app(org: Org, *, rotate_tokens: bool = False, daily_api_requests: int = 100_000) -> Starlette:
    """The ASGI application of an org.

    `app.state` holds org, oauth, faults, journal and allowance for tests in the same process. Handlers never give
    up the event loop between reading and writing, so the org needs no lock.
    """
    service = Service(
        org=org,
        oauth=OAuth(org, rotate=rotate_tokens),
        cursors=Cursors(org.clock, org.state.mint),
        allowance=Allowance(org.clock, daily_api_requests),
        faults=FaultPlan(org.seed),
        journal=Journal(),
    )
    org.triggers.append(service.faults.trigger)
    app = Starlette(routes=admin_routes(service))
    for name in ("org", "oauth", "faults", "journal", "allowance"):
        setattr(app.state, name, getattr(service, name))
    gateway = Gateway(service)
    outside = app.router.default

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        """Everything that is not /orgbox is the org's own; paths arrive with doubled slashes too."""
        if scope["type"] == "http" and not scope["path"].startswith("/orgbox"):
            await gateway(scope, receive, send)
        else:
            await outside(scope, receive, send)

    app.router.default = door
    return app
