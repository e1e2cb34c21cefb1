"""What do all requests to one org share?"""

from __future__ import annotations

from dataclasses import dataclass

from orgbox.bulk.jobs import Jobs
from orgbox.faults import FaultPlan
from orgbox.http.allowance import Allowance
from orgbox.http.codes import Codes
from orgbox.http.cursors import Cursors
from orgbox.http.journal import Journal
from orgbox.http.oauth import OAuth
from orgbox.http.recent import Recent
from orgbox.org import Org


@dataclass(frozen=True, slots=True)
class Service:
    """The org and what its HTTP side remembers between requests."""

    org: Org
    oauth: OAuth
    codes: Codes
    cursors: Cursors
    allowance: Allowance
    faults: FaultPlan
    journal: Journal
    recent: Recent
    jobs: Jobs
