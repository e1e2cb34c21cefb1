"""Two records that are one: what hung on the loser hangs on the winner."""

from __future__ import annotations

import pytest
from tests.orgbox.box import refusal

from orgbox.clock import VirtualClock
from orgbox.org import Org


def test_tasks_of_the_loser_move_to_the_winner_and_are_stamped(org: Org, clock: VirtualClock) -> None:
    account = org.insert("Account", {"Name": "Acme"})
    winner = org.insert("Contact", {"LastName": "Ann", "AccountId": account})
    loser = org.insert("Contact", {"LastName": "Anne", "Email": "anne@x.example"})
    tasks = [
        org.insert("Task", {"WhoId": loser, "Status": status}) for status in ("Not Started", "Completed")
    ]
    gone = org.insert("Task", {"WhoId": loser})
    org.delete("Task", gone)
    clock.advance(60)
    org.merge("Contact", winner, [loser], {"Email": "anne@x.example"})
    for task in tasks:
        moved = org.get("Task", task)
        assert (moved["WhoId"], moved["AccountId"]) == (winner, account)
        assert moved["SystemModstamp"] == clock.now()
    assert org.get("Contact", winner)["Email"] == "anne@x.example"
    left = org.get("Contact", loser, deleted=True)
    assert (left["IsDeleted"], left["MasterRecordId"]) == (True, winner)
    assert org.get("Task", gone, deleted=True)["WhoId"] == loser
    org.undelete("Contact", loser)
    assert org.get("Task", tasks[0])["WhoId"] == winner


def test_contacts_and_opportunities_of_a_merged_account_move(org: Org) -> None:
    winner, one, two = (org.insert("Account", {"Name": name}) for name in ("A", "B", "C"))
    contact = org.insert("Contact", {"LastName": "Ann", "AccountId": one})
    deal = org.insert(
        "Opportunity", {"Name": "D", "AccountId": two, "StageName": "Prospecting", "CloseDate": "2026-04-01"}
    )
    org.merge("Account", winner, [one, two])
    assert org.get("Contact", contact)["AccountId"] == org.get("Opportunity", deal)["AccountId"] == winner
    assert org.query("SELECT COUNT() FROM Account").total == 1


@pytest.mark.parametrize(
    ("sobject", "losers", "code"),
    [
        ("Task", ["x"], "INVALID_TYPE_FOR_OPERATION"),
        ("Contact", [], "INVALID_OPERATION"),
        ("Contact", ["itself"], "INVALID_OPERATION"),
        ("Contact", ["other", "other"], "INVALID_OPERATION"),
        ("Contact", ["003000000000000AAA"], "MALFORMED_ID"),
    ],
)
def test_a_merge_that_makes_no_sense_is_refused(org: Org, sobject: str, losers: list[str], code: str) -> None:
    ids = {
        "itself": org.insert("Contact", {"LastName": "A"}),
        "other": org.insert("Contact", {"LastName": "B"}),
    }
    wanted = [ids.get(each, each) for each in losers]
    assert refusal(org.merge, sobject, ids["itself"], wanted).code in (code, "NOT_FOUND")
    assert org.query("SELECT COUNT() FROM Contact").total == 2
