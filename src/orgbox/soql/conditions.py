"""From lark's tree to a condition and its parts: fields, functions, literals, AND, OR and NOT."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lark import Token, Tree

from orgbox.soql import literals
from orgbox.soql.place import refusal
from orgbox.soql.syntax import (
    All,
    AnyOf,
    Call,
    Comparison,
    Condition,
    DateLiteral,
    Day,
    Distance,
    Expression,
    Literal,
    Moment,
    Not,
    Null,
    Number,
    Path,
    Pattern,
    Query,
    Text,
    Truth,
)

Node = Tree[Token]
Inner = Callable[[Node], Query]
"""What reads a query inside a query."""

_OPERATORS = {"in": "IN", "not_in": "NOT IN", "includes": "INCLUDES", "excludes": "EXCLUDES"}


def condition(tree: Node, text: str, inner: Inner) -> Condition:
    """The condition that `tree` spells. OrgError where a literal is beyond its bounds."""
    rule = str(tree.data)
    if rule in ("all", "any"):
        parts = tuple(condition(part, text, inner) for part in trees(tree))
        return All(parts) if rule == "all" else AnyOf(parts)
    if rule == "negated":
        return Not(condition(next(trees(tree)), text, inner))
    left, *rest = tree.children
    path = expression(left)
    if rule in _OPERATORS:
        if isinstance(rest[0], Tree):
            return Comparison(path, _OPERATORS[rule], among=inner(rest[0]))
        words = [word for word in rest if isinstance(word, Token)]
        return Comparison(path, _OPERATORS[rule], tuple(_literal(word.type, word, text) for word in words))
    *words, last = (word for word in rest if isinstance(word, Token))
    if rule == "like":
        kind = "PATTERN" if last.type == "STRING" else last.type
        return Comparison(path, "LIKE", (_literal(kind, last, text),))
    operator = "!=" if words[0] == "<>" else str(words[0])
    return Comparison(path, operator, (_literal(last.type, last, text),))


def expression(node: Token | Node) -> Expression:
    """A field, or a function of one."""
    if isinstance(node, Token):
        return Path(tuple(node.split(".")), at(node))
    word = tokens(node)[0]
    if node.data == "distance":
        return Distance(Path(tuple(word.split(".")), at(word)), at(word))
    return Call(str(word), expression(node.children[1]), at(word))


def trees(tree: Node | None) -> Iterator[Node]:
    """The parts of a node that have parts themselves."""
    return (part for part in (tree.children if tree else ()) if isinstance(part, Tree))


def tokens(tree: Node) -> list[Token]:
    """The words of a node."""
    return [token for token in tree.children if isinstance(token, Token)]


def at(token: Token) -> int:
    """Where a word stands in the text."""
    return token.start_pos or 0


def _literal(kind: str, word: Token, text: str) -> Literal:
    try:
        return _LITERALS[kind](str(word))
    except ValueError as error:
        raise refusal("MALFORMED_QUERY", str(error), text, at(word)) from None


def _date_literal(word: str) -> DateLiteral:
    name, colon, count = (part.strip() for part in word.upper().partition(":"))
    counts = "_N_" in name or name.startswith("N_")
    if counts != bool(colon):
        raise ValueError(f"Date literal {name} takes {'a' if counts else 'no'} number")
    return DateLiteral(name, int(count or 0))


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
