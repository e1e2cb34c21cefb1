"""How does a user get an Email to Salesforce address? In the browser, once; no API makes one (Salesforce Help: "Email to Salesforce")."""

from __future__ import annotations

import hashlib

from orgbox.org import Org

_FUNCTION = "EmailToSalesforce"


def give_address(org: Org, user: str, accepts: str = "") -> str:
    """The user's own address, made if there is none yet; it takes mail from the senders of `accepts`, or from all."""
    function = next(
        (f["Id"] for f in org.scan("EmailServicesFunction") if f["FunctionName"] == _FUNCTION), None
    )
    if function is None:
        function = org.plant("EmailServicesFunction", {"FunctionName": _FUNCTION})
    for row in org.scan("EmailServicesAddress"):
        if row["RunAsUserId"] == user:
            return f"{row['LocalPart']}@{row['EmailDomainName']}"
    key = hashlib.shake_256(f"{org.id} {user}".encode()).hexdigest(25)
    values = {
        "LocalPart": "emailtosalesforce",
        "EmailDomainName": f"{key}.{org.id[3:15].lower()}.box1.le.salesforce.com",
        "AuthorizedSenders": accepts or None,
        "RunAsUserId": user,
        "FunctionId": function,
    }
    org.plant("EmailServicesAddress", values)
    return f"{values['LocalPart']}@{values['EmailDomainName']}"
