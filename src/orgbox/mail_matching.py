"""On which records is a letter filed? Pure: the rules of Email to Salesforce (docs/salesforce.md §5).

Whom an address stands for is asked by orgbox.mail; here it is decided what becomes of the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from orgbox.mail_reading import Letter

#: Addresses of To and Cc that are looked at, and activities that are made, of one letter.
MOST_ADDRESSES = 50
MOST_ACTIVITIES = 50

Several = Literal["all", "oldest", "most-activity"]


@dataclass(frozen=True, slots=True)
class Associations:
    """What a user chose on My Email to Salesforce. excluded: domains, in lower case, that are never matched."""

    contacts: bool = True
    leads: bool = True
    opportunities: bool = True
    several: Several = "all"
    unresolved: bool = True
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A Lead or Contact with the address in its standard Email field. activities: how many Tasks name it."""

    id: str
    address: str
    created: datetime
    activities: int = 0

    @property
    def is_contact(self) -> bool:
        return self.id.startswith("003")


@dataclass(frozen=True, slots=True)
class Filing:
    """Ids to file it on, one activity each; or My Unresolved Items; or (with neither) it is dropped."""

    records: tuple[str, ...] = ()
    unresolved: bool = False


def looked_at(letter: Letter, associations: Associations) -> tuple[str, ...]:
    """The addresses that are asked for: the first 50 of To and Cc, without excluded domains."""
    first = letter.addresses[:MOST_ADDRESSES]
    return tuple(each for each in first if each.rpartition("@")[2] not in associations.excluded)


def chosen(people: Iterable[Known], several: Several) -> list[Known]:
    """Of the people of each address all, or the one that the rule names."""
    by_address: dict[str, list[Known]] = {}
    for person in people:
        by_address.setdefault(person.address, []).append(person)
    if several == "all":
        return [person for found in by_address.values() for person in found]
    return [
        min(found, key=lambda p: (p.created, p.id))
        if several == "oldest"
        else min(found, key=lambda p: (-p.activities, p.created, p.id))
        for found in by_address.values()
    ]


def filing(
    people: Sequence[Known],
    open_deals: Mapping[str, Sequence[str]],
    named: Sequence[str],
    associations: Associations,
) -> Filing:
    """What becomes of a letter. open_deals: contact id -> open opportunities with a role of it; named: ids of `(ref: …)`.

    An opportunity is found by its contact's role, whether or not contacts themselves are filed on.
    """
    found = chosen(people, associations.several)
    records = [*named]
    records += [p.id for p in found if (associations.contacts if p.is_contact else associations.leads)]
    if associations.opportunities:
        records += [deal for p in found if p.is_contact for deal in open_deals.get(p.id, ())]
    once = tuple(dict.fromkeys(records))[:MOST_ACTIVITIES]
    return Filing(once, unresolved=not once and associations.unresolved)
