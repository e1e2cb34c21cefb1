"""What may Salesforce answer to a call, and what is one row of it? Shared by the ports that write tasks, emails and calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orgbox.errors import OrgError
from orgbox.writes import Transaction
from tandem.sync.pair import Op, Values
from tandem.sync.ports import Refused, Why

CODES = {
    "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE": Why.CHANGED,
    "NOT_FOUND": Why.GONE,
    "ENTITY_IS_DELETED": Why.GONE,
    "DUPLICATE_VALUE": Why.DUPLICATE,
    "UNABLE_TO_LOCK_ROW": Why.BUSY,
    "READ_ONLY": Why.BUSY,
}
# A call as a whole was refused: certainly not done.
REFUSALS = {
    "unsent": Refused(Why.UNSENT, "UNREACHABLE", "no connection could be opened"),
    "sign-in refused": Refused(Why.SIGN_IN, "INVALID_SESSION_ID", "the session has ended"),
    "limit reached": Refused(Why.LIMIT, "REQUEST_LIMIT_EXCEEDED", "no calls are left"),
    "row lock": Refused(Why.BUSY, "UNABLE_TO_LOCK_ROW", "somebody else writes here"),
    "read-only org": Refused(Why.BUSY, "READ_ONLY", "the org is being maintained"),
}
LOST = {"lost before", "5xx before", "lost after", "5xx after", "late landing", "slow landing"}
AFTER = {"lost after", "5xx after"}


class OwnError(Exception):
    """A bug of our own: the round goes on with the other members, and ends with it (I10)."""


@dataclass(slots=True)
class Write:
    """One row of a writing call. `about`: our key for a create, else the record's id.

    expected: what the record's fields may hold when this write replaces them unread (the oracle fills it in).
    logs: it belongs to an email, a call or an unsubscribe, not to a pair.
    """

    op: Op
    about: str
    user: str
    values: Values
    fields: Mapping[str, Any]
    unless: datetime | None = None
    expected: Mapping[str, str] | None = None
    sobject: str = "Task"
    logs: bool = False

    @property
    def opts_out(self) -> bool:
        """Whether it brings an unsubscribe."""
        return self.op == "update" and self.sobject != "Task"

    def __call__(self, tx: Transaction, hidden: Iterable[str]) -> str:
        """Do it in this transaction of the org; returns the record's id. Raises OrgError."""
        if self.op == "create":
            return tx.insert(self.sobject, self.fields)
        if self.about in hidden:
            raise OrgError("NOT_FOUND", "The requested resource does not exist")
        if self.op == "delete":
            tx.delete(self.sobject, self.about)
        else:
            tx.update(self.sobject, self.about, self.fields, unless_modified_since=self.unless)
        return self.about
