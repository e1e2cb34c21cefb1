"""What sync remembers: of an org, of a pair, of an activity, of an unsubscribe."""

from tandem.sync.models.activities import Activity, ActivityLink, Held, NewRecord, OrgWarning, TaskShape
from tandem.sync.models.links import Conflict, Event, Link
from tandem.sync.models.opt_outs import OptOut
from tandem.sync.models.orgs import CallsSpent, Day, OrgSync, TaskSync

__all__ = [
    "Activity",
    "ActivityLink",
    "CallsSpent",
    "Conflict",
    "Day",
    "Event",
    "Held",
    "Link",
    "NewRecord",
    "OptOut",
    "OrgSync",
    "OrgWarning",
    "TaskShape",
    "TaskSync",
]
