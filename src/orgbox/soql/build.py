"""From lark's tree to a `Query`: what each clause of grammar.lark becomes."""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token, Tree

from orgbox.errors import OrgError
from orgbox.soql.assumptions import NULLS_FIRST_BY_DEFAULT
from orgbox.soql.conditions import Node, at, condition, expression, tokens, trees
from orgbox.soql.place import refusal
from orgbox.soql.syntax import (
    Child,
    Condition,
    Entry,
    Expression,
    Grouping,
    Order,
    Path,
    Query,
    Selected,
    Source,
    TypeOf,
)

LARGEST_OFFSET = 2_000
_NOT_HERE = {
    "with_category": "WITH DATA CATEGORY",
    "with_value": "WITH",
    "with_word": "WITH",
}


def build(tree: Node, text: str) -> Query:
    """The query that `tree` spells. OrgError where a literal or the OFFSET is beyond its bounds."""
    for token in tokens(tree):
        if token.type == "ALL_ROWS":
            raise refusal("MALFORMED_QUERY", "ALL ROWS not allowed in this context", text, at(token))
    clauses = {str(clause.data): clause for clause in trees(tree)}
    first, *more = (_source(each) for each in trees(clauses["sources"]))
    # A semi-join has its one field, or its function of one, where other queries have their list.
    inner = tree.data == "semi_join"
    select = (
        (Selected(expression(tree.children[0]), None),) if inner else _select(clauses.get("fields"), text)
    )
    return Query(
        text=text,
        select=select,
        source=first,
        more_sources=tuple(more),
        scope=str(tokens(clauses["scope"])[0]).lower() if "scope" in clauses else None,
        where=_condition(clauses.get("where"), text),
        group=_grouping(clauses["group"], text) if "group" in clauses else None,
        order=tuple(_order(term) for term in trees(clauses.get("order"))),
        limit=_rows(clauses["limit"]) if "limit" in clauses else None,
        offset=_offset(clauses["offset"]) if "offset" in clauses else 0,
        unknown=tuple(_not_here(each) for each in trees(tree) if each.data in ("with", "update")),
    )


def _source(tree: Node) -> Source:
    name, *alias = tokens(tree)
    return Source(str(name), str(alias[0]) if alias else None, at(name))


def _select(fields: Node | None, text: str) -> tuple[Entry, ...]:
    return tuple(_entry(each, text) for each in trees(fields))


def _entry(tree: Node, text: str) -> Entry:
    words = tokens(tree)
    if tree.data == "child":
        return Child(build(next(trees(tree)), text), str(words[0]) if words else None)
    if tree.data == "typeof":
        return _typeof(tree, words)
    what = tree.children[0]
    alias = [child for child in tree.children[1:] if isinstance(child, Token)]
    return Selected(expression(what), str(alias[0]) if alias else None)


def _typeof(tree: Node, words: Sequence[Token]) -> TypeOf:
    when: list[tuple[str, tuple[Path, ...]]] = []
    otherwise: tuple[Path, ...] = ()
    for branch in trees(tree):
        named = tokens(branch)
        if branch.data == "when":
            when.append((str(named[0]), tuple(_path(token) for token in named[1:])))
        else:
            otherwise = tuple(_path(token) for token in named)
    _, relationship, *alias = words
    return TypeOf(_path(relationship), tuple(when), otherwise, str(alias[0]) if alias else None)


def _path(token: Token) -> Path:
    return Path(tuple(token.split(".")), at(token))


def _condition(clause: Node | None, text: str) -> Condition | None:
    part = next(trees(clause), None)
    return None if part is None else condition(part, text, lambda inner: build(inner, text))


def _grouping(tree: Node, text: str) -> Grouping:
    totals, by, having = None, list[Expression](), None
    where = 0
    for child in tree.children:
        if isinstance(child, Token) and child.type in ("ROLLUP", "CUBE"):
            totals = str(child).upper()
        elif isinstance(child, Tree) and child.data == "having":
            having = _condition(child, text)
        else:
            by.append(expression(child))
            where = where or by[-1].at
    return Grouping(tuple(by), totals, having, where)


def _order(term: Node) -> Order:
    what, *words = term.children
    said = {word.type: word.upper() for word in words if isinstance(word, Token)}
    nulls_first = said["NULLS_PLACE"].endswith("FIRST") if "NULLS_PLACE" in said else NULLS_FIRST_BY_DEFAULT
    return Order(expression(what), said.get("DIRECTION") == "DESC", nulls_first)


def _rows(clause: Node) -> int:
    return int(tokens(clause)[0])


def _offset(clause: Node) -> int:
    rows = _rows(clause)
    if rows > LARGEST_OFFSET:
        raise OrgError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {LARGEST_OFFSET}")
    return rows


def _not_here(clause: Node) -> tuple[str, int]:
    if clause.data == "update":
        word = tokens(clause)[0]
        return f"UPDATE {tokens(clause)[1]}", at(word)
    kind = next(trees(clause))
    word = next(token for token in kind.scan_values(lambda token: isinstance(token, Token)))
    return f"{_NOT_HERE[str(kind.data)]} {'' if kind.data == 'with_category' else word}".rstrip(), at(word)
