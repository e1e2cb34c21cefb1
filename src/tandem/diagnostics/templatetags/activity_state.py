"""How a page of another slice says how far an email or call has come on its way to Salesforce, and why.

Emails and calls do not know that Salesforce exists; their pages ask here, once for a whole list.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from tandem.calls.models import Call
from tandem.diagnostics.told import Told
from tandem.diagnostics.why import told_of_calls, told_of_emails
from tandem.emails.models import Email

register = template.Library()


@register.simple_tag
def activity_states(*, emails: Iterable[Email] = (), calls: Iterable[Call] = ()) -> dict[int, Told]:
    """What can be told of each email, or each call, by its id."""
    return told_of_calls(calls) if calls else told_of_emails(emails)


@register.simple_tag
def activity_state(about: Email | Call) -> Told:
    """What can be told of one email or call."""
    return (told_of_emails([about]) if isinstance(about, Email) else told_of_calls([about]))[about.pk]
