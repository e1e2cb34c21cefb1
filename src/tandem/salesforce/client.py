"""Salesforce's API as Tandem uses it: one method is one API call (unless its words say otherwise).

Every result carries `read_at`, the server's own time. Whole-call failures raise the tree of `errors`; the outcome of a
row in a shared call is a value (`outcomes`). Nothing here retries a write and nothing waits: when to call again is for
the caller to decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2

from tandem.salesforce import composite, records, tasks
from tandem.salesforce.activities import Activities
from tandem.salesforce.batches import check_count, in_order, rejected, split
from tandem.salesforce.caller import Caller
from tandem.salesforce.composite import Part, Subrequest
from tandem.salesforce.errors import BadInput, SalesforceError
from tandem.salesforce.filed_mail import FiledMail
from tandem.salesforce.line import Line, Timeouts
from tandem.salesforce.oauth import (
    App,
    Consent,
    Session,
    Tokens,
    code_request,
    fetch_tokens,
    read_revoke_answer,
    read_token_answer,
    revoke_request,
)
from tandem.salesforce.outcomes import (
    DeletedLog,
    Description,
    Limits,
    Page,
    Patch,
    QueryPage,
    Rows,
    UpdatedLog,
    Written,
)
from tandem.salesforce.reader import Reader, page_of, reading
from tandem.salesforce.wire import LimitInfo, api_name, format_datetime, format_http_date, id18, task_row

MOST_INSERTS = 800  # 4 collections of 200; the fifth place in the composite reads them back
MOST_PATCHES = 24  # the 25th subrequest reads them back
MOST_DELETES = 200
MOST_IDS = 2_000
MOST_KEYS = 800
_IDS_A_QUERY = 400  # keeps each query below 12,000 bytes of URL
_KEYS_A_QUERY = 160
_READ_BACK = "read_back"


class Client:
    """A connection to one org. Safe to share between threads; close it, or use it in a `with`.

    `limit` is the allowance as the newest answer told it, `calls` the number of metered calls made, `activities` the
    calls that log emails and calls, `filed_mail` those that ask what Email to Salesforce takes and has filed.
    """

    def __init__(
        self,
        session: Session,
        *,
        api_version: str = "v60.0",
        transport: httpx2.BaseTransport | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._line = Line(timeouts or Timeouts(), transport)
        self._caller = Caller(session, self._line)
        self._base = f"/services/data/{api_version}"
        self._reader = Reader(self._caller, self._base)
        self.activities = Activities(self._caller, self._reader, self._base)
        self.filed_mail = FiledMail(self._caller, self._reader, self._base)

    @property
    def limit(self) -> LimitInfo | None:
        """API calls used and allowed in the org's rolling 24 hours; None before the first answer."""
        return self._caller.limit

    @property
    def calls(self) -> int:
        """Metered API calls made so far, also those that failed."""
        return self._caller.calls

    def close(self) -> None:
        """Close every connection."""
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- the org -----------------------------------------------------------------------------------------

    def server_time(self) -> datetime:
        """The org's clock, in whole seconds. Costs no API call (docs/salesforce.md §2.1)."""
        return self._caller.call_unmetered("/services/data/").read_at

    def limits(self) -> Limits:
        """The org's limits (docs/salesforce.md §2.2)."""
        return self._reader.get(f"{self._base}/limits", records.limits)

    def describe(self, sobject: str) -> Description:
        """The fields of an object as this user may see them (docs/salesforce.md §2.3)."""
        return self._reader.get(f"{self._base}/sobjects/{api_name(sobject)}/describe", records.description)

    # --- queries -----------------------------------------------------------------------------------------

    def query(self, soql: str) -> QueryPage:
        """The first page of live, unarchived rows."""
        return self._reader.query("query", soql)

    def query_all(self, soql: str) -> QueryPage:
        """The first page, deleted and archived rows included."""
        return self._reader.query("queryAll", soql)

    def query_more(self, url: str) -> QueryPage:
        """The next page: `url` is the `next_url` of the one before."""
        return self._reader.more(url)

    def count(self, soql: str) -> int:
        """The number that a `SELECT COUNT() FROM …` finds."""
        return self.query(soql).total

    # --- reading Tasks -----------------------------------------------------------------------------------

    def tasks_changed_since(
        self,
        owners: Sequence[str],
        since: datetime,
        after: tuple[datetime, str] | None = None,
        key_field: str | None = None,
        limit: int = 2_000,
    ) -> Page:
        """One page of these owners' Tasks stamped at `since` or later, deleted and archived ones included.

        Begin with `after` None, then give the `after` of each page until one is `complete`. Pages are found by the
        keyset and not by Salesforce's cursor, so a page that failed can be asked for again at any time.
        """
        if not owners:
            raise BadInput("nobody was named whose tasks to read", code="NO_OWNERS")
        found = self.query_all(tasks.changed_since_soql(owners, since, after, key_field, limit))
        with reading():
            rows = tuple(task_row(record, key_field) for record in found.records)
        return Page(rows, found.read_at, complete=found.done and len(rows) < limit)

    def count_tasks_changed(self, owners: Sequence[str], since: datetime) -> int:
        """How many rows `tasks_changed_since` would give over all its pages."""
        return self.query_all(tasks.count_changed_soql(owners, since)).total

    def tasks_by_id(self, ids: Sequence[str], key_field: str | None = None) -> Rows:
        """Up to 2,000 Tasks by id, deleted and archived ones included, in one call. Those not found are left out."""
        check_count(len(ids), MOST_IDS, "ids")
        soqls = [tasks.by_id_soql(part, key_field) for part in split(ids, _IDS_A_QUERY)]
        return self._reader.tasks(soqls, key_field)

    def tasks_by_key(self, keys: Sequence[str], key_field: str) -> Rows:
        """Up to 800 keys in one call, deleted and archived Tasks included. One key may have several Tasks."""
        check_count(len(keys), MOST_KEYS, "keys")
        soqls = [tasks.by_key_soql(part, key_field) for part in split(keys, _KEYS_A_QUERY)]
        return self._reader.tasks(soqls, key_field)

    def tasks_deleted(self, start: datetime, end: datetime) -> DeletedLog:
        """Tasks deleted between the two that this user may see: at most 15 days back (docs/salesforce.md §2.9)."""
        return self._reader.get(self._log_url("deleted", start, end), records.deleted_log)

    def tasks_updated(self, start: datetime, end: datetime) -> UpdatedLog:
        """Tasks changed between the two: at most 30 days back (docs/salesforce.md §2.9)."""
        return self._reader.get(self._log_url("updated", start, end), records.updated_log)

    # --- writing Tasks -----------------------------------------------------------------------------------

    def insert_tasks(self, rows: Sequence[Mapping[str, Any]], key_field: str) -> Written:
        """Insert up to 800 new Tasks and read them back by key, in one call.

        Every row carries its key. A row that Salesforce would refuse anyway is not sent and fails with BadInput; a
        key that exists fails with Duplicate, and the record that has it is among the rows read back (rule I2).
        """
        check_count(len(rows), MOST_INSERTS, "new tasks")
        bad = rejected(rows, lambda row: tasks.check_new_task(row, key_field))
        good = [row for place, row in enumerate(rows) if place not in bad]
        if not good:
            return in_order(len(rows), bad, (), None)
        batches = list(split(good, composite.MOST_ROWS_IN_A_COLLECTION))
        parts, read_at = self._composite(
            [self._insertion(number, batch) for number, batch in enumerate(batches)],
            tasks.by_key_soql([row[key_field] for row in good], key_field),
        )
        results = [
            result
            for number, batch in enumerate(batches)
            for result in composite.collection_results(
                parts.get(f"insert_{number}"), len(batch), inserting=True
            )
        ]
        return in_order(len(rows), bad, results, self._read_back(parts, key_field, read_at))

    def patch_tasks(self, changes: Sequence[Patch], key_field: str | None = None) -> Written:
        """Update up to 24 Tasks, each only if nobody changed it since, and read them back, in one call."""
        check_count(len(changes), MOST_PATCHES, "changes")
        bad = rejected(changes, lambda change: tasks.check_task(change.fields, change.series))
        good = [change for place, change in enumerate(changes) if place not in bad]
        if not good:
            return in_order(len(changes), bad, (), None)
        parts, read_at = self._composite(
            [self._update(number, change) for number, change in enumerate(good)],
            tasks.by_id_soql([change.id for change in good], key_field),
        )
        results = [
            composite.patch_result(parts.get(f"patch_{number}"), change.id)
            for number, change in enumerate(good)
        ]
        return in_order(len(changes), bad, results, self._read_back(parts, key_field, read_at))

    def delete_tasks(self, ids: Sequence[str], key_field: str | None = None) -> Written:
        """Delete up to 200 Tasks and read them back as they lie in the recycle bin, in one call.

        DELETE takes no condition (docs/salesforce.md §2.10): the rows show what an edit of the last moment put there.
        """
        check_count(len(ids), MOST_DELETES, "deletions")
        if not ids:
            return Written((), None)
        url = f"{self._base}/composite/sobjects?ids={','.join(map(id18, ids))}&allOrNone=false"
        parts, read_at = self._composite(
            [Subrequest("delete", "DELETE", url)], tasks.by_id_soql(ids, key_field)
        )
        results = composite.collection_results(parts.get("delete"), len(ids))
        return in_order(len(ids), {}, results, self._read_back(parts, key_field, read_at))

    # --- how ---------------------------------------------------------------------------------------------

    def _composite(self, writes: Sequence[Subrequest], read_back: str) -> tuple[dict[str, Part], datetime]:
        subrequests = [*writes, Subrequest(_READ_BACK, "GET", self._reader.query_url("queryAll", read_back))]
        reply = self._caller.call(
            "POST", f"{self._base}/composite", composite.composite_body(subrequests), was_write=True
        )
        return composite.parts_of(reply.payload), reply.read_at

    def _read_back(
        self, parts: Mapping[str, Part], key_field: str | None, read_at: datetime
    ) -> Rows | SalesforceError:
        # What the writes did is known by now: a failure to read them back must not hide it.
        try:
            return self._reader.rows([page_of(parts.get(_READ_BACK), read_at)], key_field)
        except SalesforceError as error:
            return error

    def _insertion(self, number: int, rows: Sequence[Mapping[str, Any]]) -> Subrequest:
        typed = [{"attributes": {"type": "Task"}, **row} for row in rows]
        body = {"allOrNone": False, "records": typed}
        return Subrequest(f"insert_{number}", "POST", f"{self._base}/composite/sobjects", body)

    def _update(self, number: int, change: Patch) -> Subrequest:
        return Subrequest(
            f"patch_{number}",
            "PATCH",
            f"{self._base}/sobjects/Task/{id18(change.id)}",
            dict(change.fields),
            {"If-Unmodified-Since": format_http_date(change.unless_modified_since)},
        )

    def _log_url(self, log: str, start: datetime, end: datetime) -> str:
        begin, until = quote(format_datetime(start), safe=""), quote(format_datetime(end), safe="")
        return f"{self._base}/sobjects/Task/{log}/?start={begin}&end={until}"


def sign_in(
    app: App, *, transport: httpx2.BaseTransport | None = None, timeouts: Timeouts | None = None
) -> Tokens:
    """The first tokens of an app that signs in as itself (client credentials)."""
    with Line(timeouts or Timeouts(), transport) as line:
        return fetch_tokens(app, None, line.post_form)


def exchange_code(
    app: App,
    consent: Consent,
    *,
    transport: httpx2.BaseTransport | None = None,
    timeouts: Timeouts | None = None,
) -> Tokens:
    """The first tokens of a person who allowed the app. SignInNeeded when Salesforce refuses the code.

    A code works once: what was not answered cannot be asked again, and the person begins anew.
    """
    with Line(timeouts or Timeouts(), transport) as line:
        status, body = line.post_form(code_request(app, consent))
    return read_token_answer(status, body, None)


def revoke(
    app: App, token: str, *, transport: httpx2.BaseTransport | None = None, timeouts: Timeouts | None = None
) -> None:
    """End a refresh token and every session made with it; one that is dead already is no error."""
    with Line(timeouts or Timeouts(), transport) as line:
        status, body = line.post_form(revoke_request(app, token))
    read_revoke_answer(status, body)
