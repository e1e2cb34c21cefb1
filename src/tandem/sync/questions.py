"""What pages may ask that only Salesforce can answer. wiring says who answers, as it says what a wake does.

So a page shows what would happen before Save (P4) and still knows nothing of Salesforce (contract 5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tandem.connections.models import Connection
from tandem.people.matching import Candidate
from tandem.sync.preview import Preview

Foresee = Callable[[Connection], Preview]
Search = Callable[[Connection, str], Sequence[Candidate]]

_previews: list[Foresee] = []
_searches: list[Search] = []


def answer_previews(foresee: Foresee) -> None:
    """Say who answers `preview_of` in this process."""
    _previews[:] = [foresee]


def answer_searches(search: Search) -> None:
    """Say who answers `search_records` in this process."""
    _searches[:] = [search]


def search_records(connection: Connection, text: str) -> Sequence[Candidate]:
    """Leads and Contacts whose name or address contains `text`, for a person who decides what is held for review.

    Raises NoAnswer (tandem.sync.ports) when Salesforce cannot be asked.
    """
    return _searches[0](connection, text) if text.strip() else ()


def preview_of(connection: Connection) -> Preview:
    """What switching task sync on would do for this connection (P4), changing nothing.

    Raises NoAnswer (tandem.sync.ports) when Salesforce cannot be asked.
    """
    return _previews[0](connection)
