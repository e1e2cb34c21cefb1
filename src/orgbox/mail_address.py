"""How does Email to Salesforce come to work for a user? An admin activates it, and the user saves their page once.

No API makes an address; the two pages do (orgbox.http.mail_pages), or these functions (Salesforce Help: "Email to
Salesforce"). What can be asked by SOQL lies in EmailServicesFunction and EmailServicesAddress, the rest in the org's state.
"""

from __future__ import annotations

import hashlib
import re

from orgbox.mail_matching import Associations
from orgbox.org import Org
from orgbox.records import Record

FUNCTION = "EmailToSalesforce"


def service(org: Org) -> Record | None:
    """The org's own email service; None while nobody ever activated it."""
    return next((row for row in org.scan("EmailServicesFunction") if row["FunctionName"] == FUNCTION), None)


def is_active(org: Org) -> bool:
    """Whether the org takes mail in, and users have the page."""
    found = service(org)
    return found is not None and bool(found["IsActive"])


def activate(org: Org, *, active: bool = True, verify_server: bool = False) -> str:
    """What Setup → Email Administration → Email to Salesforce → Edit → Save does; the service's id.

    verify_server: take only what passes the check of the sending server, see orgbox.mail.
    """
    values = {"FunctionName": FUNCTION, "IsActive": active, "IsAuthenticationRequired": verify_server}
    found = service(org)
    return org.plant("EmailServicesFunction", values if found is None else {**found, **values})


def address_of(org: Org, user: str) -> Record | None:
    """The row of a user's own address; None while they have none."""
    return next((row for row in org.scan("EmailServicesAddress") if row["RunAsUserId"] == user), None)


def spelt(row: Record) -> str:
    """The address itself."""
    return f"{row['LocalPart']}@{row['EmailDomainName']}"


def senders(row: Record) -> frozenset[str]:
    """My Acceptable Email Addresses, in lower case; a domain stands for all of its addresses. Empty: anybody."""
    return frozenset(listed(row["AuthorizedSenders"] or ""))


def listed(text: str) -> list[str]:
    """Addresses or domains that somebody typed, with commas or lines between them."""
    return [each.strip().lower() for each in re.split(r"[,;\s]+", text) if each.strip()]


def give_address(
    org: Org, user: str, accepts: str = "", *, associations: Associations | None = None, anew: bool = False
) -> str:
    """What Save Changes on My Email to Salesforce does: the user's own address, made if there is none yet.

    accepts: My Acceptable Email Addresses; "" leaves them as they are. anew: a new address instead of the old one.
    """
    function = service(org)
    function_id = activate(org) if function is None else function["Id"]
    if associations is not None:
        org.state.associations[user] = associations
        org.state.changes += 1
    old = address_of(org, user)
    wanted = (
        ", ".join(dict.fromkeys(listed(accepts))) if accepts else old["AuthorizedSenders"] if old else None
    )
    if old is not None and not anew:
        org.plant("EmailServicesAddress", {**old, "AuthorizedSenders": wanted})
        return spelt(old)
    values = {
        "LocalPart": "emailtosalesforce",
        "EmailDomainName": _domain(org, user, old["EmailDomainName"] if old else ""),
        "AuthorizedSenders": wanted,
        "RunAsUserId": user,
        "FunctionId": function_id,
        "IsActive": True,
    }
    identifier = org.plant("EmailServicesAddress", {**(old or {}), **values})
    return spelt(org.get("EmailServicesAddress", identifier))


def close_address(org: Org, user: str, *, active: bool = False) -> None:
    """Switch a user's address off, or on again."""
    row = address_of(org, user)
    if row is not None:
        org.plant("EmailServicesAddress", {**row, "IsActive": active})


def user_with(org: Org, address: str) -> Record | None:
    """The row that a mail address belongs to."""
    wanted = address.strip().lower()
    return next((row for row in org.scan("EmailServicesAddress") if spelt(row) == wanted), None)


def _domain(org: Org, user: str, before: str) -> str:
    key = hashlib.shake_256(f"{org.id} {user} {before}".encode()).hexdigest(25)
    return f"{key}.{org.id[3:15].lower()}.box1.le.salesforce.com"
