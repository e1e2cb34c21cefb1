"""Random queries, right and wrong: every clause of the grammar, and one word of some of them changed, lost or doubled."""

from __future__ import annotations

import random
import re

_FIELDS = (
    "Id",
    "Subject",
    "Who.Name",
    "What.Type",
    "t.Status",
    "Key__c",
    "Account__r.Owner.Name",
    "CreatedDate",
    "A",
)
_ODD_FIELDS = (
    "Group",
    "Order",
    "Offset",
    "View",
    "Typeof",
    "When",
    "End",
    "Count",
    "Fields",
    "Data",
    "Scope",
    "Then",
    "Case",
)
_AGGREGATES = ("COUNT", "MAX", "min", "Sum", "AVG", "COUNT_DISTINCT")
_FUNCTIONS = ("CALENDAR_YEAR", "DAY_ONLY", "toLabel", "FORMAT", "hour_in_day", "convertCurrency", "GROUPING")
_STRINGS = (
    "'x'",
    "''",
    r"'it\'s'",
    r"'100\%'",
    r"'\u00e9'",
    "'a;b'",
    r"'\n'",
    '"x"',
    r"'\q'",
    "'two\nlines'",
)
_NUMBERS = ("1", "-1", "+2", "1.5", ".5", "-0.25", "1e3", "007", "1.")
_DATES = (
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.123+05:30",
    "2026-01-01T00:00:00+0100",
    "2026-1-5",
    "2026-01-01T00:00",
    "2026-13-45",
)
_LITERALS = (
    "TODAY",
    "yesterday",
    "LAST_N_DAYS:7",
    "THIS_FISCAL_YEAR",
    "NEXT_N_FISCAL_QUARTERS:3",
    "N_WEEKS_AGO:2",
    "LAST_90_DAYS",
    "LAST_N_DAYS",
    "LAST_N_DAYS:x",
    "TODAY:3",
    "SOMEDAY",
)


class Sentences:
    """An endless row of queries that depends on its seed alone."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def query(self) -> str:
        """One query; about half of them are wrong somewhere."""
        text = self._query(depth=0)
        return text if self._random.random() < 0.5 else self._spoilt(text)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _one(self, *choices: str) -> str:
        return self._random.choice(choices)

    def _some(self, make: object, most: int = 3) -> str:
        assert callable(make)
        return ", ".join(make() for _ in range(self._random.randint(1, most)))

    def _spoilt(self, text: str) -> str:
        words = re.findall(r"'(?:\\.|[^'\\])*'|\w[\w.:+-]*|\s+|[!<>=]+|.", text, re.DOTALL)
        spots = [n for n, word in enumerate(words) if not word.isspace()]
        spot, other = self._random.choice(spots), self._random.choice(spots)
        match self._random.randrange(5):
            case 0:
                words[spot] = ""
            case 1:
                words[spot] = f"{words[spot]} {words[spot]}"
            case 2:
                words[spot], words[other] = words[other], words[spot]
            case 3:
                words[spot] = self._one(
                    "AND",
                    "OR",
                    "NOT",
                    "(",
                    ")",
                    ",",
                    "SELECT",
                    "FROM",
                    "LIKE",
                    "IN",
                    "NULL",
                    "x",
                    "'x'",
                    "=",
                    "GROUP",
                )
            case _:
                words[spot] = (
                    f"{words[spot]} {self._one(*_ODD_FIELDS, 'AND', 'ASC', 'NULLS FIRST', 'HAVING')}"
                )
        return "".join(words)

    def _query(self, depth: int) -> str:
        clauses = [f"SELECT {self._select(depth)} FROM {self._from(depth)}"]
        if self._chance(0.06):
            clauses.append(self._one("USING SCOPE mine", "USING SCOPE Everything", "USING mine"))
        if self._chance(0.6):
            clauses.append(f"WHERE {self._condition(depth)}")
        if self._chance(0.08):
            clauses.append(
                self._one(
                    "WITH SECURITY_ENFORCED",
                    "WITH NETWORK = 'x'",
                    "WITH DATA CATEGORY G__c AT x__c AND H__c ABOVE (y__c, z__c)",
                    "WITH DATA CATEGORY G__c below x__c",
                    "WITH HIGHLIGHT",
                    "WITH SNIPPET (target_length=120)",
                )
            )
        if self._chance(0.2):
            by = self._some(lambda: self._field(odd=0.05))
            clauses.append("GROUP BY " + self._one(by, f"ROLLUP({by})", f"CUBE({by})", f"rollup ({by})", by))
            if self._chance(0.4):
                clauses.append(f"HAVING {self._condition(depth, aggregates=True)}")
        if self._chance(0.3):
            clauses.append("ORDER BY " + self._some(self._order))
        if self._chance(0.3):
            clauses.append(f"LIMIT {self._one('1', '0', '200', '-1', '+5', 'x', '1.5')}")
        if self._chance(0.15):
            clauses.append(f"OFFSET {self._one('1', '0', '2000', '-1')}")
        if self._chance(0.08):
            clauses.append(self._one("FOR VIEW", "FOR REFERENCE", "FOR UPDATE", "FOR VIEW FOR REFERENCE"))
        if self._chance(0.04):
            clauses.append(
                self._one("UPDATE TRACKING", "UPDATE VIEWSTAT", "UPDATE TRACKING, VIEWSTAT", "ALL ROWS")
            )
        return self._one(" ", " ", "  ", "\n").join(clauses)

    def _select(self, depth: int) -> str:
        if self._chance(0.08):
            return self._one("COUNT()", "count( )", "COUNT(), Id")
        return self._some(lambda: self._entry(depth), 4)

    def _entry(self, depth: int) -> str:
        roll = self._random.random()
        alias = f" {self._one('n', 'x1', 'Total', 'Group', 'When')}" if self._chance(0.1) else ""
        if roll < 0.08 and depth < 2:
            return f"({self._query(depth + 1)}){alias}"
        if roll < 0.14:
            branches = " ".join(
                f"WHEN {self._one('Contact', 'Lead', 'Group')} THEN {self._some(lambda: self._one(*_FIELDS), 2)}"
                for _ in range(self._random.randint(0 if self._chance(0.1) else 1, 2))
            )
            other = f" ELSE {self._one(*_FIELDS)}" if self._chance(0.4) else ""
            return f"TYPEOF {self._one('Who', 'What', 'Owner.Who')} {branches}{other} END"
        if roll < 0.17:
            return f"FIELDS({self._one('ALL', 'CUSTOM', 'standard')})"
        if roll < 0.19:
            return f"DISTANCE(Place__c, GEOLOCATION(1.5, -2), '{self._one('mi', 'km')}')"
        return self._field(odd=0.06, functions=0.2) + alias

    def _field(self, odd: float = 0.02, functions: float = 0.1, aggregates: bool = True) -> str:
        if self._chance(functions):
            inside = self._one(*_FIELDS)
            if self._chance(0.15):
                inside = f"convertTimezone({inside})"
            name = self._one(*_FUNCTIONS, *(_AGGREGATES if aggregates else ()))
            return f"{name}{self._one('', '', ' ')}({inside})"
        return self._one(*_ODD_FIELDS) if self._chance(odd) else self._one(*_FIELDS)

    def _from(self, depth: int) -> str:
        alias = self._one("", "", "", " t", " AS t", " Group")
        more = ", t.Account a" if self._chance(0.04) else ""
        return self._one("Task", "Contact", "Custom__c", "Group", "Tasks") + alias + more

    def _order(self) -> str:
        return (
            self._field()
            + self._one("", " ASC", " desc")
            + self._one("", "", " NULLS FIRST", " nulls last", " NULLS")
        )

    def _condition(self, depth: int, level: int = 0, aggregates: bool = False) -> str:
        parts = [self._term(depth, level, aggregates) for _ in range(self._random.choice((1, 1, 1, 2, 2, 3)))]
        if self._chance(0.08):
            return f"NOT {parts[0]}"
        joints = [self._one("AND", "OR")] * (len(parts) - 1)
        if self._chance(0.08):
            joints = [self._one("AND", "OR") for _ in joints]
        return "".join(f"{part} {joint} " for part, joint in zip(parts, joints, strict=False)) + parts[-1]

    def _term(self, depth: int, level: int, aggregates: bool) -> str:
        roll = self._random.random()
        if roll < 0.15 and level < 3:
            return f"({self._condition(depth, level + 1, aggregates)})"
        field = self._field(aggregates=aggregates, functions=0.3 if aggregates else 0.1)
        if roll < 0.25:
            return f"{field} LIKE {self._one(*_STRINGS, 'null', '5')}"
        if roll < 0.35:
            inner = self._some(self._value)
            if self._chance(0.3) and depth < 2:
                where = f" WHERE {self._condition(depth + 2)}" if self._chance(0.5) else ""
                inner = f"SELECT {self._field(odd=0)} FROM {self._from(depth)}{where}"
            return f"{field} {self._one('IN', 'NOT IN', 'not in')} ({inner})"
        if roll < 0.4:
            return f"{field} {self._one('INCLUDES', 'EXCLUDES')} ({self._some(self._value)})"
        return f"{field} {self._one('=', '!=', '<>', '<', '<=', '>', '>=', ' = ', '==')} {self._value()}"

    def _value(self) -> str:
        kind = self._random.random()
        if kind < 0.4:
            return self._one(*_STRINGS[:7]) if self._chance(0.95) else self._one(*_STRINGS)
        if kind < 0.6:
            return self._one(*_NUMBERS[:6]) if self._chance(0.9) else self._one(*_NUMBERS)
        if kind < 0.75:
            return self._one(*_DATES[:4]) if self._chance(0.9) else self._one(*_DATES)
        if kind < 0.9:
            return self._one(*_LITERALS[:7]) if self._chance(0.9) else self._one(*_LITERALS)
        return self._one("TRUE", "false", "NULL", "null", ":bind", "Name")
