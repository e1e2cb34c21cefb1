"""The engine's Activities port over tandem.salesforce: what logging asks and writes. Nothing here decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from tandem import salesforce as sf
from tandem.config.outcomes import (
    TROUBLE,
    no_answer,
    outcome_of,
    outcome_of_row,
    outside_transactions,
    refusal_of,
)
from tandem.connections.sales_fields import SALES_FIELDS
from tandem.people.matching import Candidate, Deal
from tandem.sync.activity import FieldShape, Shape
from tandem.sync.activity_ports import ROWS, Answered, Heard, Look, OnRecord, Person, Question, Sobject
from tandem.sync.ports import Outcome

T = TypeVar("T")


class ActivitiesPort:
    """One connection's Salesforce, as tandem.sync.activity_ports.Activities describes it. report: called after every call."""

    def __init__(self, client: sf.Client, key_field: str, report: Callable[[], None]) -> None:
        self._client = client
        self._key_field = key_field
        self._report = report

    @property
    def calls(self) -> int:
        return self._client.calls

    def task_shape(self) -> Shape:
        task = self._read(lambda: self._client.describe("Task"))
        fields = task.fields
        type_, subtype, status = (fields.get(name) for name in ("Type", "TaskSubtype", "Status"))
        closed = "Completed"
        if status is not None and closed not in status.picklist:
            closed = self._read(self._client.activities.closed_status)
        return Shape(
            types=frozenset(type_.picklist) if type_ is not None and type_.createable else frozenset(),
            type_default=type_.preselected if type_ is not None else "",
            subtypes=frozenset(subtype.picklist)
            if subtype is not None and subtype.createable
            else frozenset(),
            closed_status=closed,
            fields={
                each.name: FieldShape(there.length, there.createable, there.updateable)
                for each in SALES_FIELDS
                if (there := fields.get(each.name)) is not None
            },
        )

    def find(self, questions: Sequence[Question]) -> Sequence[Heard]:
        asked = [sf.Question(question.asked, question.names) for question in questions]
        answers = self._read(lambda: self._client.activities.find(asked))
        return [_heard(question, answer) for question, answer in zip(questions, answers, strict=True)]

    def search(self, text: str) -> Sequence[Candidate]:
        """Leads and Contacts whose name or address contains `text`, for a person to choose from."""
        return [
            _candidate("lead" if row.id.startswith("00Q") else "contact", row)
            for row in self._read(lambda: self._client.activities.search(text))
        ]

    def logged(self, keys: Sequence[str]) -> Mapping[str, str]:
        return self._read(lambda: self._client.activities.ids_by_key(keys, self._key_field))

    def log(self, collections: Sequence[Sequence[tuple[str, Mapping[str, Any]]]]) -> Answered:
        bodies = [[{self._key_field: key, **body} for key, body in rows] for rows in collections]
        count = sum(map(len, bodies))
        return self._write(count, lambda: _flat(self._client.activities.insert("Task", bodies)))

    def make_people(self, rows: Sequence[tuple[Sobject, Mapping[str, Any]]]) -> Answered:
        # One collection for each kind; the outcomes go back into the order given.
        kinds: tuple[Sobject, ...] = ("Lead", "Contact")
        outcomes: dict[int, Outcome] = {}
        came = True
        for kind in kinds:
            places = [place for place, (sobject, _) in enumerate(rows) if sobject == kind]
            if places:
                answer = self._insert(kind, [rows[place][1] for place in places])
                came = came and answer.came
                outcomes.update(zip(places, answer.outcomes, strict=True))
        return Answered([outcomes[place] for place in range(len(rows))], came)

    def amend(self, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Answered:
        return self._write(len(rows), lambda: self._client.activities.update_tasks(rows))

    def not_opted_out(self, addresses: Sequence[str], fields: Sequence[str]) -> Look:
        return _look(self._read(lambda: self._client.activities.not_opted_out(addresses, fields)))

    def opted_out(self, fields: Sequence[str], since: datetime | None) -> Look:
        return _look(self._read(lambda: self._client.activities.opted_out(fields, since)))

    def set_people(
        self, sobject: Sobject, rows: Sequence[tuple[str, Mapping[str, bool]]]
    ) -> Sequence[Outcome]:
        return self._write(len(rows), lambda: self._client.activities.update_people(sobject, rows)).outcomes

    def _insert(self, kind: Sobject, bodies: Sequence[Mapping[str, Any]]) -> Answered:
        parts = [bodies[start : start + ROWS] for start in range(0, len(bodies), ROWS)]
        return self._write(len(bodies), lambda: _flat(self._client.activities.insert(kind, parts)))

    def _read(self, call: Callable[[], T]) -> T:
        outside_transactions()
        try:
            return call()
        except TROUBLE as error:
            raise no_answer(error) from error
        finally:
            self._report()

    def _write(self, rows: int, call: Callable[[], Sequence[sf.RowResult]]) -> Answered:
        outside_transactions()
        try:
            return Answered([outcome_of_row(result) for result in call()])
        except TROUBLE as error:
            return Answered([outcome_of(error)] * rows, came=False)
        finally:
            self._report()


def _flat(answers: Sequence[Sequence[sf.RowResult]]) -> list[sf.RowResult]:
    return [result for answer in answers for result in answer]


def _heard(question: Question, answer: Sequence[sf.FoundRow] | sf.SalesforceError) -> Heard:
    if isinstance(answer, sf.SalesforceError):
        return Heard(refused=refusal_of(answer))
    people = [row for row in answer if isinstance(row, sf.PersonRow)]
    match question.asked:
        case "lead" | "contact" as kind:
            return Heard(
                people=[
                    Person(row.email, _candidate(kind, row), row.converted, row.converted_to)
                    for row in people
                ]
            )
        case "colleague":
            return Heard(colleagues=frozenset(row.email for row in people))
        case "deals":
            roles = [row for row in answer if isinstance(row, sf.RoleRow)]
            return Heard(deals=[(row.contact, Deal(row.opportunity, row.name, row.account)) for row in roles])
        case "tasks":
            counts = dict.fromkeys(question.names, 0)
            for row in answer:
                if isinstance(row, sf.TasksOf):
                    counts[row.who] = row.number
            return Heard(tasks=counts)


def _look(
    answers: Sequence[tuple[str, tuple[sf.PersonRow, ...] | sf.SalesforceError]],
) -> Look:
    found: list[OnRecord] = []
    refused = None
    for field, answer in answers:
        if isinstance(answer, sf.SalesforceError):
            refused = refused or refusal_of(answer)
        else:
            found += [
                OnRecord("Lead" if row.id.startswith("00Q") else "Contact", row.id, row.email, field)
                for row in answer
            ]
    return Look(found, refused)


def _candidate(kind: str, row: sf.PersonRow) -> Candidate:
    return Candidate(
        "lead" if kind == "lead" else "contact",
        row.id,
        row.name or row.email,
        row.created,
        row.account,
        row.account_name,
    )
