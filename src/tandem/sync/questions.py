"""What pages may ask that only Salesforce can answer. wiring says who answers, as it says what a wake does.

So a page shows what would happen before Save (P4) and still knows nothing of Salesforce (contract 5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tandem.connections.models import Connection
from tandem.sync.preview import Preview

Foresee = Callable[[Sequence[Connection]], Preview]

_answers: dict[str, Foresee] = {}


def answer_previews(foresee: Foresee) -> None:
    """Say who answers `preview_of` in this process."""
    _answers["preview"] = foresee


def preview_of(connections: Sequence[Connection]) -> Preview:
    """What switching task sync on would do for these connections together (P4), changing nothing.

    Raises NoAnswer (tandem.sync.ports) when Salesforce cannot be asked.
    """
    return _answers["preview"](connections)
