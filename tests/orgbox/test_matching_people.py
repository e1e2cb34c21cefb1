"""Which records does an email address belong to? What one composite of five queries finds out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from tests.orgbox.box import Api

from orgbox.clock import VirtualClock
from orgbox.mail_address import give_address
from orgbox.org import Org

ANN = "ann@acme.example"


@pytest.fixture
def people(org: Org, clock: VirtualClock) -> dict[str, str]:
    """Ann twice as a contact, once as a lead, and once more as a lead that became somebody; deals in all stages."""
    ids = {"acme": org.insert("Account", {"Name": "Acme"})}
    person = {"LastName": "Acme", "FirstName": "Ann", "Email": ANN}
    ids["first"] = org.insert("Contact", {**person, "AccountId": ids["acme"]})
    clock.advance(3600)
    ids["second"] = org.insert("Contact", {**person, "Email": ANN.upper(), "HasOptedOutOfEmail": True})
    ids["lead"] = org.insert("Lead", {**person, "Company": "Acme"})
    ids["was lead"] = org.insert("Lead", {**person, "Company": "Acme two"})
    ids["became"] = org.convert_lead(ids["was lead"], opportunity="From the lead").contact_id
    for name, stage in (("open", "Prospecting"), ("won", "Closed Won")):
        deal = {"Name": name, "StageName": stage, "CloseDate": "2026-06-01", "AccountId": ids["acme"]}
        ids[name] = org.insert("Opportunity", deal)
        org.insert("OpportunityContactRole", {"OpportunityId": ids[name], "ContactId": ids["first"]})
    for _ in range(3):
        org.insert("Task", {"WhoId": ids["second"], "Status": "Completed"})
    return ids


def found(api: Api, **queries: str) -> dict[str, list[dict[str, Any]]]:
    """The records of several queries that travel as one call."""
    address = "/services/data/v67.0/query?"
    subs = [
        {"method": "GET", "referenceId": name, "url": address + urlencode({"q": soql})}
        for name, soql in queries.items()
    ]
    before = api.running.app.state.allowance.used
    answers = api.post("/composite", json={"compositeRequest": subs}).json()["compositeResponse"]
    assert api.running.app.state.allowance.used == before + 1
    assert [answer["httpStatusCode"] for answer in answers] == [200] * len(queries)
    return {answer["referenceId"]: answer["body"]["records"] for answer in answers}


def test_one_call_finds_leads_contacts_deals_and_who_has_most_activity(
    api: Api, people: dict[str, str]
) -> None:
    contacts = "SELECT Id FROM Contact WHERE Email = '" + ANN + "'"
    answers = found(
        api,
        leads=f"SELECT Id, IsConverted, ConvertedContactId FROM Lead WHERE Email IN ('{ANN}', 'x@x.x') AND IsConverted = false",
        converted=f"SELECT ConvertedContactId FROM Lead WHERE Email = '{ANN}' AND IsConverted = true",
        contacts=f"SELECT Id, AccountId, HasOptedOutOfEmail FROM Contact WHERE Email IN ('{ANN}') ORDER BY CreatedDate, Id",
        deals=(
            "SELECT ContactId, OpportunityId, Opportunity.Name FROM OpportunityContactRole "
            f"WHERE ContactId IN ({contacts}) AND Opportunity.IsClosed = false ORDER BY Opportunity.CreatedDate"
        ),
        busiest=(
            f"SELECT WhoId, COUNT(Id) n FROM Task WHERE WhoId IN ({contacts}) GROUP BY WhoId ORDER BY COUNT(Id) DESC"
        ),
    )
    assert [row["Id"] for row in answers["leads"]] == [people["lead"]]
    assert [row["ConvertedContactId"] for row in answers["converted"]] == [people["became"]]
    assert [row["Id"] for row in answers["contacts"]] == [people["first"], people["second"], people["became"]]
    assert [row["HasOptedOutOfEmail"] for row in answers["contacts"]] == [False, True, False]
    assert {(row["ContactId"], row["Opportunity"]["Name"]) for row in answers["deals"]} == {
        (people["first"], "open"),
        (people["became"], "From the lead"),
    }
    assert [(row["WhoId"], row["n"]) for row in answers["busiest"]] == [(people["second"], 3)]


def test_an_address_is_looked_up_and_not_searched_for(org: Org, people: dict[str, str]) -> None:
    contacts = org.state.tables["Contact"]
    field = org.schema("Contact").by_name["Email"]
    assert set(contacts.spelt_alike(field, "ANN@Acme.example")) == {
        people["first"],
        people["second"],
        people["became"],
    }
    org.update("Contact", people["first"], {"Email": "new@acme.example"})
    assert org.query(f"SELECT Id FROM Contact WHERE Email = '{ANN}'").total == 2


def test_the_sixth_query_of_a_composite_is_one_too_many(api: Api) -> None:
    sub = {"method": "GET", "url": "/services/data/v67.0/query?q=SELECT+Id+FROM+Task"}
    subs = [{**sub, "referenceId": f"q{n}"} for n in range(6)]
    answer = api.post("/composite", json={"compositeRequest": subs})
    assert answer.status_code == 400
    assert api.post("/composite", json={"compositeRequest": subs[:5]}).status_code == 200


def test_a_thousand_rows_go_in_by_one_call_of_five_collections(api: Api) -> None:
    records = [{"attributes": {"type": "Task"}, "Subject": f"Row {n}"} for n in range(200)]
    subs = [
        {
            "method": "POST",
            "url": "/services/data/v67.0/composite/sobjects",
            "referenceId": f"c{n}",
            "body": {"allOrNone": False, "records": records},
        }
        for n in range(5)
    ]
    answers = api.post("/composite", json={"compositeRequest": subs}).json()["compositeResponse"]
    assert [len([row for row in answer["body"] if row["success"]]) for answer in answers] == [200] * 5
    assert api.query("SELECT COUNT() FROM Task")["totalSize"] == 1000


def test_a_user_finds_the_address_that_files_mail(api: Api) -> None:
    org = api.org
    soql = (
        "SELECT LocalPart, EmailDomainName FROM EmailServicesAddress "
        f"WHERE Function.FunctionName = 'EmailToSalesforce' AND RunAsUserId = '{org.admin_id}'"
    )
    assert api.query(soql)["records"] == []
    address = api.running.call(lambda: give_address(org, org.admin_id))
    (row,) = api.query(soql)["records"]
    assert f"{row['LocalPart']}@{row['EmailDomainName']}" == address
    assert api.running.call(lambda: give_address(org, org.admin_id)) == address


def test_a_user_who_is_no_longer_active_is_signed_out_and_not_let_in_again(api: Api) -> None:
    org, oauth = api.org, api.running.app.state.oauth
    user = org.insert("User", {"LastName": "Gone", "Username": "gone@x.example", "Email": "gone@x.example"})
    session, token = api.running.call(lambda: (oauth.open_session(user), oauth.authorise(user)))
    org.update("User", user, {"IsActive": False})
    answer = api.get("/limits", headers={"Authorization": f"Bearer {session}"})
    assert answer.json()[0]["errorCode"] == "INVALID_SESSION_ID"
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": oauth.app.client_id}
    told = api.http.post("/services/oauth2/token", data=form).json()
    assert told == {"error": "inactive_user", "error_description": "user is inactive"}
