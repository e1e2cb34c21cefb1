"""Emails as records: the Task that each brings along, and what of a sent one may change."""

from __future__ import annotations

import pytest
from tests.orgbox.box import Api, refusal

from orgbox.clock import VirtualClock
from orgbox.org import Org


def sent(org: Org, **values: object) -> str:
    return org.insert("EmailMessage", {"Subject": "Hello", "TextBody": "Dear Ann", "Status": "3"} | values)


def test_an_email_brings_a_closed_task_along(org: Org) -> None:
    account = org.insert("Account", {"Name": "Acme"})
    email = org.get("EmailMessage", sent(org, RelatedToId=account, MessageDate="2026-03-01T23:00:00Z"))
    task = org.get("Task", email["ActivityId"])
    assert (task["Subject"], task["TaskSubtype"], task["IsClosed"]) == ("Email: Hello", "Email", True)
    assert (task["WhatId"], task["AccountId"], task["Description"]) == (account, account, "Dear Ann")
    assert str(task["ActivityDate"]) == "2026-03-01"


def test_the_first_person_it_went_to_becomes_the_tasks_who(org: Org) -> None:
    ann, bo = (org.insert("Contact", {"LastName": name}) for name in ("Ann", "Bo"))
    email = sent(org)
    task = org.get("EmailMessage", email)["ActivityId"]
    for person, kind in ((org.admin_id, "FromAddress"), (ann, "ToAddress"), (bo, "CcAddress")):
        org.insert(
            "EmailMessageRelation", {"EmailMessageId": email, "RelationId": person, "RelationType": kind}
        )
    assert org.get("Task", task)["WhoId"] == ann
    lead = org.insert("Lead", {"LastName": "Cy", "Company": "C"})
    assert (
        org.get("Task", org.get("EmailMessage", sent(org, RelatedToId=lead))["ActivityId"])["WhoId"] == lead
    )


def test_a_draft_has_no_task_until_it_is_sent(org: Org) -> None:
    draft = sent(org, Status="5")
    assert org.get("EmailMessage", draft)["ActivityId"] is None
    org.update("EmailMessage", draft, {"Subject": "Better", "Status": "3"})
    assert org.get("Task", org.get("EmailMessage", draft)["ActivityId"])["Subject"] == "Email: Better"


def test_an_email_that_is_related_anew_gets_another_task(org: Org) -> None:
    one, other = (org.insert("Account", {"Name": name}) for name in ("One", "Other"))
    email = sent(org, RelatedToId=one, IsClientManaged=True)
    before = org.get("EmailMessage", email)["ActivityId"]
    org.update("EmailMessage", email, {"RelatedToId": other})
    after = org.get("EmailMessage", email)["ActivityId"]
    assert before != after
    assert org.get("Task", before, deleted=True)["IsDeleted"]
    assert org.get("Task", after)["WhatId"] == other


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({"IsExternallyVisible": True}, True),
        ({"Subject": "Another"}, False),
        ({"RelatedToId": None}, False),
        ({"Status": "1"}, False),
    ],
)
def test_of_a_sent_email_little_may_change(org: Org, change: dict[str, object], allowed: bool) -> None:
    email = sent(org, RelatedToId=org.insert("Account", {"Name": "Acme"}))
    if allowed:
        org.update("EmailMessage", email, change)
    else:
        assert refusal(org.update, "EmailMessage", email, change).code == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_an_incoming_email_is_read(org: Org) -> None:
    email = sent(org, Status="0", Incoming=True)
    org.update("EmailMessage", email, {"Status": "1"})
    assert refusal(org.update, "EmailMessage", email, {"Status": "0"}).fields == ("Status",)
    assert refusal(org.insert, "EmailMessage", {"Status": "1"}).code == "FIELD_INTEGRITY_EXCEPTION"


def test_an_email_whose_task_is_refused_is_not_kept(org: Org, clock: VirtualClock) -> None:
    def no_tasks(change: object) -> None:
        if getattr(change, "sobject", "") == "Task":
            raise refusal(org.insert, "Task", {"Nope": 1})

    org.triggers.append(no_tasks)
    assert refusal(sent, org).code == "INVALID_FIELD"
    assert list(org.scan("EmailMessage")) == []


def test_the_same_message_is_found_by_its_identifier(api: Api) -> None:
    path = "/sobjects/EmailMessage/MessageIdentifier/a@x.example"
    assert api.patch(path, json={"Subject": "One"}).status_code == 201
    assert api.patch(path, json={"IsExternallyVisible": True}).json()["created"] is False
    assert api.query("SELECT COUNT() FROM Task")["totalSize"] == 1
