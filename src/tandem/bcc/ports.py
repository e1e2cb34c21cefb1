"""What this slice needs of Salesforce, as a Protocol, and the values that come from there. Pure.

Reads raise NoAnswer (tandem.sync.ports). wiring says who answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Address:
    """One Email to Salesforce address of a user. senders: whose mail it takes, in lower case; none means anybody's."""

    address: str
    active: bool = True
    senders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A user's addresses, the likeliest first. active: of the whole org; None where that cannot be seen."""

    addresses: tuple[Address, ...] = ()
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A Task that may be an email which Salesforce filed. Ids are "" for none; who_email in lower case."""

    id: str
    owner: str
    subject: str
    text: str
    created: datetime
    closed: bool = True
    who: str = ""
    who_name: str = ""
    who_email: str = ""
    what: str = ""
    what_name: str = ""


class FiledMail(Protocol):
    """One connection's Salesforce, as far as Email to Salesforce goes."""

    def service_of(self, user: str) -> Service:
        """Where this user's copies go: one API call."""

    def filed(self, owners: Sequence[str], subjects: Sequence[str], since: datetime) -> Sequence[Task]:
        """The Tasks of these users with one of these subjects, made at `since` or later: an API call for 100 subjects."""
