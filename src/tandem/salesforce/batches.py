"""How the rows of one shared call are divided, checked before sending and put back in order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from tandem.salesforce.errors import BadInput, SalesforceError
from tandem.salesforce.outcomes import Failed, RowResult, Rows, Written

_T = TypeVar("_T")


def check_count(count: int, most: int, what: str) -> None:
    """BadInput when more rows come than one call takes."""
    if count > most:
        raise BadInput(
            f"{count:,} {what} are more than one call takes ({most:,})",
            code="TOO_MANY_ROWS",
            remedy="Divide them over several calls.",
        )


def split(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """The items in stretches of at most `size`, in order."""
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


def rejected(rows: Sequence[_T], check: Callable[[_T], None]) -> dict[int, Failed]:
    """The rows that are not worth sending, by their place: one bad row never holds up its neighbours."""
    found: dict[int, Failed] = {}
    for place, row in enumerate(rows):
        try:
            check(row)
        except BadInput as error:
            found[place] = Failed(error)
    return found


def in_order(
    count: int,
    bad: Mapping[int, Failed],
    sent: Sequence[RowResult],
    read_back: Rows | SalesforceError | None,
) -> Written:
    """The outcomes of all `count` rows in the order given: those not sent, and between them those that were."""
    answered = iter(sent)
    results = tuple(bad[place] if place in bad else next(answered) for place in range(count))
    if isinstance(read_back, SalesforceError):
        return Written(results, None, read_back)
    return Written(results, read_back)
