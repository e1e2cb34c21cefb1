"""Which records hold these words? SOSL's common form (SOQL and SOSL Reference: "SOSL Syntax").

    FIND {ann AND acm*} IN NAME FIELDS RETURNING Contact(Id, Name WHERE Email != null ORDER BY Name LIMIT 5), Lead

Each RETURNING is a query of the records that were found. Real search is asynchronous and ranks; here a record is found
as soon as it is written, and comes in the order that its ORDER BY says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Any

from orgbox.errors import OrgError
from orgbox.records import Record
from orgbox.schema.types import Field, ObjectSchema
from orgbox.soql import blanked, evaluate, parse
from orgbox.view import Hint, View

_MOST = 2_000
_FIND = re.compile(r"\s*FIND\s*\{((?:\\.|[^\\}])*)\}", re.IGNORECASE | re.DOTALL)
_IN = re.compile(r"\s*IN\s+(ALL|NAME|EMAIL|PHONE|SIDEBAR)\s+FIELDS\b", re.IGNORECASE)
_RETURNING = re.compile(r"\s*RETURNING\b", re.IGNORECASE)
_SOBJECT = re.compile(r"\s*([A-Za-z]\w*)\s*")
_LIMIT = re.compile(r"\s*LIMIT\s+(\d{1,18})\b\s*", re.IGNORECASE)
_CLAUSE = re.compile(r"\b(WHERE|ORDER\s+BY|LIMIT|OFFSET)\b", re.IGNORECASE)
_WORDS = re.compile(r'"((?:\\.|[^"\\])*)"|((?:\\.|[^\s"\\])+)', re.DOTALL)
_TEXTS = frozenset({"combobox", "email", "phone", "picklist", "string", "textarea", "url"})
_TOKEN = re.compile(r"[\w@.+'-]*\w")
_JOINTS = frozenset({"AND", "OR", "NOT"})

Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Returning:
    """One sObject to look in, what to answer of it, and the query's clauses after the fields."""

    sobject: str
    fields: str
    clauses: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search as it was read."""

    found: Test
    group: str
    returning: tuple[Returning, ...]
    limit: int


def read_search(text: str) -> Search:
    """Read a search. Raises OrgError MALFORMED_SEARCH."""
    find = _FIND.match(text)
    if find is None:
        raise _malformed("a search starts with FIND {words}")
    place, group = find.end(), "ALL"
    if (named := _IN.match(text, place)) is not None:
        place, group = named.end(), named[1].upper()
    returning: tuple[Returning, ...] = ()
    if (starts := _RETURNING.match(text, place)) is not None:
        returning, place = _returning(text, starts.end())
    limit = _MOST
    if (most := _LIMIT.match(text, place)) is not None:
        limit, place = min(int(most[1]), _MOST), most.end()
    if rest := text[place:].strip():
        raise _malformed(f"unexpected token: {rest.split()[0]}")
    return Search(_matcher(find[1]), group, returning, limit)


def search(wanted: Search, view: View, sobjects: Iterable[ObjectSchema]) -> list[dict[str, Any]]:
    """The records found, JSON-ready; of every one of `sobjects` when the search names none."""
    asked = wanted.returning or tuple(Returning(schema.name, "Id", "") for schema in sobjects)
    answers: list[dict[str, Any]] = []
    for each in asked:
        schema = view.schema(each.sobject)
        query = parse(f"SELECT {each.fields} FROM {schema.name} {each.clauses}")  # noqa: S608 - SOQL, and read anew
        answers += evaluate(
            query, _Found(view, schema, _fields(schema, wanted.group), wanted.found), False
        ).records
    return answers[: wanted.limit]


class _Found:
    """A view of the org in which one sObject has only the records that were found; see `Catalogue`."""

    def __init__(self, view: View, schema: ObjectSchema, fields: Sequence[Field], found: Test) -> None:
        self._view, self._schema = view, schema
        self._names = [field.name for field in fields]
        self._found = found
        self.user_id, self.time_zone, self.url_prefix = view.user_id, view.time_zone, view.url_prefix
        self.now, self.schema, self.children = view.now, view.schema, view.children
        self.sobject_of, self.get = view.sobject_of, view.get

    def scan(self, name: str, all_rows: bool) -> Iterator[Record]:
        records = self._view.scan(name, all_rows)
        return self._only_found(records) if name == self._schema.name else iter(records)

    def narrow(self, name: str, hints: Sequence[Hint]) -> Iterable[Record] | None:
        records = self._view.narrow(name, hints)
        return records if records is None or name != self._schema.name else self._only_found(records)

    def _only_found(self, records: Iterable[Record]) -> Iterator[Record]:
        names, found = self._names, self._found
        for record in records:
            if found("\n".join(str(record[name]) for name in names if record[name] is not None)):
                yield record


def _fields(schema: ObjectSchema, group: str) -> list[Field]:
    if group in ("EMAIL", "PHONE"):
        return [field for field in schema.fields if field.type == group.lower()]
    if group == "NAME":
        return [field for field in schema.fields if field.name == schema.name_field]
    return [field for field in schema.fields if field.type in _TEXTS]


def _returning(text: str, place: int) -> tuple[tuple[Returning, ...], int]:
    listed: list[Returning] = []
    while True:
        named = _SOBJECT.match(text, place)
        if named is None:
            raise _malformed("an sObject is expected after RETURNING")
        place, fields, clauses = named.end(), "Id", ""
        if text[place : place + 1] == "(":
            end = _closing(text, place)
            fields, clauses = _split(text[place + 1 : end])
            place = end + 1
        listed.append(Returning(named[1], fields, clauses))
        space = re.compile(r"\s*,").match(text, place)
        if space is None:
            return tuple(listed), place
        place = space.end()


def _closing(text: str, start: int) -> int:
    """The place of the parenthesis that closes the one at `start`."""
    blank = blanked(text)
    depth = 0
    for place in range(start, len(blank)):
        depth += (blank[place] == "(") - (blank[place] == ")")
        if depth == 0:
            return place
    raise _malformed("unexpected token: <EOF>")


def _split(inside: str) -> tuple[str, str]:
    """(the fields, the clauses) of what stands in an sObject's parentheses."""
    clause = _CLAUSE.search(blanked(inside))
    place = len(inside) if clause is None else clause.start()
    return inside[:place].strip() or "Id", inside[place:]


def _matcher(words: str) -> Test:
    """A test of a text: words next to each other must all be there; AND, OR and AND NOT go from left to right."""
    if len(words.strip().strip('*?"')) < 2:
        raise _malformed("search term must be longer than one character: " + words.strip())
    tests: list[tuple[str, Test]] = []
    joint = ""
    for quoted, word in _WORDS.findall(words):
        if not quoted and word.upper() in _JOINTS:
            joint = "AND NOT" if word.upper() == "NOT" else word.upper()
            continue
        tests.append((joint or "AND", _word(quoted or word)))
        joint = ""
    if not tests or joint:
        raise _malformed("a word is expected after " + joint)

    def found(text: str) -> bool:
        held = True
        for how, test in tests:
            holds = test(text)
            held = held or holds if how == "OR" else held and (holds if how == "AND" else not holds)
        return held

    return found


def _word(word: str) -> Test:
    letters = re.sub(r"\\(.)", "\\1", word, flags=re.DOTALL)
    if letters != word or not {"*", "?"} & set(word):
        whole = re.compile(rf"(?<!\w){re.escape(letters)}(?!\w)", re.IGNORECASE)
        return lambda text: whole.search(text) is not None
    glob = re.compile(translate(word.casefold().replace("[", "[[]")))
    return lambda text: any(glob.match(each) for each in _TOKEN.findall(text.casefold()))


def _malformed(message: str) -> OrgError:
    return OrgError("MALFORMED_SEARCH", message)
