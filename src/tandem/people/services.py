"""Whom do we know, and for whom is nothing ever logged? The only writers of people.models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from tandem import clock, jobs
from tandem.accounts.models import Member, canonical_email
from tandem.people.matching import KNOWN_FOR, Found, is_fresh, read, spell
from tandem.people.models import Ignored, Match, Person, Unsubscribed

_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class Eyes(NamedTuple):
    """Who was asked, and who asked: an org, and one of its users, both by their 18-character ids."""

    org: str
    user: str


class InvalidPattern(Exception):
    """This is neither an email address nor a domain, so nothing was excluded. Write jan@veldkamp.example, or
    veldkamp.example."""

    sentence = _(
        "This is neither an email address nor a domain, so nothing was excluded. Write jan@veldkamp.example, or "
        "veldkamp.example."
    )


def remember(people: Mapping[str, str]) -> dict[str, int]:
    """Know these people from now on: name by address ("" when it is not known). Returns their ids by address.

    A name that is known already stays.
    """
    named = {canonical_email(address): name[:255] for address, name in people.items() if address}
    Person.objects.bulk_create(
        (Person(email=address, name=name) for address, name in named.items()), ignore_conflicts=True
    )
    known = {person.email: person for person in Person.objects.filter(email__in=list(named))}
    nameless = [person for address, person in known.items() if not person.name and named[address]]
    for person in nameless:
        person.name = named[person.email]
    Person.objects.bulk_update(nameless, ["name"])
    return {address: person.pk for address, person in known.items()}


def keep_matches(eyes: Eyes, found: Mapping[str, Found], now: datetime) -> None:
    """Remember what was said of these addresses."""
    people = remember(dict.fromkeys(found, ""))
    Match.objects.filter(org=eyes.org, seen_by=eyes.user, person__in=people.values()).delete()
    Match.objects.bulk_create(
        Match(
            person_id=people[address],
            org=eyes.org,
            seen_by=eyes.user,
            records=spell(each.records),
            colleague=each.colleague,
            asked=sorted(each.asked),
            read_at=now,
        )
        for address, each in found.items()
    )


def fresh_matches(eyes: Eyes, addresses: Iterable[str], now: datetime) -> dict[str, Found]:
    """What is still believed of these addresses."""
    rows = Match.objects.filter(
        org=eyes.org, seen_by=eyes.user, person__email__in=list(addresses), read_at__gt=now - KNOWN_FOR
    )
    found: dict[str, Found] = {}
    for row in rows.select_related("person"):
        each = Found(read(row.records), row.colleague, frozenset(row.asked))
        if is_fresh(each, row.read_at, now):
            found[row.person.email] = each
    return found


def companies(eyes: Eyes, addresses: Iterable[str]) -> dict[str, str]:
    """Where these addresses' people work, as far as it was told and is not forgotten yet, however old."""
    rows = Match.objects.filter(org=eyes.org, seen_by=eyes.user, person__email__in=list(addresses))
    found = {}
    for address, records in rows.values_list("person__email", "records"):
        found[address] = next((each["account_name"] for each in records if each["account_name"]), "")
    return {address: company for address, company in found.items() if company}


def forget_matches(org: str, addresses: Iterable[str]) -> None:
    """Believe nothing of these addresses any more, whoever asked: they are asked for again."""
    Match.objects.filter(org=org, person__email__in=list(addresses)).delete()


def ignore(by: Member, pattern: str) -> Ignored:
    """Log nothing for this address, or for this domain and those below it, from now on. Raises InvalidPattern."""
    canonical = canonical_email(pattern).removeprefix("@")
    if "@" in canonical:
        try:
            validate_email(canonical)
        except ValidationError:
            raise InvalidPattern from None
    elif not _DOMAIN.fullmatch(canonical):
        raise InvalidPattern
    ignored, _made = Ignored.objects.get_or_create(pattern=canonical, defaults={"by": by, "at": clock.now()})
    return ignored


def unsubscribe(by: Member, address: str) -> Unsubscribed:
    """Send nothing to this address any more, from now on and by nobody. Raises InvalidPattern."""
    canonical = canonical_email(address)
    try:
        validate_email(canonical)
    except ValidationError:
        raise InvalidPattern from None
    row, new = Unsubscribed.objects.get_or_create(
        address=canonical, defaults={"at": clock.now(), "how": Unsubscribed.How.MEMBER, "by": by}
    )
    if new:
        jobs.wake("unsubscribed", row.pk)
    return row


def unsubscribe_many(addresses: Iterable[str], *, how: str, at: datetime) -> None:
    """As unsubscribe, for what another system says of addresses; whoever is unsubscribed already stays as they are."""
    named = {canonical_email(address) for address in addresses}
    Unsubscribed.objects.bulk_create(
        (Unsubscribed(address=address, at=at, how=how) for address in sorted(named) if address),
        ignore_conflicts=True,
    )


def subscribe_again(address: str) -> bool:
    """Let emails through again, from here: no other system is told (UN-4). False when they were let through."""
    deleted, _kinds = Unsubscribed.objects.filter(address=canonical_email(address)).delete()
    return bool(deleted)


def unsubscribed_among(addresses: Iterable[str]) -> list[str]:
    """Those of these addresses that nothing may be sent to, in their order."""
    named = [canonical_email(address) for address in addresses]
    found = set(Unsubscribed.objects.filter(address__in=named).values_list("address", flat=True))
    return [address for address in named if address in found]


def stop_ignoring(pattern: str) -> None:
    """Log for it again, from now on; what was left out stays so."""
    Ignored.objects.filter(pattern=canonical_email(pattern)).delete()


def ignored_patterns() -> frozenset[str]:
    """All that is excluded."""
    return frozenset(Ignored.objects.values_list("pattern", flat=True))
