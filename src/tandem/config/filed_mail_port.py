"""The FiledMail port of tandem.bcc over tandem.salesforce. Nothing here decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from tandem import salesforce as sf
from tandem.bcc.ports import Address, Service, Task
from tandem.config.outcomes import TROUBLE, no_answer, outside_transactions

T = TypeVar("T")


class FiledMailPort:
    """One connection's Salesforce, as tandem.bcc.ports.FiledMail describes it. report: called after every call."""

    def __init__(self, client: sf.Client, report: Callable[[], None]) -> None:
        self._client = client
        self._report = report

    def service_of(self, user: str) -> Service:
        found = self._read(lambda: self._client.filed_mail.service_of(user))
        addresses = [Address(each.address, each.active, each.senders) for each in found.addresses]
        return Service(tuple(addresses), found.active)

    def filed(self, owners: Sequence[str], subjects: Sequence[str], since: datetime) -> Sequence[Task]:
        return [
            Task(
                id=row.id,
                owner=row.owner,
                subject=row.subject,
                text=row.description,
                created=row.created,
                closed=row.closed,
                who=row.who,
                who_name=row.who_name,
                who_email=row.who_email,
                what=row.what,
                what_name=row.what_name,
            )
            for row in self._read(lambda: self._client.filed_mail.filed(owners, subjects, since))
        ]

    def _read(self, call: Callable[[], T]) -> T:
        outside_transactions()
        try:
            return call()
        except TROUBLE as error:
            raise no_answer(error) from error
        finally:
            self._report()
