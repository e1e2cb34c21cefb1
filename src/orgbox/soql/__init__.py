"""SOQL: `parse` reads a query, `evaluate` answers it from a `Catalogue`."""

from orgbox.soql.catalogue import Catalogue
from orgbox.soql.evaluate import Result, evaluate
from orgbox.soql.holding import holds
from orgbox.soql.parse import parse
from orgbox.soql.syntax import Query

__all__ = ["Catalogue", "Query", "Result", "evaluate", "holds", "parse"]
