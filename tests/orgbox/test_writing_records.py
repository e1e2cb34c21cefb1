"""Fields hold what Salesforce lets them hold, and Salesforce fills in the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.orgbox.box import refusal

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.schema import PicklistValue
from orgbox.state import Change


def test_a_new_task_has_salesforces_defaults(org: Org) -> None:
    task = org.get("Task", org.insert("Task", {"Subject": "Call Ann"}))
    assert (task["Status"], task["Priority"], task["TaskSubtype"]) == ("Not Started", "Normal", "Task")
    assert (task["IsClosed"], task["IsHighPriority"], task["IsDeleted"], task["IsArchived"]) == (False,) * 4
    assert task["OwnerId"] == task["CreatedById"] == task["LastModifiedById"] == org.admin_id
    assert task["CompletedDateTime"] is None


def test_stamps_are_whole_seconds(org: Org, clock: VirtualClock) -> None:
    clock.advance(0.75)
    task = org.get("Task", org.insert("Task", {}))
    assert task["CreatedDate"] == task["LastModifiedDate"] == task["SystemModstamp"]
    assert task["SystemModstamp"] == datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)


def test_completing_and_reopening_set_what_follows_from_the_status(org: Org, clock: VirtualClock) -> None:
    task = org.insert("Task", {})
    clock.advance(60)
    org.update("Task", task, {"Status": "Completed"})
    done = org.get("Task", task)
    assert done["IsClosed"]
    assert done["CompletedDateTime"] == clock.now()
    clock.advance(60)
    org.update("Task", task, {"Subject": "Same status"})
    assert org.get("Task", task)["CompletedDateTime"] == done["CompletedDateTime"]
    org.update("Task", task, {"Status": "In Progress"})
    assert not org.get("Task", task)["IsClosed"]
    assert org.get("Task", task)["CompletedDateTime"] is None


def test_priority_decides_is_high_priority(org: Org) -> None:
    task = org.insert("Task", {"Priority": "High"})
    assert org.get("Task", task)["IsHighPriority"]
    org.update("Task", task, {"Priority": "Low"})
    assert not org.get("Task", task)["IsHighPriority"]


def test_the_account_of_a_task_follows_from_what_and_who(org: Org) -> None:
    account, other = org.insert("Account", {"Name": "Acme"}), org.insert("Account", {"Name": "Other"})
    contact = org.insert("Contact", {"LastName": "Ann", "AccountId": account})
    deal = org.insert(
        "Opportunity",
        {"Name": "Big", "AccountId": other, "StageName": "Prospecting", "CloseDate": "2026-05-01"},
    )
    for related, expected in (
        ({"WhoId": contact}, account),
        ({"WhoId": contact, "WhatId": deal}, other),
        ({"WhoId": contact, "WhatId": other}, other),
        ({"WhoId": org.insert("Lead", {"LastName": "L", "Company": "C"})}, None),
        ({}, None),
    ):
        assert org.get("Task", org.insert("Task", related))["AccountId"] == expected


def test_an_update_that_changes_nothing_still_moves_the_stamps(org: Org, clock: VirtualClock) -> None:
    task = org.insert("Task", {"Subject": "Same"})
    clock.advance(5)
    org.update("Task", task, {"Subject": "Same"})
    assert org.get("Task", task)["SystemModstamp"] == org.get("Task", task)["LastModifiedDate"] == clock.now()


def test_an_update_leaves_other_fields_and_creation_alone(org: Org, clock: VirtualClock) -> None:
    user = org.insert("User", {"LastName": "Ben", "Username": "ben@x.example", "Email": "ben@x.example"})
    task = org.insert("Task", {"Subject": "Old", "Description": "Keep me"})
    before = org.get("Task", task)
    clock.advance(5)
    org.update("Task", task, {"Subject": "New"}, user)
    after = org.get("Task", task)
    assert (before["Subject"], after["Subject"]) == ("Old", "New")  # a version in hand never changes
    assert after["Description"] == "Keep me"
    assert (after["CreatedById"], after["LastModifiedById"]) == (org.admin_id, user)
    assert after["CreatedDate"] == before["CreatedDate"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Call Ann  \n", "Call Ann"),
        (" Call Ann", " Call Ann"),
        ("", None),
        ("  \t", None),
        ("a\r\nb\rc", "a\nb\nc"),
        ("€" * 255 + " ", "€" * 255),
    ],
)
def test_text_is_kept_the_way_salesforce_keeps_it(org: Org, sent: str, kept: str | None) -> None:
    assert org.get("Task", org.insert("Task", {"Subject": sent}))["Subject"] == kept


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ({"Nope": 1}, "INVALID_FIELD", "No such column 'Nope' on sobject of type Task"),
        ({"Id": "00T000000000000AAA"}, "INVALID_FIELD", "should not be specified"),
        ({"IsClosed": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", "IsClosed"),
        ({"AccountId": None}, "INVALID_FIELD_FOR_INSERT_UPDATE", "AccountId"),
        ({"SystemModstamp": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "SystemModstamp"),
        ({"Subject": "x" * 256}, "STRING_TOO_LONG", "(max length=255)"),
        ({"Description": "x" * 32001}, "STRING_TOO_LONG", "(max length=32000)"),
        ({"Status": None}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Status]"),
        ({"Priority": ""}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Priority]"),
        ({"CallType": "Sideways"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value"),
        ({"TaskSubtype": "Cadence"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Cadence"),
        ({"WhoId": "nonsense"}, "MALFORMED_ID", "id value of incorrect type: nonsense"),
        ({"WhoId": "001000000000001AAA"}, "MALFORMED_ID", "id value of incorrect type"),
        ({"WhoId": "003000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        ({"ActivityDate": "2026-02-30"}, "JSON_PARSER_ERROR", "instance of date"),
        ({"ActivityDate": "2026-02-28T00:00:00Z"}, "JSON_PARSER_ERROR", "instance of date"),
        ({"ActivityDate": datetime(2026, 2, 28, tzinfo=UTC)}, "JSON_PARSER_ERROR", "instance of date"),
        ({"ReminderDateTime": "2026-02-28T10:00:00"}, "JSON_PARSER_ERROR", "instance of datetime"),
        ({"IsReminderSet": "yes"}, "JSON_PARSER_ERROR", "instance of boolean"),
        ({"IsReminderSet": None}, "JSON_PARSER_ERROR", "VALUE_NULL"),
        ({"Subject": 5}, "JSON_PARSER_ERROR", "VALUE_NUMBER_INT"),
        ({"Subject": ["x"]}, "JSON_PARSER_ERROR", "instance of combobox"),
        ({"CallDurationInSeconds": 1.5}, "JSON_PARSER_ERROR", "instance of int"),
        ({"CallDurationInSeconds": 10**8}, "NUMBER_OUTSIDE_VALID_RANGE", "outside of valid range"),
    ],
)
def test_a_value_that_cannot_stand_is_refused_and_leaves_no_trace(
    org: Org, values: dict[str, Any], code: str, message: str
) -> None:
    error = refusal(org.insert, "Task", values)
    assert error.code == code
    assert message in error.message
    assert list(org.scan("Task", all_rows=True)) == []


def test_names_of_fields_and_objects_are_matched_in_any_case(org: Org) -> None:
    task = org.insert("tAsK", {"suBJect": "Call Ann", "activitydate": "2026-03-04"})
    assert org.get("TASK", task)["Subject"] == "Call Ann"
    assert org.get("Task", task)["ActivityDate"] == date(2026, 3, 4)


def test_an_unknown_object_is_an_invalid_type(org: Org) -> None:
    assert refusal(org.insert, "Quote", {}).code == "INVALID_TYPE"


def test_a_status_nobody_listed_is_kept_unless_the_picklist_is_restricted(org: Org) -> None:
    task = org.insert("Task", {"Status": "Parked"})
    assert (org.get("Task", task)["Status"], org.get("Task", task)["IsClosed"]) == ("Parked", False)
    org.set_picklist("Task", "Status", [PicklistValue("Open", default=True)], restricted=True)
    assert refusal(org.insert, "Task", {"Status": "Parked"}).code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert org.get("Task", org.insert("Task", {}))["Status"] == "Open"
    assert [row["ApiName"] for row in org.scan("TaskStatus")] == ["Open"]


def test_task_status_lists_the_picklist_with_its_closed_flags(org: Org) -> None:
    rows = {row["ApiName"]: row["IsClosed"] for row in org.scan("TaskStatus")}
    assert rows == {
        "Not Started": False,
        "In Progress": False,
        "Completed": True,
        "Waiting on someone else": False,
        "Deferred": False,
    }


def test_a_lead_in_who_id_never_carries_a_what_id(org: Org) -> None:
    lead, account = (
        org.insert("Lead", {"LastName": "L", "Company": "C"}),
        org.insert("Account", {"Name": "A"}),
    )
    error = refusal(org.insert, "Task", {"WhoId": lead, "WhatId": account})
    assert (error.code, error.fields) == ("FIELD_INTEGRITY_EXCEPTION", ("WhoId", "WhatId"))


def test_the_master_of_a_series_has_no_due_date_and_keeps_its_status(org: Org) -> None:
    series = {
        "IsRecurrence": True,
        "RecurrenceStartDateOnly": "2026-03-02",
        "RecurrenceEndDateOnly": "2026-04-02",
        "RecurrenceType": "RecursDaily",
        "RecurrenceInterval": 1,
    }
    master = org.insert("Task", series)
    assert refusal(org.insert, "Task", {"IsRecurrence": True}).code == "REQUIRED_FIELD_MISSING"
    for values in ({"ActivityDate": "2026-03-03"}, {"Status": "Completed"}):
        assert refusal(org.update, "Task", master, values).code == "FIELD_INTEGRITY_EXCEPTION"
    assert (
        refusal(org.update, "Task", master, {"IsRecurrence": False}).code == "INVALID_FIELD_FOR_INSERT_UPDATE"
    )


def test_the_subtype_is_chosen_once(org: Org) -> None:
    task = org.insert("Task", {"TaskSubtype": "Email"})
    assert (
        refusal(org.update, "Task", task, {"TaskSubtype": "Call"}).code == "INVALID_FIELD_FOR_INSERT_UPDATE"
    )


def test_nobody_gives_work_to_a_user_who_has_left(org: Org) -> None:
    user = org.insert("User", {"LastName": "B", "Username": "b@x.example", "Email": "b@x.example"})
    org.update("User", user, {"IsActive": False})
    assert refusal(org.insert, "Task", {"OwnerId": user}).code == "INACTIVE_OWNER_OR_USER"


def test_an_id_of_another_org_is_refused(org: Org, clock: VirtualClock) -> None:
    stranger = Org(clock, seed=8)
    contact = stranger.insert("Contact", {"LastName": "Elsewhere"})
    task = stranger.insert("Task", {})
    assert refusal(org.insert, "Task", {"WhoId": contact}).code == "INVALID_CROSS_REFERENCE_KEY"
    assert refusal(org.get, "Task", task).code == "NOT_FOUND"
    assert refusal(org.update, "Task", task, {}).code == "NOT_FOUND"


def test_a_reference_to_a_deleted_record_is_refused(org: Org) -> None:
    contact = org.insert("Contact", {"LastName": "Gone"})
    org.delete("Contact", contact)
    assert refusal(org.insert, "Task", {"WhoId": contact}).code == "ENTITY_IS_DELETED"


def test_a_unique_value_belongs_to_one_live_record(org: Org) -> None:
    first = org.insert("Task", {"Tandem_Key__c": "k1"})
    error = refusal(org.insert, "Task", {"Tandem_Key__c": "k1"})
    assert error.code == "DUPLICATE_VALUE"
    assert error.message == (
        f"duplicate value found: Tandem_Key__c duplicates value on record with id: {first[:15]}"
    )
    org.update("Task", first, {"Tandem_Key__c": "k1"})  # its own value is no duplicate
    org.insert("Task", {"Tandem_Key__c": "K1"})  # the field is case-sensitive
    org.delete("Task", first)
    org.insert("Task", {"Tandem_Key__c": "k1"})  # the bin does not count (K)


def test_upsert_inserts_then_updates_the_same_record(org: Org) -> None:
    task, created = org.upsert("Task", "tandem_key__C", "k1", {"Subject": "One"})
    assert created
    assert org.upsert("Task", "Tandem_Key__c", "k1", {"Subject": "Two"}) == (task, False)
    assert org.get("Task", task)["Subject"] == "Two"
    assert refusal(org.upsert, "Task", "Subject", "k1", {}).code == "NOT_FOUND"
    assert refusal(org.upsert, "Task", "Tandem_Key__c", "", {}).code == "MISSING_ARGUMENT"


def test_an_org_without_a_key_field_has_call_object(clock: VirtualClock) -> None:
    org = Org(clock)
    assert refusal(org.insert, "Task", {"Tandem_Key__c": "k1"}).code == "INVALID_FIELD"
    org.insert("Task", {"CallObject": "k1"})
    org.insert("Task", {"CallObject": "k1"})  # nothing is unique about it
    assert org.query("SELECT COUNT() FROM Task WHERE CallObject = 'k1'").total == 2


def test_a_trigger_may_rewrite_a_row_or_refuse_it(org: Org) -> None:
    from orgbox.errors import OrgError

    def shout(change: Change) -> None:
        if change.sobject == "Task" and change.operation == "insert":
            change.values["Subject"] = change.values["Subject"].upper()
            if change.values["Subject"] == "NO":
                raise OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Say yes", ("Subject",))

    org.triggers.append(shout)
    assert org.get("Task", org.insert("Task", {"Subject": "yes "}))["Subject"] == "YES"
    assert refusal(org.insert, "Task", {"Subject": "no"}).code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert org.query("SELECT COUNT() FROM Task").total == 1


def test_what_a_trigger_writes_is_held_to_the_fields_rules(org: Org) -> None:
    org.triggers.append(lambda change: change.values.update(Subject="x" * 256))
    assert refusal(org.insert, "Task", {}).code == "STRING_TOO_LONG"


def test_reference_objects_are_read_only(org: Org) -> None:
    assert refusal(org.insert, "TaskStatus", {"MasterLabel": "x"}).code == "INVALID_TYPE_FOR_OPERATION"
    assert refusal(org.delete, "User", org.admin_id).code == "INVALID_TYPE_FOR_OPERATION"
    assert refusal(org.update, "Organization", org.id, {"Name": "x"}).code == "INVALID_TYPE_FOR_OPERATION"


def test_a_planted_record_is_as_if_it_had_always_been_there(org: Org) -> None:
    series = org.insert("Task", {"Subject": "x"})
    task = org.plant(
        "Task",
        {
            "Status": "Completed",
            "CreatedDate": "2020-01-01T10:00:00Z",
            "LastModifiedDate": datetime(2020, 1, 2, tzinfo=UTC),
            "RecurrenceActivityId": series,
            "IsArchived": True,
        },
    )
    planted = next(record for record in org.scan("Task", all_rows=True) if record["Id"] == task)
    assert planted["IsArchived"]
    assert planted["IsClosed"]
    assert planted["SystemModstamp"] == planted["CompletedDateTime"] == datetime(2020, 1, 2, tzinfo=UTC)
    assert planted["OwnerId"] == org.admin_id
    binned = org.plant("Task", {"IsDeleted": True})
    assert refusal(org.get, "Task", binned).code == "ENTITY_IS_DELETED"
    org.undelete("Task", binned)
