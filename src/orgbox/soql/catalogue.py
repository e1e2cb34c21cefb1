"""What a query needs to know of an org: its objects, its records, the hour, and who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from orgbox.schema.types import Field, ObjectSchema

Row = Mapping[str, Any]
"""A record by field name: str, bool, int, float, date, aware datetime or None; ids in their 18-character form."""

Hint = tuple[str, str, Any]
"""(field, operator, value) that every answer fulfils; see `Catalogue.narrow`."""


class Catalogue(Protocol):
    """The org as one user sees it, for the length of one query."""

    @property
    def user_id(self) -> str:
        """Who asks."""

    @property
    def time_zone(self) -> str:
        """The user's IANA time zone; date literals are counted in it."""

    @property
    def url_prefix(self) -> str:
        """What precedes /sobjects/ in a record's own address, e.g. /services/data/v67.0."""

    def now(self) -> datetime:
        """The current time, aware."""

    def schema(self, name: str) -> ObjectSchema:
        """The object of that name in any case. OrgError INVALID_TYPE."""

    def children(self, parent: str, relationship: str) -> tuple[ObjectSchema, Field] | None:
        """The object and the reference behind a child relationship of `parent`, named in any case."""

    def sobject_of(self, record_id: str) -> str:
        """The object that the id's key prefix names: what a Who, a What or an Owner is."""

    def scan(self, name: str, all_rows: bool) -> Iterable[Row]:
        """Every visible row of the object; with `all_rows` the deleted and the archived ones too."""

    def get(self, name: str, record_id: str) -> Row | None:
        """One row by its 18-character id, to read it as somebody's parent."""

    def narrow(self, name: str, hints: Sequence[Hint]) -> Iterable[Row] | None:
        """Rows among which are all that fulfil every hint, from an index; None when no index helps.

        Hints, by the field's type (names as in the schema):
          text       "=" str, "IN" tuple, compared without regard to case; None is null
          id         "=" str of 15 characters, "IN" tuple of such, case-sensitive; None is null
          boolean    "=" bool
          number     "=" "<" "<=" ">" ">=" number, "IN" tuple
          date       ">=" and "<" date, "=" None
          datetime   ">=" and "<" aware datetime of whole seconds, "=" None
        Rows beyond these, deleted ones included, do no harm: they are tested again.
        """
