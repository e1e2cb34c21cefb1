"""Who may come in from Salesforce, and who may go out to it: the rules of the first sync, and of every later one.

Source: P4, FS-1 … FS-6, TS-9 … TS-11, SF-3 in docs/rules.md; docs/engine.md §2.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tandem.sync.pair import Row

# FS-4: what was made or changed in Salesforce in the last 24 hours comes in when sync is switched on.
IMPORT_WINDOW = timedelta(hours=24)
# FS-6, FS-7: Salesforce itself remembers deletions for 15 days.
DELETION_WINDOW = timedelta(days=15)
# Mass-delete guard (docs/engine.md §2.5): more than both of these at once is held until a person says so.
MANY_DELETIONS = 20
LARGE_SHARE = 0.25

# Salesforce makes and re-makes these itself for every EmailMessage, under changing ids (docs/salesforce.md §4.6): not
# tasks that anybody has to do.
_LOGGED_BY_SALESFORCE = frozenset({"Email", "ListEmail"})
# What we have logged ourselves says so by its key (TS-11), whatever a person made of it since.
_LOGGED_BY_US = "log-"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a Task does not become a Reminder, in words for the page that explains."""

    why: str


def refuse_import(row: Row, import_from: datetime) -> Refusal | None:
    """None when the Task may come in. `row` is not linked and belongs to a member whose sync is on (TS-10).

    import_from: Salesforce's clock when sync was switched on, less 24 hours (FS-4). Everything admitted is stored,
    whatever its due date (FS-5); what the Command Center shows of it is the Command Center's business.
    """
    if row.deleted:
        return Refusal("it is deleted in Salesforce")
    if row.version.series:
        return Refusal("it is the master of a repeating series; its occurrences come in one by one")
    if row.key.startswith(_LOGGED_BY_US):
        return Refusal("it is an email or a call that Tandem logged")
    if row.subtype in _LOGGED_BY_SALESFORCE:
        return Refusal("it is an email that Salesforce filed by itself")
    if max(row.stamp, row.created) < import_from:
        return Refusal("it was last changed more than 24 hours before sync was switched on")
    return None


def may_go_out(reminder_id: int, outgoing_after: int) -> bool:
    """Whether a Reminder without a link may be sent: only when it was made after sync was switched on (FS-1, FS-2).

    outgoing_after: the highest Reminder id at that moment. A sequence, not a clock: editing an old one changes nothing.
    """
    return reminder_id > outgoing_after


def too_many_deletions(deletions: int, live_links: int) -> bool:
    """Whether so many Tasks vanished at once that a person should look first (rclone's and vdirsyncer's lesson)."""
    return deletions > max(MANY_DELETIONS, live_links * LARGE_SHARE)
