"""What stands in the way, by cause? Read from what each table remembers of its last refusal; a bounded number of queries.

A cause is an error code, and what it is about where the code alone says too little. Everybody sees their own, an admin the
team's (P11, P12; A.11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max, Min, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem import clock
from tandem.connections.explanations import Explanation, explained
from tandem.connections.models import Connection
from tandem.diagnostics.payload import without_secrets
from tandem.diagnostics.rows import (
    Filter,
    Kind,
    broken_connections,
    kinds_of,
    rows_of,
    waiting_orgs,
    warnings,
)
from tandem.salesforce.retries import Category, category_of
from tandem.sync.models import OrgWarning

CATEGORIES: Mapping[Category, Promise] = {
    Category.ACCESS: _("Access and validation"),
    Category.AUTHENTICATION: _("Sign-in"),
    Category.INTERMITTENT: _("Passing"),
    Category.OTHER: _("Other"),
}


@dataclass
class Cause:
    """One cause, and everything it holds up. first_at, last_at: None while nobody wrote it down."""

    code: str
    about: str
    said: str = ""
    counts: dict[Kind, int] = field(default_factory=dict)
    needs: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    #: Whole orgs that wait, by id: name, and until when; and connections that ask to be made again.
    orgs: dict[int, tuple[str, datetime | None]] = field(default_factory=dict)
    connections: list[Connection] = field(default_factory=list)
    warnings: list[OrgWarning] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Items that it holds up."""
        return sum(self.counts.values())

    @property
    def waits(self) -> int:
        """Those of them that are tried again by themselves."""
        return self.count - self.needs

    @property
    def explanation(self) -> Explanation:
        """What happened, what it means, what to do; Salesforce's own words where the code is not known."""
        return explained(self.code, without_secrets(self.said))

    @property
    def category(self) -> Category:
        """One of the four of A.11."""
        return category_of(self.code)

    @property
    def category_words(self) -> Promise:
        """The category, for people."""
        return CATEGORIES[self.category]

    @property
    def needs_you(self) -> bool:
        """Whether somebody must act before it goes on."""
        return bool(self.needs or self.connections)

    def seen(self, first: datetime | None, last: datetime | None) -> None:
        """It was seen in this span too."""
        self.first_at = min(filter(None, (self.first_at, first)), default=None)
        self.last_at = max(filter(None, (self.last_at, last)), default=None)


def causes(wanted: Filter) -> list[Cause]:
    """All causes there are now: those that need somebody first, then the ones with the most items."""
    found: dict[tuple[str, str], Cause] = {}

    def cause(code: str, about: str = "") -> Cause:
        return found.setdefault((code, about), Cause(code, about, about))

    for kind in kinds_of(wanted):
        rows = (
            rows_of(kind, wanted)
            .order_by()
            .values("error_code", "about")
            .annotate(
                items=Count("pk"),
                parked_items=Count("pk", filter=Q(parked=True)),
                first=Min("error_first_at"),
                last=Max("error_last_at"),
                said=Max("error_text"),
            )
        )
        for row in rows:
            each = cause(row["error_code"], row["about"])
            each.counts[kind] = row["items"]
            each.needs += row["parked_items"]
            each.said = each.said or row["said"]
            each.seen(row["first"], row["last"])
    if wanted.kind is None:
        for state in waiting_orgs(wanted):
            held = state.paused_until is not None and state.paused_until > clock.now()
            code, said = (state.pause_code, state.pause_text) if held else (state.trouble_code, state.trouble)
            each = cause(code)
            each.orgs[state.org_id] = (str(state.org), state.paused_until if held else state.next_round_at)
            each.said = each.said or said
            each.seen(None, state.last_round_at)
        for connection in broken_connections(wanted):
            each = cause(connection.trouble_code or "DISCONNECTED")
            each.connections.append(connection)
            each.said = each.said or connection.trouble_text
        for warning in warnings(wanted):
            each = cause(warning.code)
            each.warnings.append(warning)
            each.said = each.said or warning.text
            each.seen(warning.first_at, warning.last_at)
    listed = [each for each in found.values() if wanted.category in (None, each.category)]
    return sorted(listed, key=lambda each: (not each.needs_you, -each.count, each.code, each.about))
