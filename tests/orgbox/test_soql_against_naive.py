"""Random questions on random rows: `evaluate` agrees with an evaluator too simple to be wrong, and so does an index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cmp_to_key
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.orgbox.soql_catalogue import ACME, GLOBEX, STATUS, MemoryOrg, ask, task

from orgbox.soql.catalogue import Hint, Row

# Few values, so that they often meet.
TEXTS = ["a", "A", "b", "ab", "aB%", "a_b", "é"]
STAMPS = [datetime(2026, 3, 18, 9, 30, 15, tzinfo=UTC) + timedelta(milliseconds=400 * n) for n in range(6)]
DAYS = [date(2026, 2, 28) + timedelta(days=n) for n in range(3)]
NUMBERS = [-1, 0, 1, 2]
ACCOUNTS = {ACME: "Acme", GLOBEX: "Globex"}

VALUES: dict[str, list[Any]] = {
    "Subject": TEXTS,
    "Key__c": TEXTS,
    "Status": [entry.value for entry in STATUS],
    "CallDurationInSeconds": NUMBERS,
    "IsClosed": [True, False],
    "ActivityDate": DAYS,
    "SystemModstamp": STAMPS,
    "AccountId": list(ACCOUNTS),
    "Account.Name": [*ACCOUNTS.values(), "acme"],
}
TEXT_FIELDS = ("Subject", "Key__c", "Status", "Account.Name")


@dataclass(frozen=True)
class Claim:
    field: str
    operator: str
    values: tuple[Any, ...]

    def soql(self) -> str:
        written = [literal(self.field, value) for value in self.values]
        return f"{self.field} {self.operator} " + (
            f"({', '.join(written)})" if "IN" in self.operator else written[0]
        )


@dataclass(frozen=True)
class Tree:
    word: str
    parts: tuple[Claim | Tree, ...]

    def soql(self) -> str:
        inner = [f"({part.soql()})" for part in self.parts]
        return f"NOT {inner[0]}" if self.word == "NOT" else f" {self.word} ".join(inner)


def literal(field: str, value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date() | int():
            return str(value)
        case _:
            return f"'{value}'"


# The naive evaluator: one row, one question, straight from the rules.


def value_of(row: Row, field: str) -> Any:
    value = ACCOUNTS.get(row["AccountId"]) if field == "Account.Name" else row[field]
    if field == "IsClosed":
        return bool(value)
    return plain(field, value)


def plain(field: str, value: Any) -> Any:
    """Values that are equal for SOQL become equal for Python."""
    if field == "IsClosed":
        return bool(value)
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    if isinstance(value, str) and field in TEXT_FIELDS and field != "Key__c":
        return value.lower()
    return value


def like(value: str, wanted: str) -> bool:
    if not wanted:
        return not value
    if wanted[0] == "%":
        return like(value, wanted[1:]) or (bool(value) and like(value[1:], wanted))
    return bool(value) and wanted[0] in ("_", value[0]) and like(value[1:], wanted[1:])


def holds(row: Row, asked: Claim | Tree) -> Any:
    if isinstance(asked, Tree):
        answers = [holds(row, part) for part in asked.parts]
        return {"AND": all(answers), "OR": any(answers), "NOT": not answers[0]}[asked.word]
    value = value_of(row, asked.field)
    wanted = [plain(asked.field, each) for each in asked.values]
    match asked.operator:
        case "=" | "IN":
            return value in wanted
        case "!=":
            return value not in wanted
        case "NOT IN":
            return value is not None and value not in wanted
        case "LIKE":
            return value is not None and like(value, wanted[0])
    if value is None:
        return False
    if asked.field in TEXT_FIELDS and asked.field != "Key__c":
        value, wanted = value.upper(), [wanted[0].upper()]
    by_operator = {
        "<": value < wanted[0],
        "<=": value <= wanted[0],
        ">": value > wanted[0],
        ">=": value >= wanted[0],
    }
    return by_operator[asked.operator]


def compare(one: Row, other: Row, order: Sequence[tuple[str, bool, bool]]) -> int:
    for field, descending, nulls_first in order:
        a, b = value_of(one, field), value_of(other, field)
        if field == "AccountId":
            nulls_first = True
        if field == "Status":
            a, b = (
                [entry.value.lower() for entry in STATUS].index(v) if v is not None else None for v in (a, b)
            )
        if a == b:
            continue
        if a is None or b is None:
            return -1 if (a is None) == nulls_first else 1
        if isinstance(a, str) and field != "Key__c":
            a, b = a.upper(), b.upper()
        return (-1 if a < b else 1) * (-1 if descending else 1)
    return -1 if one["Id"] < other["Id"] else 1


# What is asked, of whom


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    field = draw(st.sampled_from(sorted(VALUES)))
    values = st.sampled_from(VALUES[field])
    operators = ["=", "!=", "IN", "NOT IN"]
    operators += [] if field == "IsClosed" else ["<", "<=", ">", ">="]
    operators += ["LIKE"] if field in TEXT_FIELDS else []
    operator = draw(st.sampled_from(operators))
    if operator == "LIKE":
        return Claim(field, operator, (draw(st.text("aAb_%", min_size=1, max_size=4)),))
    if operator in ("=", "!="):
        return Claim(field, operator, (draw(values | st.none()),))
    if operator in ("IN", "NOT IN"):
        return Claim(field, operator, tuple(draw(st.lists(values | st.none(), min_size=1, max_size=3))))
    return Claim(field, operator, (draw(values),))


def trees(inner: st.SearchStrategy[Claim | Tree]) -> st.SearchStrategy[Tree]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(Tree, st.sampled_from(["AND", "OR"]), several) | st.builds(
        Tree, st.just("NOT"), inner.map(lambda part: (part,))
    )


CONDITIONS: st.SearchStrategy[Claim | Tree] = st.recursive(claims(), trees, max_leaves=6)
ROWS = st.lists(
    st.fixed_dictionaries(
        {field: st.sampled_from(values) | st.none() for field, values in VALUES.items() if "." not in field}
    ),
    max_size=12,
).map(lambda rows: [task(n, **row) for n, row in enumerate(rows)])
ORDERS = st.lists(
    st.tuples(st.sampled_from(sorted(VALUES)), st.booleans(), st.booleans()),
    max_size=3,
    unique_by=lambda o: o[0],
)


def found(org: MemoryOrg, asked: Claim | Tree, order: Sequence[tuple[str, bool, bool]]) -> list[str]:
    by = ", ".join(
        f"{field} {'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"
        for field, descending, nulls_first in order
    )
    soql = f"SELECT Id FROM Task WHERE {asked.soql()}" + (f" ORDER BY {by}" if order else "")
    return [record["Id"] for record in ask(org, soql).records]


@settings(max_examples=400, deadline=None)
@given(rows=ROWS, asked=CONDITIONS, order=ORDERS)
def test_the_answer_is_the_naive_answer(
    rows: list[dict[str, Any]], asked: Claim | Tree, order: list[tuple[str, bool, bool]]
) -> None:
    expected = [row for row in rows if holds(row, asked)]
    expected.sort(key=cmp_to_key(lambda one, other: compare(one, other, order)))
    assert found(MemoryOrg(rows), asked, order) == [row["Id"] for row in expected]


class IndexedOrg(MemoryOrg):
    """Believes every hint to the letter, and hands out what is left in the wrong order."""

    def narrow(self, name: str, hints: Sequence[Hint]) -> Iterable[Row] | None:
        return [row for row in reversed(self.rows[name]) if all(self._fits(row, hint) for hint in hints)]

    def _fits(self, row: Row, hint: Hint) -> bool:
        field, operator, wanted = hint
        value = row[field]
        if field == "IsClosed":
            value = bool(value)
        if field.endswith("Id") and value is not None:
            value = value[:15]
        if operator in ("=", "IN"):
            among = wanted if operator == "IN" else (wanted,)
            return self._folded(value) in [self._folded(each) for each in among]
        if value is None:
            return False
        return bool(
            {"<": value < wanted, "<=": value <= wanted, ">": value > wanted, ">=": value >= wanted}[operator]
        )

    def _folded(self, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value


@settings(max_examples=200, deadline=None)
@given(rows=ROWS, parts=st.lists(claims(), min_size=1, max_size=3))
def test_an_index_that_believes_its_hints_loses_no_row(
    rows: list[dict[str, Any]], parts: list[Claim]
) -> None:
    asked = " AND ".join(part.soql() for part in parts)
    by_index, by_scan = (
        [record["Id"] for record in ask(org, f"SELECT Id FROM Task WHERE {asked}").records]
        for org in (IndexedOrg(rows), MemoryOrg(rows))
    )
    assert by_index == by_scan
