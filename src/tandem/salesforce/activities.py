"""What logging needs of Salesforce's API: whom an address stands for, and many small writes in one call.

Unlike a Reminder's Task, what is logged is not read back: nobody answers it later, and a thousand rows fit in a call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from tandem.salesforce import composite, people, tasks
from tandem.salesforce.batches import check_count, split
from tandem.salesforce.caller import Caller
from tandem.salesforce.composite import Part, Subrequest
from tandem.salesforce.errors import BadInput, SalesforceError
from tandem.salesforce.outcomes import Failed, RowResult
from tandem.salesforce.people import FoundRow, PersonRow, Question
from tandem.salesforce.reader import Reader, page_of, reading
from tandem.salesforce.wire import id18

MOST_QUESTIONS = composite.MOST_QUERIES_AND_COLLECTIONS
MOST_COLLECTIONS = composite.MOST_QUERIES_AND_COLLECTIONS
MOST_ROWS = composite.MOST_ROWS_IN_A_COLLECTION
_KEYS_A_QUERY = 160
_FOUND_AT_MOST = 20

_PEOPLE: tuple[Literal["lead"], Literal["contact"]] = ("lead", "contact")

Verb = Literal["POST", "PATCH"]
SObject = Literal["Task", "Lead", "Contact"]


class Activities:
    """The calls that log emails and calls. One method is one API call, unless an answer has further pages."""

    def __init__(self, caller: Caller, reader: Reader, base: str) -> None:
        self._caller = caller
        self._reader = reader
        self._base = base

    def find(self, questions: Sequence[Question]) -> list[tuple[FoundRow, ...] | SalesforceError]:
        """The answer to each of up to five questions; one that is refused says nothing about the others."""
        check_count(len(questions), MOST_QUESTIONS, "questions")
        urls = [self._reader.query_url("query", people.soql(question)) for question in questions]
        return self._answers([question.asked for question in questions], urls)

    def search(self, text: str) -> tuple[PersonRow, ...]:
        """Up to 20 Leads and 20 Contacts whose name or address contains `text`. A kind that is refused is left out."""
        kinds: tuple[Literal["lead"], Literal["contact"]] = ("lead", "contact")
        urls = [
            self._reader.query_url("query", people.search_soql(kind, text, _FOUND_AT_MOST)) for kind in kinds
        ]
        answers = self._answers(kinds, urls)
        if all(isinstance(answer, SalesforceError) for answer in answers):
            raise next(answer for answer in answers if isinstance(answer, SalesforceError))
        return tuple(
            row
            for answer in answers
            if not isinstance(answer, SalesforceError)
            for row in answer
            if isinstance(row, PersonRow)
        )

    def closed_status(self) -> str:
        """The org's first Task status that counts as closed."""
        found = self._reader.query(
            "query", "SELECT MasterLabel FROM TaskStatus WHERE IsClosed = true ORDER BY SortOrder LIMIT 1"
        )
        with reading():
            return str(found.records[0]["MasterLabel"]) if found.records else "Completed"

    def ids_by_key(self, keys: Sequence[str], key_field: str) -> dict[str, str]:
        """The id of each Task that carries one of up to 800 keys, deleted and archived ones included; the oldest's."""
        check_count(len(keys), _KEYS_A_QUERY * MOST_QUESTIONS, "keys")
        rows = self._reader.tasks(
            [tasks.by_key_soql(part, key_field) for part in split(keys, _KEYS_A_QUERY)], key_field
        )
        found: dict[str, str] = {}
        for row in rows.rows:
            found.setdefault(row.key or "", row.id)
        return found

    def insert(
        self, sobject: SObject, collections: Sequence[Sequence[Mapping[str, Any]]]
    ) -> list[tuple[RowResult, ...]]:
        """Insert up to five collections of up to 200 rows; the outcome of each row, in their order."""
        return self._write("POST", sobject, collections, inserting=True)

    def not_opted_out(
        self, addresses: Sequence[str], fields: Sequence[str]
    ) -> list[tuple[str, tuple[PersonRow, ...] | SalesforceError]]:
        """Leads and Contacts with one of these addresses on which one of these (at most two) fields is not set yet."""
        asked = [(kind, field) for field in fields for kind in _PEOPLE]
        soqls = [people.without_opt_out_soql(kind, addresses, field) for kind, field in asked]
        return self._people(asked, soqls)

    def opted_out(
        self, fields: Sequence[str], since: datetime | None
    ) -> list[tuple[str, tuple[PersonRow, ...] | SalesforceError]]:
        """Leads and Contacts on which one of these (at most two) fields is set, changed since then."""
        asked = [(kind, field) for field in fields for kind in _PEOPLE]
        return self._people(asked, [people.opted_out_soql(kind, field, since) for kind, field in asked])

    def update_people(
        self, sobject: Literal["Lead", "Contact"], rows: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> list[RowResult]:
        """Set these fields of up to 1,000 Leads or Contacts, whatever they say now: (id, fields)."""
        check_count(len(rows), MOST_ROWS * MOST_COLLECTIONS, "changes")
        bodies = [{"id": id18(record), **fields} for record, fields in rows]
        answers = self._write("PATCH", sobject, list(split(bodies, MOST_ROWS)), inserting=False)
        return [result for answer in answers for result in answer]

    def _people(
        self, asked: Sequence[tuple[Literal["lead", "contact"], str]], soqls: Sequence[str]
    ) -> list[tuple[str, tuple[PersonRow, ...] | SalesforceError]]:
        answers = self._answers(
            [kind for kind, _ in asked], [self._reader.query_url("query", soql) for soql in soqls]
        )
        return [
            (
                field,
                answer
                if isinstance(answer, SalesforceError)
                else tuple(row for row in answer if isinstance(row, PersonRow)),
            )
            for (_, field), answer in zip(asked, answers, strict=True)
        ]

    def update_tasks(self, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> list[RowResult]:
        """Set these fields of up to 1,000 Tasks, whatever they say now: (id, fields)."""
        check_count(len(rows), MOST_ROWS * MOST_COLLECTIONS, "changes")
        bodies = [{"id": id18(task), **fields} for task, fields in rows]
        answers = self._write("PATCH", "Task", list(split(bodies, MOST_ROWS)), inserting=False)
        return [result for answer in answers for result in answer]

    def _write(
        self,
        verb: Verb,
        sobject: SObject,
        collections: Sequence[Sequence[Mapping[str, Any]]],
        *,
        inserting: bool,
    ) -> list[tuple[RowResult, ...]]:
        check_count(len(collections), MOST_COLLECTIONS, "collections")
        for rows in collections:
            check_count(len(rows), MOST_ROWS, "rows")
        bad = {
            (place, at): Failed(error)
            for place, rows in enumerate(collections)
            for at, row in enumerate(rows)
            if sobject == "Task" and (error := _bad(row)) is not None
        }
        good = [
            [row for at, row in enumerate(rows) if (place, at) not in bad]
            for place, rows in enumerate(collections)
        ]
        parts = self._send(verb, sobject, good)
        results: list[tuple[RowResult, ...]] = []
        for place, rows in enumerate(collections):
            answered = iter(
                composite.collection_results(
                    parts.get(f"rows_{place}"), len(good[place]), inserting=inserting
                )
            )
            results.append(tuple(bad.get((place, at)) or next(answered) for at in range(len(rows))))
        return results

    def _send(
        self, verb: Verb, sobject: SObject, collections: Sequence[Sequence[Mapping[str, Any]]]
    ) -> dict[str, Part]:
        url = f"{self._base}/composite/sobjects"
        subrequests = [
            Subrequest(
                f"rows_{place}",
                verb,
                url,
                {
                    "allOrNone": False,
                    "records": [{"attributes": {"type": sobject}, **_literal(row)} for row in rows],
                },
            )
            for place, rows in enumerate(collections)
            if rows
        ]
        if not subrequests:
            return {}
        reply = self._caller.call(
            "POST", f"{self._base}/composite", composite.composite_body(subrequests), was_write=True
        )
        return composite.parts_of(reply.payload)

    def _answers(
        self, asked: Sequence[people.Asked], urls: Sequence[str]
    ) -> list[tuple[FoundRow, ...] | SalesforceError]:
        subrequests = [Subrequest(f"query_{number}", "GET", url) for number, url in enumerate(urls)]
        reply = self._caller.call(
            "POST", f"{self._base}/composite", composite.composite_body(subrequests), was_write=False
        )
        parts = composite.parts_of(reply.payload)
        answers: list[tuple[FoundRow, ...] | SalesforceError] = []
        for each, kind in zip(subrequests, asked, strict=True):
            try:
                page = page_of(parts.get(each.reference), reply.read_at)
                rows: list[FoundRow] = []
                with reading():
                    rows.extend(people.rows_of(kind, page.records))
                while page.next_url is not None:
                    page = self._reader.more(page.next_url)
                    with reading():
                        rows.extend(people.rows_of(kind, page.records))
                answers.append(tuple(rows))
            except SalesforceError as error:
                answers.append(error)
        return answers


def _bad(row: Mapping[str, Any]) -> BadInput | None:
    try:
        tasks.check_task(row)
    except BadInput as error:
        return error
    return None


def _literal(row: Mapping[str, Any]) -> dict[str, Any]:
    """Inside a composite "@{…}" refers to another answer (docs/salesforce.md §2.8): a text like it gets a word joiner."""
    return {
        name: value.replace("@{", "@\u2060{") if isinstance(value, str) else value
        for name, value in row.items()
    }
