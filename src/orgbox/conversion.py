"""What becomes of a lead's tasks and events when the lead is converted? (docs/salesforce.md §9.13)

Lead conversion makes a contact, an account and, if one is named, an opportunity. Every activity of the lead, open or
closed, moves to the contact and the opportunity and is stamped anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from orgbox import task_relations
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
    if task_relations.is_on(tx):
        task_relations.repoint(tx, lead["Id"], contact)
    for kind in (state.schema("Task"), state.schema("Event")):
        for activity in tx.children(kind, kind.by_name["WhoId"], lead["Id"]):
            if activity["IsDeleted"]:
                continue
            tx.lock((activity["Id"],))
            moved = activity.next({"WhoId": contact, "WhatId": opportunity, **touched})
            derive(kind, moved, activity, stamp, tx.look)
            if kind.name == "Task" and task_relations.is_on(tx):
                task_relations.follow_the_task(tx, moved, activity)
            tx.write(kind.name, moved)
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
