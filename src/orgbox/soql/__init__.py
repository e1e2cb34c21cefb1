"""SOQL: `parse` reads a query, `evaluate` answers it from a `Catalogue`."""

from orgbox.soql.catalogue import Catalogue
from orgbox.soql.evaluate import Result, evaluate
from orgbox.soql.holding import holds
from orgbox.soql.literals import blanked
from orgbox.soql.metadata import Named, named_columns
from orgbox.soql.parse import get_ready, parse
from orgbox.soql.syntax import Query

__all__ = [
    "Catalogue",
    "Named",
    "Query",
    "Result",
    "blanked",
    "evaluate",
    "get_ready",
    "holds",
    "named_columns",
    "parse",
]
