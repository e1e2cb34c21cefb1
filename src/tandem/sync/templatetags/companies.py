"""Where do those work to whom the emails of a list went (CC-7)? Emails do not know Salesforce; their page asks here.

What Salesforce said while something was logged, never a call for a page's sake.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from tandem.accounts.models import Member
from tandem.connections.models import Connection, with_carriers
from tandem.emails.models import Email
from tandem.people import services as people

register = template.Library()


@register.simple_tag
def companies(emails: Iterable[Email], of: Member) -> dict[str, str]:
    """Address -> company, as far as this member's connection, or the team's in its place, was told."""
    connected = Connection.objects.filter(member=of).exclude(state=Connection.State.DISCONNECTED)
    held = with_carriers(connected).first()
    if held is None:
        return {}
    addresses = {one.address for email in emails for one in email.recipients.all()}
    return people.companies(people.Eyes(held.org.sf_id, held.carrier.user), addresses)
