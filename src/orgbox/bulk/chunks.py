"""How is one long query made into several, each of so many ids? Bulk API 1: "PK Chunking Header". Pure.

Sforce-Enable-PKChunking: true
Sforce-Enable-PKChunking: chunkSize=50000; startRow=00T...
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from orgbox.errors import OrgError
from orgbox.ids import canonical
from orgbox.schema.types import ObjectSchema
from orgbox.soql import blanked, parse

_USUAL, _LARGEST = 100_000, 250_000
_CHUNKED = frozenset({"Account", "Contact", "Event", "Lead", "Opportunity", "Task", "User"})
_WHERE = re.compile(r"\bWHERE\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chunking:
    """So many ids a chunk, from this one on; from the first when it names none."""

    size: int = _USUAL
    start: str | None = None


def chunking(header: str | None, schema: ObjectSchema) -> Chunking | None:
    """What the header of a job asks for; None for nothing. Raises OrgError for what it cannot mean."""
    words = [word.strip() for word in (header or "").split(";") if word.strip()]
    if not words or words[0].lower() == "false":
        return None
    given = dict(word.partition("=")[::2] for word in words if word.lower() != "true")
    if unknown := given.keys() - {"chunkSize", "startRow", "parent"}:
        raise OrgError("INVALIDJOB", f"Unknown PK chunking option: {min(unknown)}")
    size = given.get("chunkSize", str(_USUAL))
    if not re.fullmatch(r"[0-9]{1,6}", size) or not 1 <= int(size) <= _LARGEST:
        raise OrgError("INVALIDJOB", f"The chunk size must be between 1 and {_LARGEST}: {size[:20]}")
    if schema.name not in _CHUNKED and not schema.custom:
        raise OrgError("INVALIDJOB", f"PK chunking is not supported for {schema.name}")
    return Chunking(int(size), canonical(given["startRow"]) if "startRow" in given else None)


def chunked(soql: str, identifiers: Sequence[str], how: Chunking) -> list[str]:
    """The queries of the chunks, over every id of the table. Raises OrgError when the query has more than a WHERE."""
    query = parse(soql)
    more = (query.order, query.limit, query.offset, query.scope, query.group)
    if any(more):
        raise OrgError("API_ERROR", "PK chunking works with queries that have no conditions other than WHERE")
    known = sorted(identifier[:15] for identifier in identifiers)
    known = [identifier for identifier in known if how.start is None or identifier >= how.start[:15]]
    starts = known[:: how.size]
    bounds = [f"Id >= '{first}' AND Id < '{after}'" for first, after in pairwise(starts)]
    bounds += [f"Id >= '{starts[-1]}' AND Id <= '{known[-1]}'"] if starts else []
    where = _WHERE.search(blanked(soql))
    if where is None:
        return [f"{soql.rstrip()} WHERE {bound}" for bound in bounds]
    head, condition = soql[: where.start()].rstrip(), soql[where.end() :].strip()
    return [f"{head} WHERE ({condition}) AND {bound}" for bound in bounds]
