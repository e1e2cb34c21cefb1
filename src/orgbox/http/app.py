"""What is the org's web application made of?"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette

from orgbox.bulk.jobs import Jobs
from orgbox.faults import FaultPlan
from orgbox.http.admin import admin_routes
from orgbox.http.allowance import Allowance
from orgbox.http.codes import Codes
from orgbox.http.cursors import Cursors
from orgbox.http.gateway import Gateway
from orgbox.http.journal import Journal
from orgbox.http.oauth import OAuth
from orgbox.http.recent import Recent
from orgbox.http.service import Service
from orgbox.mail import MailDoor
from orgbox.org import Org
from orgbox.workshop.routes import workshop_routes


def create_app(
    org: Org,
    *,
    rotate_tokens: bool = False,
    daily_api_requests: int = 100_000,
    callbacks: Sequence[str] = (),
    job_delay: float = 0.0,
) -> Starlette:
    """The ASGI application of an org; `callbacks` are the addresses its client app may have a browser sent back to.

    A Bulk job is done `job_delay` seconds after it was sent. `app.state` holds org, oauth, faults, journal, allowance,
    jobs and door (closed; orgbox.server opens it) for tests in the same process. Handlers never give
    up the event loop between reading and writing, so the org needs no lock.
    """
    oauth = OAuth(org, rotate=rotate_tokens, callbacks=callbacks)
    service = Service(
        org=org,
        oauth=oauth,
        codes=Codes(org.clock, oauth.word),
        cursors=Cursors(org.clock, org.state.mint),
        allowance=Allowance(org.clock, daily_api_requests),
        faults=FaultPlan(org.seed),
        journal=Journal(),
        recent=Recent(),
        jobs=Jobs(org.clock, org.state.mint, job_delay),
    )
    org.triggers.append(service.faults.trigger)
    # Everything that is not /orgbox is the org's own, at whatever path: some clients double the leading slash.
    # (A route of its own would leave paths with a line break in them to Starlette.)
    app = Starlette(routes=[*admin_routes(service), *workshop_routes(service)])
    app.router.default = Gateway(service)
    for name in ("org", "oauth", "faults", "journal", "allowance", "jobs"):
        setattr(app.state, name, getattr(service, name))
    app.state.service = service
    app.state.door = MailDoor(org)
    return app
