"""How does logging speak to the simulated org? Its Activities port over orgbox's Org, without HTTP.

The shapes are those of config/activities_port.py. A call pauses where those of salesforce_port.py do, and the same may
go wrong with it; beside that the org refuses single questions, fields and rows, as only emails and calls meet it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from orgbox.errors import OrgError
from orgbox.records import Record
from tandem.people.matching import Candidate, Deal
from tandem.sync.activity import FieldShape, Shape
from tandem.sync.activity_ports import (
    AMENDS,
    COLLECTIONS,
    LOOKS,
    QUESTIONS,
    ROWS,
    Answered,
    Heard,
    Look,
    OnRecord,
    Person,
    Question,
    Sobject,
)
from tandem.sync.ports import Done, InDoubt, NoAnswer, Outcome, Refused, Why
from tests.simulation.calls import AFTER, CODES, LOST, REFUSALS, OwnError, Write

if TYPE_CHECKING:
    from tests.simulation.salesforce_port import SimulatedSalesforce

T = TypeVar("T")
# The custom fields of CF-1 that an admin of a history may make.
CUSTOM = ("MSE_Email_Status__c", "MSE_Replied__c")
# What a refusing org may answer to a row that logs something (A.11): each has another way out.
_ROW_REFUSALS = (
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "ENTITY_IS_LOCKED",
    "UNKNOWN_EXCEPTION",
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
    "INVALID_TYPE",
)


class SimulatedActivities:
    """What logging asks of one connection to the org of a world."""

    def __init__(self, salesforce: SimulatedSalesforce) -> None:
        self._salesforce = salesforce
        self.world = salesforce.world

    @property
    def calls(self) -> int:
        return self._salesforce.calls

    # --- reading -------------------------------------------------------------------------------------------------

    def task_shape(self) -> Shape:
        return self._read("describe Task", self._shape)

    def _shape(self) -> Shape:
        schema = self.world.there.org.schema("Task")
        fields = {name: FieldShape(there.length) for name in CUSTOM if (there := schema.find(name))}
        return Shape(frozenset({"Email", "Call"}), subtypes=frozenset({"Task", "Email"}), fields=fields)

    def find(self, questions: Sequence[Question]) -> Sequence[Heard]:
        assert 0 < len(questions) <= QUESTIONS
        return self._read("ask for people", lambda: [self._answer(each) for each in questions])

    def _answer(self, question: Question) -> Heard:
        world = self.world
        if "question refused" in world.swarm and not world.calm and world.tape.chance(6):
            world.count("question refused")
            if world.tape.below(2):
                world.once.blinded = True
                return Heard(
                    refused=Refused(Why.RULE, "INVALID_TYPE", "this kind of record is not supported")
                )
            return Heard(refused=Refused(Why.BUSY, "QUERY_TIMEOUT", "your query ran too long"))
        names, by_email = frozenset(question.names), "@" in question.names[0]
        match question.asked:
            case "lead" | "contact":
                sobject: Sobject = "Lead" if question.asked == "lead" else "Contact"
                rows = self._rows(sobject, "Email" if by_email else "Id", names)
                return Heard(people=[self._person(sobject, row) for row in rows])
            case "colleague":
                rows = self._rows("User", "Email", names)
                return Heard(colleagues=frozenset(row["Email"].lower() for row in rows))
            case "deals":
                return Heard(deals=self._deals(names, by_email))
            case "tasks":
                tasks = self._rows("Task", "WhoId", names)
                return Heard(tasks=Counter(task["WhoId"] for task in tasks))

    def _rows(self, sobject: str, field: str, names: frozenset[str]) -> list[Record]:
        rows = (row for row in self.world.there.org.scan(sobject) if row[field])
        return [row for row in rows if (row[field].lower() if field == "Email" else row[field]) in names]

    def _person(self, sobject: Sobject, row: Record) -> Person:
        lead = sobject == "Lead"
        account = "" if lead else row["AccountId"] or ""
        kind = "lead" if lead else "contact"
        record = Candidate(kind, row["Id"], row["LastName"], row["CreatedDate"], account, account and "Acme")
        became = (row["ConvertedContactId"] or "") if lead else ""
        return Person((row["Email"] or "").lower(), record, lead and row["IsConverted"], became)

    def _deals(self, names: frozenset[str], by_email: bool) -> list[tuple[str, Deal]]:
        org = self.world.there.org
        contacts = {row["Id"] for row in self._rows("Contact", "Email" if by_email else "Id", names)}
        roles = self._rows("OpportunityContactRole", "ContactId", frozenset(contacts))
        found = [(role["ContactId"], org.get("Opportunity", role["OpportunityId"])) for role in roles]
        return [(contact, Deal(deal["Id"], deal["Name"], deal["AccountId"] or "")) for contact, deal in found]

    def logged(self, keys: Sequence[str]) -> Mapping[str, str]:
        assert 0 < len(keys) <= LOOKS
        return self._read("look for log keys", lambda: self._logged(frozenset(keys)))

    def _logged(self, keys: frozenset[str]) -> dict[str, str]:
        there = self.world.there
        tasks = [task for task in there.tasks() if task["Id"] not in there.hidden]
        oldest_last = sorted(tasks, key=lambda task: (task["CreatedDate"], task["Id"]), reverse=True)
        found = {task[there.key_field]: task["Id"] for task in oldest_last if task[there.key_field] in keys}
        self.world.once.looked(keys, found.keys())
        return found

    def _read(self, name: str, find: Callable[[], T]) -> T:
        world = self.world
        self._salesforce.calls += 1
        world.calls += 1
        fault = self._salesforce.struck(world.fault_of_read())
        world.halt(f"{name} →")
        world.take(0.2)
        if fault == "error of our own":
            raise OwnError
        if fault in REFUSALS:
            refusal = REFUSALS[fault]
            raise NoAnswer(refusal.why, refusal.code, refusal.text)
        if fault is not None and fault not in AFTER:
            raise NoAnswer(Why.BUSY, fault, "no answer")
        found = find()
        world.halt(f"{name} ←")
        world.take(0.1)
        if fault in AFTER:
            raise NoAnswer(Why.BUSY, str(fault), "no answer")
        world.note(lambda: f"{name} answers {found}")
        return found

    # --- writing -------------------------------------------------------------------------------------------------

    def log(self, collections: Sequence[Sequence[tuple[str, Mapping[str, Any]]]]) -> Answered:
        assert 0 < len(collections) <= COLLECTIONS
        assert all(0 < len(rows) <= ROWS for rows in collections)
        key_field = self.world.there.key_field
        writes = [
            self._write(key, "Task", {key_field: key, **body}) for rows in collections for key, body in rows
        ]
        return self._send("log", writes)

    def make_people(self, rows: Sequence[tuple[Sobject, Mapping[str, Any]]]) -> Answered:
        assert 0 < len(rows) <= ROWS
        return self._send("make people", [self._write(body["Email"], kind, body) for kind, body in rows])

    def amend(self, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Answered:
        assert 0 < len(rows) <= AMENDS
        user = self._salesforce.user
        return self._send(
            "amend", [Write("update", sf_id, user, {}, body, logs=True) for sf_id, body in rows]
        )

    # --- unsubscribes --------------------------------------------------------------------------------------------

    def not_opted_out(self, addresses: Sequence[str], fields: Sequence[str]) -> Look:
        wanted = frozenset(addresses)
        return self._read(
            "ask who is not opted out",
            lambda: self._look(fields, lambda row, field: row["Email"].lower() in wanted and not row[field]),
        )

    def opted_out(self, fields: Sequence[str], since: datetime | None) -> Look:
        def news(row: Record, field: str) -> bool:
            return bool(row[field]) and (since is None or row["SystemModstamp"] >= since)

        look = self._read("ask who is opted out", lambda: self._look(fields, news, converted=True))
        self.world.unsubscribes.compared()
        return look

    def _look(
        self, fields: Sequence[str], shown: Callable[[Record, str], bool], *, converted: bool = False
    ) -> Look:
        found: list[OnRecord] = []
        refused: Refused | None = None
        kinds: tuple[Sobject, ...] = ("Lead", "Contact")
        for field in fields:
            for kind in kinds:
                refusal = self._refused_question(kind, field)
                refused = refused or refusal
                rows = self.world.there.org.scan(kind) if refusal is None else ()
                found += [
                    OnRecord(kind, row["Id"], row["Email"].lower(), field)
                    for row in rows
                    if row["Email"] and (converted or kind == "Contact" or not row["IsConverted"])
                    if shown(row, field)
                ]
        return Look(found, refused)

    def _refused_question(self, kind: Sobject, field: str) -> Refused | None:
        world = self.world
        if world.there.org.schema(kind).find(field) is None:
            return Refused(Why.RULE, "INVALID_FIELD", f"No such column '{field}' on entity '{kind}'")
        if "question refused" in world.swarm and not world.calm and world.tape.chance(6):
            world.count("question refused")
            return Refused(Why.BUSY, "QUERY_TIMEOUT", "your query ran too long")
        return None

    def set_people(
        self, sobject: Sobject, rows: Sequence[tuple[str, Mapping[str, bool]]]
    ) -> Sequence[Outcome]:
        assert 0 < len(rows) <= AMENDS
        user = self._salesforce.user
        writes = [Write("update", row, user, {}, body, sobject=sobject, logs=True) for row, body in rows]
        return self._send(f"opt out {sobject}s", writes).outcomes

    def _write(self, key: str, sobject: str, body: Mapping[str, Any]) -> Write:
        return Write("create", key, self._salesforce.user, {}, body, sobject=sobject, logs=True)

    def _send(self, name: str, writes: Sequence[Write]) -> Answered:
        world = self.world
        self._salesforce.calls += 1
        world.calls += 1
        world.once.calling(writes)
        fault = self._salesforce.struck(world.fault_of_write())
        world.halt(f"{name} →")
        world.people.meanwhile(writes)
        world.take(0.2)
        if fault in REFUSALS:
            for write in writes:
                world.once.arrived(write.about)
            return Answered([REFUSALS[fault]] * len(writes), came=False)
        if fault == "slow landing":
            world.there.start_slowly(writes)
        elif fault == "late landing":
            world.there.land_later(writes)
        lost = Answered([InDoubt(str(fault), "no answer")] * len(writes), came=False)
        if fault in LOST and fault not in AFTER:
            world.halt(f"{name} ← nothing")
            return lost
        outcomes = [self._one(write, fault) for write in writes]
        world.halt(f"{name} ←")
        world.take(0.1)
        if fault in AFTER:
            return lost
        world.note(lambda: f"{name} answers {outcomes}")
        return Answered(outcomes)

    def _one(self, write: Write, fault: str | None) -> Outcome:
        """One row: refused by the org, or written, or both unknown."""
        world = self.world
        world.once.arrived(write.about)
        part = world.tape.below(4) if fault == "partial answer" else 0
        if part == 1:
            return REFUSALS["row lock"]
        refused = self._refused_by_the_org(write)
        if refused is not None:
            return refused
        if part != 2:
            try:
                outcome: Outcome = Done(world.there.commit_ours(write))
            except OrgError as error:
                outcome = Refused(CODES.get(error.code, Why.RULE), error.code, error.message, error.fields)
        return outcome if part == 0 else InDoubt("NO_ANSWER", "this part was left without an answer")

    def _refused_by_the_org(self, write: Write) -> Refused | None:
        world = self.world
        if world.calm:
            return None
        custom = [name for name in CUSTOM if name in write.fields]
        if "field refused" in world.swarm and custom and world.tape.chance(2):
            world.count("field refused")
            text = "Unable to create/update fields. Check the security settings of this field."
            return Refused(Why.RULE, "INVALID_FIELD_FOR_INSERT_UPDATE", text, (world.tape.one_of(custom),))
        if "refusing rule" in world.swarm and world.tape.chance(5):
            world.count("refusing rule")
            code = world.tape.one_of(_ROW_REFUSALS)
            world.once.blinded |= code == "INVALID_TYPE"  # then this kind of record is not asked for, either
            return Refused(Why.RULE, code, "Refused by this org")
        return None
