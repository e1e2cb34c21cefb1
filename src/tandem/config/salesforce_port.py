"""The engine's Salesforce port over tandem.salesforce: rows become rows, errors become outcomes. Nothing here decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from tandem import salesforce as sf
from tandem.config.activities_port import ActivitiesPort
from tandem.config.filed_mail_port import FiledMailPort
from tandem.config.outcomes import TROUBLE, no_answer, outcome_of, outcome_of_row, outside_transactions
from tandem.sync.fields import SALESFORCE_NAMES, canonical
from tandem.sync.pair import Row, Values, Version
from tandem.sync.ports import Log, New, Page, Patch, Written

T = TypeVar("T")


class SalesforcePort:
    """One connection's Salesforce, as tandem.sync.ports.Salesforce describes it.

    allowance: told after every call the org's API allowance, and how many calls were made since it was last told.
    """

    def __init__(
        self, client: sf.Client, key_field: str, allowance: Callable[[sf.LimitInfo, int], None] | None = None
    ) -> None:
        self._client = client
        self._key_field = key_field
        self._allowance = allowance
        self._told = 0
        self.activities = ActivitiesPort(client, key_field, self._report)
        self.filed_mail = FiledMailPort(client, self._report)

    @property
    def calls(self) -> int:
        return self._client.calls

    def server_time(self) -> datetime:
        return self._read(self._client.server_time)

    def count_changed(self, owners: Sequence[str], since: datetime) -> int:
        return self._read(lambda: self._client.count_tasks_changed(owners, since))

    def changed_since(
        self, owners: Sequence[str], since: datetime, after: tuple[datetime, str] | None
    ) -> Page:
        page = self._read(
            lambda: self._client.tasks_changed_since(owners, since, after, key_field=self._key_field)
        )
        return Page(_rows(page.rows), page.read_at, more=not page.complete)

    def by_id(self, ids: Sequence[str]) -> Page:
        found = self._read(lambda: self._client.tasks_by_id(ids, self._key_field))
        return Page(_rows(found.rows), found.read_at)

    def by_key(self, keys: Sequence[str]) -> Page:
        found = self._read(lambda: self._client.tasks_by_key(keys, self._key_field))
        return Page(_rows(found.rows), found.read_at)

    def deleted_between(self, start: datetime, end: datetime) -> Log:
        log = self._read(lambda: self._client.tasks_deleted(start, end))
        return Log([id_ for id_, _ in log.deleted], log.covered_to)

    def updated_between(self, start: datetime, end: datetime) -> Log:
        log = self._read(lambda: self._client.tasks_updated(start, end))
        return Log(log.ids, log.covered_to)

    def insert(self, rows: Sequence[New]) -> Written:
        bodies = [{self._key_field: row.key, "OwnerId": row.owner, **_body(row.values)} for row in rows]
        return self._write(len(rows), lambda: self._client.insert_tasks(bodies, self._key_field))

    def patch(self, rows: Sequence[Patch]) -> Written:
        changes = [sf.Patch(row.id, _body(row.values), row.unless_modified_since) for row in rows]
        return self._write(len(rows), lambda: self._client.patch_tasks(changes, self._key_field))

    def delete(self, ids: Sequence[str]) -> Written:
        return self._write(len(ids), lambda: self._client.delete_tasks(ids, self._key_field))

    def _read(self, call: Callable[[], T]) -> T:
        outside_transactions()
        try:
            return call()
        except TROUBLE as error:
            raise no_answer(error) from error
        finally:
            self._report()

    def _write(self, rows: int, call: Callable[[], sf.Written]) -> Written:
        outside_transactions()
        try:
            written = call()
        except TROUBLE as error:
            return Written([outcome_of(error)] * rows, [], None)
        finally:
            self._report()
        back = written.read_back
        outcomes = [outcome_of_row(result) for result in written.results]
        return Written(outcomes, _rows(back.rows) if back else [], back.read_at if back else None)

    def _report(self) -> None:
        if self._allowance is not None and self._client.limit is not None:
            calls = self._client.calls
            self._allowance(self._client.limit, calls - self._told)
            self._told = calls


def _rows(rows: Sequence[sf.TaskRow]) -> list[Row]:
    return [_row(row) for row in rows]


def _row(row: sf.TaskRow) -> Row:
    values = canonical(
        {
            "name": row.subject,
            "status": row.status,
            "priority": row.priority,
            "due": row.activity_date.isoformat() if row.activity_date else "",
            "details": row.description,
        }
    )
    about = " · ".join(name for name in (row.who_name, row.what_name or row.account_name) if name)
    return Row(
        id=row.id,
        version=Version(values, row.is_closed, row.owner_id, about, row.is_recurrence),
        key=row.key or "",
        created=row.created_date,
        stamp=row.last_modified_date,
        poll_stamp=row.system_modstamp,
        deleted=row.is_deleted,
        subtype=row.task_subtype or "Task",
    )


def _body(values: Values) -> Mapping[str, str | None]:
    return {SALESFORCE_NAMES[name]: value or None for name, value in values.items()}
