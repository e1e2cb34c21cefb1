"""How does Activate find the member's address? It asks Salesforce, outside of any transaction, and stores what is right."""

from __future__ import annotations

from tandem.accounts.models import Member
from tandem.bcc.questions import pull
from tandem.bcc.words import NO_API, told, unanswered
from tandem.connections.explanations import explained
from tandem.connections.services import connection_of
from tandem.sync.ports import NoAnswer
from tandem.sync_settings.cards import has_api
from tandem.sync_settings.errors import NotConnected, NotPulled, SetByAdmin
from tandem.sync_settings.reading import rules_of
from tandem.sync_settings.services import activate_bcc
from tandem.sync_settings.values import Section


def pull_bcc(by: Member, *, locked: bool | None = None) -> bool:
    """Activate BCC with the address that Salesforce tells (BC-2); whether it is another one than before.

    Raises NotPulled with what is missing, SetByAdmin, NotConnected, InvalidSettings.
    """
    rules, connection = rules_of(by), connection_of(by)
    if Section.EMAIL_BCC in rules.locked and by.role != Member.Role.ADMIN:
        raise SetByAdmin
    if connection is None:
        raise NotConnected
    if not has_api(connection):
        raise NotPulled(NO_API)
    try:
        pulled = pull(connection)
    except NoAnswer as nothing:
        raise NotPulled(unanswered(explained(nothing.code, nothing.text))) from nothing
    if pulled.missing is not None:
        raise NotPulled(told(pulled))
    activate_bcc(by, pulled.address, locked=locked)
    return not (rules.email_bcc.active and rules.email_bcc.address == pulled.address)
