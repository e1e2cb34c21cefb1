"""What an admin sets up in an org by a small file: fields, objects, picklists, rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.orgbox.box import Api
from typer.testing import CliRunner

from orgbox.cli import app
from orgbox.clock import VirtualClock
from orgbox.errors import OrgError
from orgbox.org import Org
from orgbox.persist import load, save
from orgbox.setup import set_up

SETUP: dict[str, Any] = {
    "objects": [
        {
            "name": "Deal__c",
            "key_prefix": "a00",
            "label": "Deal",
            "fields": [
                {
                    "name": "Account__c",
                    "type": "reference",
                    "reference_to": ["Account"],
                    "child_relationship": "Deals__r",
                    "cascade_delete": True,
                },
                {"name": "Size__c", "type": "picklist", "picklist": ["S", "L"], "restricted": True},
            ],
        }
    ],
    "fields": {
        "Activity": [
            {"name": "MSE_Opened__c", "type": "boolean"},
            {"name": "MSE_Key__c", "type": "string", "length": 64, "unique": True, "external_id": True},
        ],
        "Contact": [{"name": "Colours__c", "type": "multipicklist", "picklist": ["Red", "Blue"]}],
        "Lead": [{"name": "Reason__c", "type": "textarea", "required": True}],
    },
    "picklists": {"Task.Type": {"values": ["Call", "Email", "Reply"], "restricted": True}},
    "rules": [{"sobject": "Task", "name": "No", "when": "Subject = 'No'", "message": "No"}],
    "filters": [
        {"sobject": "Task", "field": "WhoId", "target": "Contact", "only": "HasOptedOutOfEmail = false"}
    ],
}


def test_fields_objects_picklists_and_rules_are_there_at_once(org: Org) -> None:
    set_up(org, SETUP)
    task = org.insert("Task", {"MSE_Opened__c": True, "MSE_Key__c": "k", "Type": "Reply"})
    assert org.query("SELECT Id FROM Task WHERE MSE_Opened__c = true AND MSE_Key__c = 'K'").total == 1
    assert org.upsert("Task", "mse_key__c", "k", {"Subject": "Again"}) == (task, False)
    account = org.insert("Account", {"Name": "Acme"})
    deal = org.insert("deal__c", {"Name": "One", "Account__c": account, "Size__c": "L"})
    found = org.query("SELECT Account__r.Name FROM Deal__c")
    assert found.records[0]["Account__r"]["Name"] == "Acme"
    (row,) = org.query("SELECT (SELECT Name FROM Deals__r) FROM Account").records
    assert row["Deals__r"]["records"][0]["Name"] == "One"
    org.insert("Contact", {"LastName": "X", "Colours__c": "Red;Blue"})
    assert org.query("SELECT Id FROM Contact WHERE Colours__c INCLUDES ('Blue')").total == 1
    org.delete("Account", account)
    assert org.get("Deal__c", deal, deleted=True)["IsDeleted"]


@pytest.mark.parametrize(
    ("sobject", "values", "code"),
    [
        ("Task", {"Type": "Meeting"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Task", {"Subject": "No"}, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("Deal__c", {"Name": "x", "Size__c": "M"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Lead", {"LastName": "x", "Company": "x"}, "REQUIRED_FIELD_MISSING"),
        ("Task", {"MSE_Key__c": "x" * 65}, "STRING_TOO_LONG"),
    ],
)
def test_what_is_set_up_refuses_as_what_is_standard_does(
    org: Org, sobject: str, values: dict[str, Any], code: str
) -> None:
    set_up(org, SETUP)
    with pytest.raises(OrgError) as refused:
        org.insert(sobject, values)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "wrong",
    [
        {"colours": []},
        {"fields": {"Task": [{"name": "Opened", "type": "boolean"}]}},
        {"fields": {"Task": [{"name": "Opened__c", "type": "tick"}]}},
        {"fields": {"Task": [{"name": "Opened__c", "type": "boolean", "size": 3}]}},
        {"fields": {"Tusk": [{"name": "Opened__c", "type": "boolean"}]}},
        {"fields": {"Task": [{"name": "A__c", "type": "boolean"}, {"name": "A__c", "type": "boolean"}]}},
        {"objects": [{"name": "Task", "key_prefix": "a00"}]},
        {"objects": [{"name": "Other__c", "key_prefix": "00T"}]},
        {"objects": [{"key_prefix": "a00"}]},
        {"rules": [{"sobject": "Task"}]},
        {"rules": [{"sobject": "Task", "name": "x", "when": "Nope = 1", "message": "x"}]},
        {"picklists": {"Task.Nope": {"values": []}}},
        {"picklists": {"Task.Type": {}}},
        [],
    ],
)
def test_a_set_up_that_cannot_be_read_is_refused_in_a_sentence(api: Api, wrong: Any) -> None:
    answer = api.http.post("/orgbox/setup", json=wrong)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)


def test_fields_are_added_to_a_running_org_and_described_at_once(api: Api) -> None:
    assert api.http.post("/orgbox/setup", json=SETUP).status_code == 204
    fields = {field["name"]: field for field in api.get("/sobjects/Task/describe").json()["fields"]}
    assert (fields["MSE_Key__c"]["unique"], fields["MSE_Key__c"]["custom"]) == (True, True)
    assert api.get("/sobjects/Deal__c/describe").json()["custom"] is True


def test_a_kept_org_keeps_what_was_set_up(tmp_path: Path, clock: VirtualClock) -> None:
    org = Org(clock, seed=3)
    set_up(org, SETUP)
    deal = org.insert("Deal__c", {"Name": "Kept"})
    save(org, tmp_path / "org.jsonl")
    again, _ = load(tmp_path / "org.jsonl", clock)
    assert again.get("Deal__c", deal)["Name"] == "Kept"
    assert again.schema("Deal__c") == org.schema("Deal__c")
    assert again.state.policies == org.state.policies


def test_a_set_up_file_that_is_none_ends_the_program_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "setup.json"
    for content in ("{", json.dumps({"colours": []})):
        file.write_text(content)
        answer = CliRunner().invoke(app, ["serve", "--setup", str(file)])
        assert (answer.exit_code, "cannot be used" in answer.output) == (1, True)
