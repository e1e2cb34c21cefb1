"""Whether a condition holds of one row: what validation rules and lookup filters ask."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from orgbox.soql.catalogue import Catalogue, Row
from orgbox.soql.columns import Columns
from orgbox.soql.criteria import Asked
from orgbox.soql.parse import parse
from orgbox.soql.predicates import predicate


def holds(condition: str, sobject: str, catalogue: Catalogue, row: Row) -> bool:
    """`condition` as in WHERE, of a row of `sobject`. OrgError as `evaluate`; sub-selects are none of a row."""
    query = parse(f"SELECT Id FROM {sobject} WHERE {condition}")  # noqa: S608 - SOQL, parsed here
    columns = Columns(query, catalogue)
    asked = Asked(catalogue.now(), ZoneInfo(catalogue.time_zone))
    if query.where is None:
        raise TypeError("A condition cannot be empty.")
    return predicate(query.where, columns, asked)(row)
