"""How records are fetched: by GET, or inside a composite when the query is too long for a URI or there are several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from tandem.salesforce import composite, records
from tandem.salesforce.caller import Caller, unreadable
from tandem.salesforce.composite import Part, Subrequest
from tandem.salesforce.errors import BadInput
from tandem.salesforce.outcomes import QueryPage, Rows
from tandem.salesforce.wire import task_row

_T = TypeVar("_T")
_LONGEST_URL = 12_000  # Salesforce takes 16,384 bytes of URI and headers together (docs/salesforce.md §2.4)


class Reader:
    """Reads through one caller. `base` is the path of the API version."""

    def __init__(self, caller: Caller, base: str) -> None:
        self._caller = caller
        self._base = base

    def get(self, path: str, read: Callable[[Any, datetime], _T]) -> _T:
        """What `read` makes of the answer to one GET."""
        reply = self._caller.call("GET", path, was_write=False)
        with reading():
            return read(reply.payload, reply.read_at)

    def query(self, resource: str, soql: str) -> QueryPage:
        """The first page of `query` or `queryAll`."""
        url = self.query_url(resource, soql)
        if len(url) <= _LONGEST_URL:
            return self.get(url, records.query_page)
        # Too long for a URI: inside a composite the same address is part of the body.
        return self._queries([url])[0]

    def more(self, url: str) -> QueryPage:
        """A next page. The address comes from an answer and our token goes there: only a path of the org will do."""
        if not url.startswith("/services/data/"):
            raise BadInput("that is not the address of a next page", code="BAD_NEXT_URL")
        return self.get(url, records.query_page)

    def query_url(self, resource: str, soql: str) -> str:
        """The path of one query."""
        return f"{self._base}/{resource}?q={quote(soql, safe='')}"

    def tasks(self, soqls: Sequence[str], key_field: str | None) -> Rows:
        """The Tasks that one to five queries find, in one call."""
        if not soqls:
            raise BadInput("nothing was named that could be read", code="NOTHING_TO_READ")
        if len(soqls) == 1:
            pages = [self.query("queryAll", soqls[0])]
        else:
            pages = self._queries([self.query_url("queryAll", soql) for soql in soqls])
        return self.rows(pages, key_field)

    def rows(self, pages: Sequence[QueryPage], key_field: str | None) -> Rows:
        """All rows of these pages. Salesforce may cut a page of long texts short: then its rest is one more call."""
        found: list[Mapping[str, Any]] = []
        for first in pages:
            page = first
            found.extend(page.records)
            while page.next_url is not None:
                page = self.more(page.next_url)
                found.extend(page.records)
        with reading():
            return Rows(tuple(task_row(record, key_field) for record in found), pages[0].read_at)

    def _queries(self, urls: Sequence[str]) -> list[QueryPage]:
        subrequests = [Subrequest(f"query_{number}", "GET", url) for number, url in enumerate(urls)]
        reply = self._caller.call(
            "POST", f"{self._base}/composite", composite.composite_body(subrequests), was_write=False
        )
        parts = composite.parts_of(reply.payload)
        return [page_of(parts.get(each.reference), reply.read_at) for each in subrequests]


def page_of(part: Part | None, read_at: datetime) -> QueryPage:
    """The page in one part of a composite; raises what that part was refused with."""
    if part is None:
        raise unreadable(was_write=False)
    if part.status != 200:
        raise composite.part_error(part, was_write=False)
    with reading():
        return records.query_page(part.body, read_at)


@contextmanager
def reading() -> Iterator[None]:
    """Turns an answer of another shape than documented into "no answer"."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise unreadable(was_write=False) from error
