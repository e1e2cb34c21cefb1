"""What becomes of a lead's tasks when the lead is converted? (docs/salesforce.md §9.13)

Lead conversion makes a contact, an account and, if one is named, an opportunity. Every task of the lead, open or
closed, moves to the contact and the opportunity and is stamped anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from orgbox.derived import derive
from orgbox.errors import OrgError
from orgbox.writes import Transaction


@dataclass(frozen=True)
class Conversion:
    """The ids of what a lead became."""

    account_id: str
    contact_id: str
    opportunity_id: str | None


def convert(tx: Transaction, lead_id: str, opportunity_name: str | None) -> Conversion:
    """Convert a lead. Raises OrgError CANNOT_UPDATE_CONVERTED_LEAD when it has been converted before."""
    state = tx.state
    schema = state.schema("Lead")
    lead = tx.live(schema, lead_id)
    if lead["IsConverted"]:
        raise OrgError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    owner = {"OwnerId": lead["OwnerId"]}
    account = tx.insert("Account", {"Name": lead["Company"], **owner})
    shared = ("LastName", "FirstName", "Email", "Phone", "MobilePhone", "Title", "LeadSource")
    contact = tx.insert("Contact", {"AccountId": account, **{name: lead[name] for name in shared}, **owner})
    opportunity = None
    if opportunity_name is not None:
        opportunity = tx.insert(
            "Opportunity",
            {
                "Name": opportunity_name,
                "AccountId": account,
                "StageName": "Prospecting",
                "CloseDate": state.stamp().date(),
                **owner,
            },
        )
        tx.insert(
            "OpportunityContactRole", {"OpportunityId": opportunity, "ContactId": contact, "IsPrimary": True}
        )
    stamp = state.stamp()
    touched = {"LastModifiedDate": stamp, "LastModifiedById": tx.user_id, "SystemModstamp": stamp}
    task_schema = state.schema("Task")
    for task in tx.children(task_schema, task_schema.by_name["WhoId"], lead["Id"]):
        if task["IsDeleted"]:
            continue
        tx.lock((task["Id"],))
        moved = task.next({"WhoId": contact, "WhatId": opportunity, **touched})
        derive(task_schema, moved, task, stamp, tx.look)
        tx.write("Task", moved)
    tx.lock((lead["Id"],))
    tx.write(
        "Lead",
        lead.next(
            {
                "Status": next(v.value for v in schema.by_name["Status"].picklist if v.closed),
                "IsConverted": True,
                "ConvertedDate": stamp.date(),
                "ConvertedAccountId": account,
                "ConvertedContactId": contact,
                "ConvertedOpportunityId": opportunity,
                **touched,
            }
        ),
    )
    return Conversion(account, contact, opportunity)
