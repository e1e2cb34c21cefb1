"""Is what Salesforce says of a user's address enough to activate it, and what is missing if not? Pure (BC-2, BC-3, BC-6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tandem.bcc.ports import Service

#: What keeps copies from being filed. service and org-off are an admin's to mend, the others the member's own.
Missing = Literal["org-off", "no-address", "address-off", "odd-address", "sender"]

#: The shape of the addresses that Salesforce gives out: emailtosalesforce@….le.salesforce.com, or ….in.
_ADDRESS = re.compile(
    r"emailtosalesforce@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:le|in)\.salesforce\.com"
)
_LENGTH = 254


@dataclass(frozen=True, slots=True)
class Pulled:
    """The address to activate, "" while something is `missing`; then `sender` is whose mail should be taken."""

    address: str
    missing: Missing | None = None
    sender: str = ""


def judge(service: Service, sender: str) -> Pulled:
    """What to do with what Salesforce said. sender: the address that stands in From of the member's emails."""
    if service.active is False:
        return Pulled("", "org-off", sender)
    if not service.addresses:
        return Pulled("", "no-address", sender)
    found = service.addresses[0]
    if not found.active:
        return Pulled("", "address-off", sender)
    if not is_salesforces(found.address):
        return Pulled("", "odd-address", sender)
    domain = sender.rpartition("@")[2]
    if found.senders and sender not in found.senders and domain not in found.senders:
        return Pulled("", "sender", sender)
    return Pulled(found.address, sender=sender)


def is_salesforces(address: str) -> bool:
    """Whether it has the shape of the addresses that Salesforce gives out."""
    return len(address) <= _LENGTH and _ADDRESS.fullmatch(address) is not None
