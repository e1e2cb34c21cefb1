"""The whole matrix of rules, over HTTP: {lead, contact, account, opportunity} × several × nobody.

What is expected is written here a second time, person by person, and knows nothing of the code that decides.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tandem.sync.models import Held
from tests.activities.office import Office
from tests.sync.desk import whole

SWITCHES = [each for each in product((True, False), repeat=4) if any(each)]
SEVERAL = ("all", "oldest", "most-activity")
Whom = set[tuple[str, str]]


class Town:
    """Everybody whom an address can stand for."""

    def __init__(self, office: Office) -> None:
        self.lena = office.lead("lena@lam.example")
        self.acme = office.account("Acme")
        self.carl = office.contact("carl@acme.example", AccountId=self.acme)
        self.open_deals = sorted(office.deal(self.acme, self.carl, name=f"Deal {n}") for n in range(2))
        office.deal(self.acme, self.carl, name="Won", stage="Closed Won")
        became = office.convert(office.lead("conny@conv.example"))
        self.conny, self.conv = became.contact_id, became.account_id
        self.dora_oldest = office.lead("dora@dup.example")
        office.desk.wait(minutes=1)
        self.dup = office.account("Dup")
        self.dora_busy = office.contact("dora@dup.example", AccountId=self.dup)
        busy(office, self.dora_busy, 200)  # more than this test will log on anybody
        office.desk.wait(minutes=1)
        self.dora_young = office.lead("dora@dup.example")
        busy(office, self.dora_young, 100)


def busy(office: Office, who: str, tasks: int) -> None:
    def insert() -> None:
        with office.desk.org.transaction() as tx:
            for _ in range(tasks):
                tx.insert("Task", {"Subject": "Earlier", "WhoId": who})

    office.desk.running.call(insert)


def expected(town: Town, switches: tuple[bool, ...], several: str, nobody: str) -> dict[str, Whom]:
    leads, contacts, accounts, opportunities = switches
    return {
        "lena@lam.example": {(town.lena, "")} if leads or nobody == "lead" else set(),
        "carl@acme.example": of_carl(town, contacts, accounts, opportunities),
        "conny@conv.example": of_contact(town.conny, town.conv, contacts, accounts),
        "dora@dup.example": of_dora(town, switches, several, nobody),
    }


def of_carl(town: Town, contacts: bool, accounts: bool, opportunities: bool) -> Whom:
    if not opportunities:
        return of_contact(town.carl, town.acme, contacts, accounts)
    first, second = town.open_deals
    return {(town.carl if contacts else "", first), ("", second)}


def of_contact(contact: str, account: str, contacts: bool, accounts: bool) -> Whom:
    who, what = (contact if contacts else "", account if accounts else "")
    return {(who, what)} if who or what else set()


def of_dora(town: Town, switches: tuple[bool, ...], several: str, nobody: str) -> Whom:
    leads, contacts, accounts, _ = switches
    by_age = [town.dora_oldest, town.dora_busy, town.dora_young]
    by_activity = [town.dora_busy, town.dora_young, town.dora_oldest]
    on = {
        *([town.dora_oldest, town.dora_young] if leads else []),
        *([town.dora_busy] if contacts or accounts else []),
    }
    if not on and nobody == "lead":
        on = {town.dora_oldest, town.dora_young}
    order = by_activity if several == "most-activity" else by_age
    chosen = [each for each in order if each in on]
    whom: Whom = set()
    for each in chosen if several == "all" else chosen[:1]:
        whom |= of_contact(each, town.dup, contacts, accounts) if each == town.dora_busy else {(each, "")}
    return whom


#: What is said of somebody whom nobody knows, by which rule, and what becomes of their email.
OF_A_STRANGER = {
    "hold": ("hold", "nobody: hold", "held"),
    "skip": ("skip", "nobody: skip", "left_out"),
    "lead": ("log", "one record", "logged"),
}


def leads(office: Office) -> dict[str, dict[str, Any]]:
    """All leads that are there, by id."""
    scan = office.desk.running.call(lambda: [whole(record) for record in office.desk.org.scan("Lead")])
    return {lead["Id"]: lead for lead in scan}


@pytest.mark.parametrize("nobody", ["hold", "skip", "lead"])
def test_every_setting_logs_on_exactly_the_records_it_names(office: Office, nobody: str) -> None:
    town = Town(office)
    wrong = []
    for number, (switches, several) in enumerate(product(SWITCHES, SEVERAL)):
        rules: dict[str, Any] = dict(
            zip(("leads", "contacts", "accounts", "opportunities"), switches, strict=True)
        )
        office.rules(**rules, several=several, nobody=nobody)
        wanted = expected(town, switches, several, nobody)
        before = {task["Id"] for task in office.tasks()}
        known = leads(office)
        sent = {address: office.send(address, subject=address) for address in wanted}
        strange = f"stranger{number}@far.example"
        strangers = [office.send(f"Sam Far <{strange}>", subject="stranger") for _ in range(2)]
        office.round()
        made = [task for task in office.tasks() if task["Id"] not in before]
        assert not [t for t in made if (t["WhoId"] or "").startswith("00Q") and t["WhatId"]]
        for address, whom in wanted.items():
            got = [(t["WhoId"] or "", t["WhatId"] or "") for t in made if t["Subject"] == address]
            activity = office.activity(sent[address])
            said = [(entry["address"], entry["said"]) for entry in activity.why]
            becomes = ("logged", "log") if whom else ("left_out", "switched-off")
            if sorted(got) != sorted(whom) or (activity.verdict, said) != (
                becomes[0],
                [(address, becomes[1])],
            ):
                wrong.append((rules, several, address, activity.verdict, said, got, whom))

        # Whoever nobody knows: two emails to them, and nobody else's are held or made anything.
        said, rule, verdict = OF_A_STRANGER[nobody]
        for each in map(office.activity, strangers):
            told = [(entry["address"], entry["said"], entry["rule"]) for entry in each.why]
            if (each.verdict, told) != (verdict, [(strange, said, rule)]):
                wrong.append((rules, several, "stranger", each.verdict, told))
        new = {pk: lead for pk, lead in leads(office).items() if pk not in known}
        held = [(row.activity.email_id, row.address, row.name) for row in Held.objects.order_by("pk")]
        tasks = [(t["WhoId"], t["WhatId"]) for t in made if t["Subject"] == "stranger"]
        if nobody == "lead":
            ((lead, values),) = new.items()
            assert tasks == [(lead, None)] * 2, "both on the one lead, whatever is switched off"
            assert {name: values[name] for name in ("Email", "FirstName", "LastName", "Company")} == {
                "Email": strange,
                "FirstName": "Sam",
                "LastName": "Far",
                "Company": "far.example",
            }
            assert values["OwnerId"] == office.desk.connections["anna"].user
        else:
            assert (new, tasks) == ({}, [])
        assert held == ([(each.pk, strange, "Sam Far") for each in strangers] if nobody == "hold" else [])
        Held.objects.all().delete()  # what this setting held says nothing of the next one's
    assert wrong == []


def test_who_has_the_most_activity_is_one_call_however_many_tasks_they_have(office: Office) -> None:
    office.rules(several="most-activity")
    young_and_busy = [office.lead("dora@dup.example") for _ in range(2)][1]
    busy(office, young_and_busy, 2_500)  # more than a page of rows
    office.send("dora@dup.example")
    before = office.desk.calls
    office.round()
    assert office.desk.calls - before == 4, "what a Task is, who it is, who is busier, and the Task"
    assert office.whom() == [(young_and_busy, "")]
