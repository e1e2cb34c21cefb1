"""What the page may ask that only Salesforce can answer; wiring says who answers, as for sync.questions."""

from __future__ import annotations

from collections.abc import Callable

from tandem.accounts.models import Member
from tandem.bcc.address import Pulled, judge
from tandem.bcc.ports import Service
from tandem.connections.models import Connection
from tandem.emails.models import MailAccount

ServiceOf = Callable[[Connection], Service]

_answers: list[ServiceOf] = []


def answer_addresses(service_of: ServiceOf) -> None:
    """Say who answers `pull` in this process."""
    _answers[:] = [service_of]


def pull(connection: Connection) -> Pulled:
    """The address of this connection's member, or what is missing (BC-2).

    Raises NoAnswer (tandem.sync.ports) when Salesforce cannot be asked.
    """
    return judge(_answers[0](connection), sends_as(connection.member))


def sends_as(member: Member) -> str:
    """What stands in From of this member's emails."""
    account = MailAccount.objects.filter(member=member).first()
    return account.address if account is not None else member.email
