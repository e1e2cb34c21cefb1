"""A second evaluator: SQLite answers the same questions about the same rows, and every answer must be the same.

Queries are drawn with both spellings side by side, SOQL and SQL; Salesforce's rules about null and about capitals are
spelt out in the SQL (docs/salesforce.md §2.4). `SEED=…` draws them again.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from tests.chance import seed
from tests.orgbox.box import START

from orgbox.clock import VirtualClock
from orgbox.org import Org

CONTACTS, TASKS, QUERIES = 25, 150, 400
WORDS = ("call", "Call", "email", "visit ann", "Ann", "x%y", "x_y", "back\\slash", "it's", "")
DAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Both:
    """One condition or clause in both languages."""

    soql: str
    sql: str


@dataclass(frozen=True)
class Column:
    """A field of Task or of its parents, and where SQL finds it."""

    soql: str
    sql: str
    kind: str

    @property
    def order(self) -> str:
        """What it is sorted by: a picklist by the order of its values, text without regard to capitals."""
        if self.soql == "Status":
            return "CASE t.Status WHEN 'Not Started' THEN 0 WHEN 'In Progress' THEN 1 ELSE 2 END"
        return f"{self.sql} COLLATE NOCASE" if self.kind == "text" else self.sql


COLUMNS = (
    Column("Subject", "t.Subject", "text"),
    Column("Status", "t.Status", "text"),
    Column("ActivityDate", "t.ActivityDate", "date"),
    Column("CallDurationInSeconds", "t.CallDurationInSeconds", "number"),
    Column("IsReminderSet", "t.IsReminderSet", "boolean"),
    Column("IsClosed", "t.IsClosed", "boolean"),
    Column("Account.Name", "a.Name", "text"),
    Column("Who.LastName", "c.LastName", "text"),
    Column("Account.NumberOfEmployees", "a.NumberOfEmployees", "number"),
)
FROM = "Task t LEFT JOIN Contact c ON c.Id = t.WhoId LEFT JOIN Account a ON a.Id = t.AccountId"
OWN = COLUMNS[:6]


class Drawn:
    """An org with rows in it, the same rows in SQLite, and queries by chance."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(number)
        self.org = Org(VirtualClock(START), seed=1)
        self.db = sqlite3.connect(":memory:")
        self._fill()

    def _fill(self) -> None:
        draw, org = self.random, self.org
        accounts = [
            org.insert(
                "Account",
                {"Name": draw.choice(WORDS[:6]), "NumberOfEmployees": draw.choice((None, 0, 7, 90))},
            )
            for _ in range(5)
        ]
        contacts = [
            org.insert(
                "Contact", {"LastName": draw.choice(WORDS[:9]), "AccountId": draw.choice((None, *accounts))}
            )
            for _ in range(CONTACTS)
        ]
        for _ in range(TASKS):
            due = DAY + timedelta(days=draw.randrange(5))
            org.insert(
                "Task",
                {
                    "Subject": draw.choice((None, *WORDS)),
                    "Status": draw.choice(("Not Started", "In Progress", "Completed")),
                    "ActivityDate": draw.choice((None, due.isoformat())),
                    "CallDurationInSeconds": draw.choice((None, 0, 1, 5, 60)),
                    "IsReminderSet": draw.random() < 0.3,
                    "WhoId": draw.choice((None, *contacts)),
                },
            )
        kept = {
            "Account": ("Id", "Name", "NumberOfEmployees"),
            "Contact": ("Id", "LastName", "AccountId"),
            "Task": ("Id", *(column.soql for column in OWN), "WhoId", "AccountId"),
        }
        for sobject, names in kept.items():
            self.db.execute(f"CREATE TABLE {sobject} ({', '.join(names)})")
            marks = ", ".join("?" * len(names))
            for record in org.scan(sobject):
                self.db.execute(
                    f"INSERT INTO {sobject} VALUES ({marks})", [_plain(record[name]) for name in names]
                )

    # Conditions -------------------------------------------------------------------------------------------------

    def condition(self, depth: int = 0) -> Both:
        roll = self.random.random()
        if depth < 3 and roll < 0.3:
            joint = self.random.choice(("AND", "OR"))
            parts = [self.condition(depth + 1) for _ in range(self.random.randint(2, 3))]
            return Both(
                "(" + f" {joint} ".join(part.soql for part in parts) + ")",
                "(" + f" {joint} ".join(part.sql for part in parts) + ")",
            )
        if depth < 3 and roll < 0.4:
            inner = self.condition(depth + 1)
            return Both(f"(NOT ({inner.soql}))", f"(NOT ({inner.sql}))")
        return self.comparison(self.random.choice(COLUMNS))

    def comparison(self, column: Column) -> Both:
        draw = self.random
        soql, sql = self.literal(column.kind)
        field = f"{column.sql} COLLATE NOCASE" if column.kind == "text" else column.sql
        if column.kind == "boolean":
            same = draw.random() < 0.5
            # A boolean of a missing parent does not occur here; a boolean is never null.
            return Both(
                f"{column.soql} {'=' if same else '!='} {soql}",
                f"({field} {'IS' if same else 'IS NOT'} {sql})",
            )
        roll = draw.random()
        if roll < 0.12:
            same = draw.random() < 0.5
            return Both(
                f"{column.soql} {'=' if same else '!='} null", f"({field} IS {'' if same else 'NOT '}NULL)"
            )
        if roll < 0.3 and column.kind == "text":
            pattern = draw.choice(("call%", "%a%", "_all", "x\\%y", "%\\_%", "ann", "%"))
            return Both(
                f"{column.soql} LIKE '{pattern}'", f"(IFNULL({column.sql} LIKE '{pattern}' ESCAPE '\\', 0))"
            )
        if roll < 0.5:
            among = [self.literal(column.kind) for _ in range(draw.randint(1, 3))]
            listed, values = ", ".join(each[0] for each in among), ", ".join(each[1] for each in among)
            word = draw.choice(("IN", "NOT IN"))
            # NOT IN leaves null out, unlike != (orgbox.soql.assumptions).
            return Both(f"{column.soql} {word} ({listed})", f"(IFNULL({field} {word} ({values}), 0))")
        operator = draw.choice(("=", "!=", "<", "<=", ">", ">="))
        if operator == "!=":
            return Both(f"{column.soql} != {soql}", f"({field} IS NOT {sql})")
        return Both(f"{column.soql} {operator} {soql}", f"(IFNULL({field} {operator} {sql}, 0))")

    def literal(self, kind: str) -> tuple[str, str]:
        draw = self.random
        if kind == "number":
            number = str(draw.choice((0, 1, 5, 7, 60, -3)))
            return number, number
        if kind == "boolean":
            return draw.choice((("TRUE", "1"), ("FALSE", "0")))
        if kind == "date":
            day = (DAY + timedelta(days=draw.randrange(-1, 6))).isoformat()
            return day, f"'{day}'"
        word = draw.choice((*WORDS[:-1], "Completed", "not started"))
        escaped = word.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'", "'" + word.replace("'", "''") + "'"

    def join(self) -> Both:
        soql, sql = self.literal("text")
        word = self.random.choice(("IN", "NOT IN"))
        return Both(
            f"WhoId {word} (SELECT Id FROM Contact WHERE LastName = {soql})",
            # A null reference is in no set and not outside of one, even of an empty one.
            f"(t.WhoId IS NOT NULL AND t.WhoId {word} (SELECT Id FROM Contact WHERE LastName = {sql} COLLATE NOCASE))",
        )

    def where(self) -> Both:
        """A condition; a join may stand at its top and nowhere else."""
        condition = self.condition()
        if self.random.random() > 0.3:
            return condition
        join = self.join()
        return Both(f"{condition.soql} AND {join.soql}", f"{condition.sql} AND {join.sql}")

    # Queries ----------------------------------------------------------------------------------------------------

    def rows(self) -> tuple[str, str]:
        draw = self.random
        where = self.where()
        order = draw.sample(OWN, draw.randint(0, 2))
        soql_order, sql_order = [], []
        for column in order:
            down, nulls = draw.choice(("ASC", "DESC")), draw.choice(("FIRST", "LAST"))
            soql_order.append(f"{column.soql} {down} NULLS {nulls}")
            sql_order.append(f"{column.order} {down} NULLS {nulls}")
        soql = f"SELECT Id FROM Task WHERE {where.soql} ORDER BY {', '.join([*soql_order, 'Id'])}"
        sql = f"SELECT t.Id FROM {FROM} WHERE {where.sql} ORDER BY {', '.join([*sql_order, 't.Id'])}"
        if draw.random() < 0.4:
            most, start = draw.randint(1, 30), draw.choice((0, 0, 3))
            soql, sql = f"{soql} LIMIT {most} OFFSET {start}", f"{sql} LIMIT {most} OFFSET {start}"
        return soql, sql

    def groups(self) -> tuple[str, str]:
        draw = self.random
        where, by = self.where(), draw.choice((OWN[1], OWN[2], OWN[4], COLUMNS[6]))
        aggregates = (
            ("COUNT(Id)", "COUNT(t.Id)"),
            ("COUNT(ActivityDate)", "COUNT(t.ActivityDate)"),
            ("COUNT_DISTINCT(ActivityDate)", "COUNT(DISTINCT t.ActivityDate)"),
            ("SUM(CallDurationInSeconds)", "SUM(t.CallDurationInSeconds)"),
            ("AVG(CallDurationInSeconds)", "AVG(t.CallDurationInSeconds)"),
            ("MIN(ActivityDate)", "MIN(t.ActivityDate)"),
            ("MAX(CallDurationInSeconds)", "MAX(t.CallDurationInSeconds)"),
        )
        chosen = draw.sample(aggregates, 3)
        having = draw.choice(("", " HAVING COUNT(Id) > 3"))
        soql = f"SELECT {by.soql} k, {', '.join(each[0] for each in chosen)} FROM Task WHERE {where.soql} GROUP BY {by.soql}"
        sql = f"SELECT {by.sql}, {', '.join(each[1] for each in chosen)} FROM {FROM} WHERE {where.sql} GROUP BY {by.sql}"
        return soql + having, sql + having.replace("Id", "t.Id")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _rounded(value: Any) -> Any:
    return round(float(value), 6) if isinstance(value, int | float) else value


@pytest.fixture(scope="module", params=range(3))
def drawn(request: pytest.FixtureRequest) -> Iterator[Drawn]:
    number = seed()
    print(f"SEED={number}")
    each = Drawn(number * 10 + request.param)
    yield each
    each.db.close()


def test_sqlite_finds_the_same_rows_in_the_same_order(drawn: Drawn) -> None:
    found = 0
    for _ in range(QUERIES):
        soql, sql = drawn.rows()
        ours = [record["Id"] for record in drawn.org.query(soql).records]
        theirs = [identifier for (identifier,) in drawn.db.execute(sql)]
        assert ours == theirs, soql
        found += bool(ours) and len(ours) < TASKS
    assert found > QUERIES / 3, "most queries find nothing or everything, and so prove little"


def test_sqlite_counts_and_groups_the_same(drawn: Drawn) -> None:
    for _ in range(QUERIES // 2):
        soql, sql = drawn.groups()
        ours = [
            tuple(v for n, v in record.items() if n != "attributes")
            for record in drawn.org.query(soql).records
        ]
        theirs = drawn.db.execute(sql).fetchall()
        as_set = [sorted((tuple(map(_rounded, row)) for row in rows), key=repr) for rows in (ours, theirs)]
        assert as_set[0] == as_set[1], soql
