"""From the text of a query to its `Query`, or to Salesforce's MALFORMED_QUERY.

The grammar is LALR(1) and stands in grammar.lark. lark is imported, and the grammar compiled (a second), with the
first query that is read, or before by `get_ready`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from orgbox.errors import OrgError
from orgbox.soql.place import refusal, row_and_column
from orgbox.soql.syntax import Query

if TYPE_CHECKING:
    from lark import Lark
    from lark.exceptions import UnexpectedInput

LONGEST_QUERY = 100_000


@lru_cache(maxsize=512)
def parse(text: str) -> Query:
    """Read one query. OrgError MALFORMED_QUERY, pointing at the first word that does not fit."""
    from lark.exceptions import UnexpectedInput

    from orgbox.soql.build import build

    if not text.strip():
        raise OrgError("MALFORMED_QUERY", "A query string has to be specified")
    if len(text) > LONGEST_QUERY:
        raise OrgError(
            "MALFORMED_QUERY", f"SOQL statements cannot be longer than {LONGEST_QUERY} characters."
        )
    try:
        return build(_grammar().parse(text), text)
    except UnexpectedInput as unexpected:
        raise _refusal(text, unexpected) from None
    except RecursionError:
        raise OrgError(
            "QUERY_TOO_COMPLICATED", "Query is too complicated: too many nested conditions"
        ) from None


def get_ready() -> None:
    """Compile the grammar now, so that no client waits for it."""
    _grammar()


@cache
def _grammar() -> Lark:
    from lark import Lark

    return Lark((files("orgbox.soql") / "grammar.lark").read_text("utf-8"), parser="lalr")


def _refusal(text: str, unexpected: UnexpectedInput) -> OrgError:
    """Salesforce's sentence for the first thing that does not fit."""
    from lark.exceptions import UnexpectedToken

    if isinstance(unexpected, UnexpectedToken):
        if unexpected.token.type == "$END":
            return refusal("MALFORMED_QUERY", "unexpected token: '<EOF>'", text, len(text.rstrip()))
        at = unexpected.token.start_pos or 0
        return refusal("MALFORMED_QUERY", f"unexpected token: '{unexpected.token}'", text, at)

    at = unexpected.pos_in_stream or 0
    if word := re.compile(r"\w+|[.*]").match(text, at):
        return refusal("MALFORMED_QUERY", f"unexpected token: '{word[0]}'", text, at)
    if text[at] == ":":
        return refusal("MALFORMED_QUERY", "Bind variables only allowed in Apex code", text, at)
    if text[at] == "'":
        row, column = row_and_column(text, len(text))
        return OrgError(
            "MALFORMED_QUERY", f"line {row}:{column - 1} mismatched character '<EOF>' expecting '''"
        )
    row, column = row_and_column(text, at)
    return OrgError(
        "MALFORMED_QUERY", f"line {row}:{column - 1} no viable alternative at character '{text[at]}'"
    )
