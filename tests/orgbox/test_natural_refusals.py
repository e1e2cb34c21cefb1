"""What an org refuses by itself: rules, filters, limits of a user, approvals, a full disk, maintenance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.orgbox.box import Api, refusal

from orgbox.access import Access
from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.policies import LookupFilter, ValidationRule

RULE = ValidationRule(
    "Task",
    "Result",
    "TaskSubtype = 'Call' AND CallDisposition = null",
    "A call needs a result",
    "CallDisposition",
)


@pytest.fixture
def rep(org: Org) -> str:
    """A user besides the admin."""
    return org.insert(
        "User",
        {"LastName": "Rep", "Username": "rep@x.example", "Email": "rep@x.example", "Alias": "rep"},
    )


def said(action: Callable[..., Any], *arguments: Any, **more: Any) -> tuple[str, str, tuple[str, ...]]:
    error = refusal(action, *arguments, **more)
    return error.code, error.message, error.fields


# Rules and filters


def test_a_validation_rule_refuses_what_it_describes_in_the_admins_words(org: Org) -> None:
    org.add_policy(RULE)
    wanted = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "A call needs a result", ("CallDisposition",))
    assert said(org.insert, "Task", {"TaskSubtype": "Call"}) == wanted
    call = org.insert("Task", {"TaskSubtype": "Call", "CallDisposition": "Reached"})
    assert said(org.update, "Task", call, {"CallDisposition": None}) == wanted
    org.insert("Task", {"TaskSubtype": "Email"})


def test_a_rule_sees_parents_and_dates(org: Org) -> None:
    org.add_policy(ValidationRule("Task", "Future", "ActivityDate > NEXT_N_DAYS:30", "Too far away"))
    org.add_policy(
        ValidationRule("Task", "Acme", "Account.Name = 'Acme' AND Priority != 'High'", "High for Acme")
    )
    account = org.insert("Account", {"Name": "Acme"})
    assert said(org.insert, "Task", {"ActivityDate": "2027-01-01"})[1] == "Too far away"
    assert said(org.insert, "Task", {"WhatId": account})[1] == "High for Acme"
    org.insert("Task", {"WhatId": account, "Priority": "High", "ActivityDate": "2026-03-20"})


def test_a_rule_that_asks_for_what_is_not_there_is_refused_when_it_is_made(org: Org) -> None:
    assert (
        refusal(org.add_policy, ValidationRule("Task", "No", "Colour = 'red'", "No")).code == "INVALID_FIELD"
    )
    assert refusal(org.add_policy, ValidationRule("Tusk", "No", "Id = null", "No")).code == "INVALID_TYPE"
    assert refusal(org.add_policy, ValidationRule("Task", "No", "=", "No")).code == "MALFORMED_QUERY"


def test_a_lookup_filter_refuses_other_parents_and_leaves_old_ones_alone(org: Org) -> None:
    deal = {"Name": "Deal", "CloseDate": "2026-04-01"}
    lost = org.insert("Opportunity", {**deal, "StageName": "Closed Lost"})
    running = org.insert("Opportunity", {**deal, "StageName": "Prospecting"})
    before = org.insert("Task", {"WhatId": lost})
    org.add_policy(LookupFilter("Task", "WhatId", "Opportunity", "IsClosed = false"))
    assert said(org.insert, "Task", {"WhatId": lost}) == (
        "FIELD_FILTER_VALIDATION_EXCEPTION",
        "Value does not exist or does not match filter criteria.",
        ("WhatId",),
    )
    org.insert("Task", {"WhatId": running})
    org.insert("Task", {"WhatId": org.insert("Account", {"Name": "Acme"})})
    org.update("Task", before, {"Subject": "Still there"})


# A user's limits


def test_a_user_who_may_not_see_leads_is_told_that_there_are_none(org: Org, rep: str) -> None:
    lead = org.insert("Lead", {"LastName": "Lee", "Company": "Lee"})
    org.limit(rep, Access(hidden=frozenset({"Lead"})))
    assert refusal(org.query, "SELECT Id FROM Lead", user=rep).code == "INVALID_TYPE"
    assert refusal(org.insert, "Lead", {"LastName": "X", "Company": "X"}, user=rep).code == "INVALID_TYPE"
    assert said(org.insert, "Task", {"WhoId": lead}, user=rep) == (
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "insufficient access rights on cross-reference id",
        ("WhoId",),
    )
    assert org.query("SELECT Id FROM Lead").total == 1


def test_a_user_who_may_only_read_is_refused_each_kind_of_write(org: Org, rep: str) -> None:
    account = org.insert("Account", {"Name": "Acme"})
    org.limit(rep, Access(read_only=frozenset({"Account"})))
    assert said(org.insert, "Account", {"Name": "New"}, user=rep)[:2] == (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "entity type cannot be inserted: Account",
    )
    for action in (
        lambda: org.update("Account", account, {"Name": "X"}, user=rep),
        lambda: org.delete("Account", account, user=rep),
    ):
        assert said(action)[:2] == (
            "INSUFFICIENT_ACCESS_OR_READONLY",
            "insufficient access rights on object id",
        )
    assert org.query("SELECT Name FROM Account", user=rep).total == 1


def test_field_level_security_hides_a_field_or_makes_it_read_only(org: Org, rep: str) -> None:
    org.limit(
        rep, Access(hidden_fields=frozenset({"Task.Type"}), read_only_fields=frozenset({"Task.Description"}))
    )
    assert refusal(org.query, "SELECT Type FROM Task", user=rep).code == "INVALID_FIELD"
    assert refusal(org.insert, "Task", {"Type": "Call"}, user=rep).code == "INVALID_FIELD"
    assert said(org.insert, "Task", {"Description": "x"}, user=rep)[::2] == (
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        ("Description",),
    )
    org.insert("Task", {"Subject": "Fine", "Type": "Call"})


def test_rows_of_others_are_not_there_for_a_user_who_sees_only_his_own(org: Org, rep: str) -> None:
    theirs = org.insert("Task", {"Subject": "Theirs"})
    own = org.insert("Task", {"Subject": "Own"}, user=rep)
    account = org.insert("Account", {"Name": "Theirs"})
    org.limit(rep, Access(own_only=frozenset({"Task", "Account"})))
    found = org.query(f"SELECT Id FROM Task WHERE Id IN ('{theirs}', '{own}')", user=rep)
    assert [record["Id"] for record in found.records] == [own]
    assert org.query("SELECT COUNT() FROM Task", user=rep).total == 1
    assert refusal(org.update, "Task", theirs, {"Subject": "Mine"}, user=rep).code == "NOT_FOUND"
    assert (
        refusal(org.insert, "Task", {"WhatId": account}, user=rep).code
        == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    )
    org.limit(rep, Access())
    org.update("Task", theirs, {"Subject": "Seen"}, user=rep)


def test_limits_hold_over_http(api: Api) -> None:
    api.running.call(
        lambda: api.org.limit(
            api.org.admin_id, Access(hidden=frozenset({"Lead"}), hidden_fields=frozenset({"Task.Type"}))
        )
    )
    assert api.get("/sobjects/Lead/describe").status_code == 404
    assert "Type" not in {field["name"] for field in api.get("/sobjects/Task/describe").json()["fields"]}
    task = api.post("/sobjects/Task", json={}).json()["id"]
    assert "Type" not in api.get(f"/sobjects/Task/{task}").json()
    records = [{"attributes": {"type": "Lead"}, "LastName": "X", "Company": "X"}]
    (row,) = api.post("/composite/sobjects", json={"records": records}).json()
    assert row["errors"][0]["statusCode"] == "INVALID_TYPE"


# The org as a whole


def test_a_row_in_approval_may_not_be_changed_until_it_is_out(org: Org) -> None:
    task = org.insert("Task", {})
    org.lock_for_approval(task)
    assert refusal(org.update, "Task", task, {"Subject": "x"}).code == "ENTITY_IS_LOCKED"
    assert refusal(org.delete, "Task", task).code == "ENTITY_IS_LOCKED"
    org.lock_for_approval()
    org.update("Task", task, {"Subject": "x"})


def test_a_full_disk_takes_no_more_rows(org: Org) -> None:
    task = org.insert("Task", {})
    org.set_storage(0.01)
    assert refusal(org.insert, "Task", {}).code == "STORAGE_LIMIT_EXCEEDED"
    org.update("Task", task, {"Subject": "x"})
    org.set_storage(None)
    org.insert("Task", {})


def test_an_org_in_maintenance_may_be_read_and_not_written(org: Org, clock: VirtualClock) -> None:
    task = org.insert("Task", {})
    org.set_maintenance(on=True)
    for action in (
        lambda: org.insert("Task", {}),
        lambda: org.update("Task", task, {}),
        lambda: org.delete("Task", task),
    ):
        assert refusal(action).code == "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"
    assert org.query("SELECT Id FROM Task").total == 1
    org.set_maintenance(on=False)
    org.delete("Task", task)


def test_a_converted_lead_is_no_longer_written_to(org: Org) -> None:
    lead = org.insert("Lead", {"LastName": "Lee", "Company": "Lee"})
    org.convert_lead(lead)
    wanted = ("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    assert said(org.insert, "Task", {"WhoId": lead})[:2] == wanted
    assert said(org.update, "Lead", lead, {"LastName": "X"})[:2] == wanted
    (row,) = org.query(
        f"SELECT ConvertedContactId FROM Lead WHERE Id = '{lead}' AND IsConverted = true"
    ).records
    org.insert("Task", {"WhoId": row["ConvertedContactId"]})
