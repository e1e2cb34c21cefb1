"""From lark's tree to a `Query`: what each rule and each literal of grammar.lark becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lark import Token, Tree

from orgbox.errors import OrgError
from orgbox.soql import literals
from orgbox.soql.assumptions import NULLS_FIRST_BY_DEFAULT
from orgbox.soql.place import refusal
from orgbox.soql.syntax import (
    All,
    AnyOf,
    Comparison,
    Condition,
    DateLiteral,
    Day,
    Literal,
    Moment,
    Not,
    Null,
    Number,
    Order,
    Path,
    Pattern,
    Query,
    Selected,
    Source,
    Text,
    Truth,
)

LARGEST_OFFSET = 2_000


def build(tree: Tree[Token], text: str) -> Query:
    """The query that `tree` spells. OrgError where a literal or the OFFSET is beyond its bounds."""
    for token in _tokens(tree):
        raise refusal("MALFORMED_QUERY", "ALL ROWS not allowed in this context", text, _at(token))
    clauses = {str(clause.data): clause for clause in _parts(tree)}
    name, *alias = _tokens(clauses["source"])
    where = next(_parts(clauses.get("where")), None)
    return Query(
        text=text,
        select=tuple(_selected(field) for field in _parts(clauses.get("fields"))),
        source=Source(str(name), str(alias[0]) if alias else None, _at(name)),
        where=_condition(where, text) if where else None,
        order=tuple(_order(term) for term in _parts(clauses.get("order"))),
        limit=_rows(clauses["limit"]) if "limit" in clauses else None,
        offset=_offset(clauses["offset"]) if "offset" in clauses else 0,
    )


def _parts(tree: Tree[Token] | None) -> Iterator[Tree[Token]]:
    return (part for part in (tree.children if tree else ()) if isinstance(part, Tree))


def _tokens(tree: Tree[Token]) -> list[Token]:
    return [token for token in tree.children if isinstance(token, Token)]


def _at(token: Token) -> int:
    return token.start_pos or 0


def _selected(field: Tree[Token]) -> Selected:
    path, *alias = _tokens(field)
    return Selected(_path(path), str(alias[0]) if alias else None)


def _path(token: Token) -> Path:
    return Path(tuple(token.split(".")), _at(token))


def _order(term: Tree[Token]) -> Order:
    path, *words = _tokens(term)
    said = {word.type: word.upper() for word in words}
    nulls_first = said["NULLS_PLACE"].endswith("FIRST") if "NULLS_PLACE" in said else NULLS_FIRST_BY_DEFAULT
    return Order(_path(path), said.get("DIRECTION") == "DESC", nulls_first)


def _rows(clause: Tree[Token]) -> int:
    return int(_tokens(clause)[0])


def _offset(clause: Tree[Token]) -> int:
    rows = _rows(clause)
    if rows > LARGEST_OFFSET:
        raise OrgError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {LARGEST_OFFSET}")
    return rows


def _condition(tree: Tree[Token], text: str) -> Condition:
    rule = str(tree.data)
    if rule in ("all", "any"):
        parts = tuple(_condition(part, text) for part in _parts(tree))
        return All(parts) if rule == "all" else AnyOf(parts)
    if rule == "negated":
        return Not(_condition(next(_parts(tree)), text))
    path, *words = _tokens(tree)
    if rule == "like":
        kind = "PATTERN" if words[0].type == "STRING" else words[0].type
        return Comparison(_path(path), "LIKE", (_literal(kind, words[0], text),))
    if rule == "compared":
        operator = "!=" if words[0] == "<>" else str(words[0])
        return Comparison(_path(path), operator, (_literal(words[1].type, words[1], text),))
    operator = {"in": "IN", "not_in": "NOT IN"}[rule]
    return Comparison(_path(path), operator, tuple(_literal(word.type, word, text) for word in words))


def _literal(kind: str, word: Token, text: str) -> Literal:
    try:
        return _LITERALS[kind](str(word))
    except ValueError as error:
        raise refusal("MALFORMED_QUERY", str(error), text, _at(word)) from None


def _date_literal(word: str) -> DateLiteral:
    name, _, count = word.upper().partition(":")
    return DateLiteral(name.strip(), int(count or 0))


_LITERALS: dict[str, Callable[[str], Literal]] = {
    "STRING": lambda word: Text(literals.text(word)),
    "PATTERN": lambda word: Pattern(literals.pattern(word)),
    "NUMBER": lambda word: Number(literals.number(word)),
    "DAY": lambda word: Day(literals.day(word)),
    "MOMENT": lambda word: Moment(literals.moment(word)),
    "DATE_LITERAL": _date_literal,
    "TRUE": lambda _: Truth(True),
    "FALSE": lambda _: Truth(False),
    "NULL": lambda _: Null(),
}
