"""What a member's rules mean to whoever logs: sync_settings in the words of sync, which must not know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tandem.accounts.models import Member
from tandem.people.matching import Rules as Matching
from tandem.sync.activity import Logging
from tandem.sync_settings.reading import Rules, rules_of_each


def logging_of(members: Sequence[int]) -> Mapping[int, Logging]:
    """What holds for these members."""
    rules = rules_of_each(list(Member.objects.filter(pk__in=members)))
    return {member: _logging(each) for member, each in rules.items()}


def loggers(members: Sequence[int]) -> frozenset[int]:
    """Those of these members whose emails or calls are logged."""
    return frozenset(member for member, each in logging_of(members).items() if each.emails or each.calls)


def _logging(rules: Rules) -> Logging:
    emails = rules.email_api
    return Logging(
        emails=emails.emails,
        replies=emails.emails and emails.replies,
        calls=rules.calls.log,
        rules=Matching(
            leads=emails.leads,
            contacts=emails.contacts,
            accounts=emails.accounts,
            opportunities=emails.opportunities,
            several=emails.several,
            nobody=emails.nobody,
        ),
        headers_only=emails.headers_only,
    )
