"""On which records is a message logged? Every set of rules against every world of a small alphabet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from tandem.people.matching import (
    Answer,
    Candidate,
    Deal,
    Found,
    Rules,
    Target,
    counted,
    excludes,
    is_fresh,
    judge,
    judge_chosen,
    questions,
    read,
    spell,
    targets,
)

DAY = datetime(2026, 1, 1, tzinfo=UTC)
BIG = Deal("006BIG", "Big deal", "001ACME")
SMALL = Deal("006SMALL", "Small deal", "001ACME")
OTHER = Deal("006OTHER", "Partner's deal", "001OTHER")


def lead(name: str = "L", age: int = 0, tasks: int | None = None) -> Candidate:
    return Candidate("lead", f"00Q{name}", f"Lead {name}", DAY - timedelta(days=age), tasks=tasks)


def contact(
    name: str = "C",
    age: int = 0,
    account: str = "001ACME",
    deals: tuple[Deal, ...] = (),
    tasks: int | None = None,
) -> Candidate:
    made = DAY - timedelta(days=age)
    return Candidate("contact", f"003{name}", f"Contact {name}", made, account, "Acme", deals, tasks)


def every_rule() -> Iterator[Rules]:
    for switches in product((False, True), repeat=4):
        for several, nobody in product(("all", "oldest", "most-activity"), ("hold", "skip", "lead")):
            yield Rules(*switches, several=several, nobody=nobody)


WORLDS: dict[str, tuple[Candidate, ...]] = {
    "nobody": (),
    "a lead": (lead(tasks=1),),
    "a contact": (contact(tasks=1),),
    "a contact of no account": (contact(account="", tasks=0),),
    "a contact with a deal": (contact(deals=(BIG,), tasks=2),),
    "a contact with two deals": (contact(deals=(BIG, SMALL), tasks=2),),
    "a contact with a deal of another account": (contact(deals=(OTHER,), tasks=2),),
    "two leads": (lead("L1", 1, tasks=1), lead("L2", 2, tasks=0)),
    "a lead and a contact": (lead(age=1, tasks=5), contact(age=2, deals=(BIG,), tasks=4)),
    "two contacts on one deal": (
        contact("C1", 1, deals=(BIG,), tasks=3),
        contact("C2", 2, deals=(BIG,), tasks=9),
    ),
    "two contacts of one account": (contact("C1", 1, tasks=3), contact("C2", 2, tasks=3)),
}


def on(record: Candidate, rules: Rules) -> bool:
    if record.kind == "lead":
        return rules.leads
    through = (rules.accounts and record.account) or (rules.opportunities and record.deals)
    return bool(rules.contacts or through)


@pytest.mark.parametrize("world", WORLDS)
def test_in_every_world_and_by_every_rule_each_record_is_logged_once_and_none_is_left_out(world: str) -> None:
    records = WORLDS[world]
    for rules in every_rule():
        answer = judge("x@acme.example", Found(records), rules)
        made = targets([answer], rules)
        told = f"{rules}: {answer} {made}"
        check_made(made, told)
        if answer.said != "log":
            assert made == [], told
            continue
        logged = [target.who for target in made if target.who]
        whats = [target.what for target in made if target.what]
        for record in answer.records:
            if record.kind == "lead" or rules.contacts:
                assert logged.count(record.id) == 1, told
            else:
                assert record.id not in logged, told
            if record.kind == "contact" and rules.opportunities:
                assert all(whats.count(deal.id) == 1 for deal in record.deals), told
            if record.kind == "contact" and rules.accounts and record.account:
                deals = (
                    {deal.account for each in answer.records for deal in each.deals}
                    if rules.opportunities
                    else set()
                )
                assert whats.count(record.account) == (record.account not in deals), told
        assert set(whats) <= {
            *(deal.id for each in records for deal in each.deals if rules.opportunities),
            *(each.account for each in records if rules.accounts),
        }, told


def check_made(made: list[Target], told: str) -> None:
    assert [t for t in made if t.who.startswith("00Q") and t.what] == [], (
        told
    )  # a lead never carries a WhatId
    assert [t for t in made if not t.who and not t.what] == [], told
    for ids in ([t.who for t in made if t.who], [t.what for t in made if t.what], [t.record for t in made]):
        assert max(Counter(ids).values(), default=1) == 1, told
    assert all(t.record in (t.who, t.what) for t in made), told


@pytest.mark.parametrize("world", WORLDS)
def test_of_several_records_the_rule_chooses_among_those_that_are_switched_on(world: str) -> None:
    records = WORLDS[world]
    for rules in every_rule():
        answer = judge("x@acme.example", Found(records), rules)
        candidates = sorted(
            (each for each in records if on(each, rules)), key=lambda each: (each.created, each.id)
        )
        if not candidates:
            continue
        assert answer.said == "log"
        wanted = {
            "all": candidates,
            "oldest": candidates[:1],
            "most-activity": sorted(candidates, key=lambda each: -(each.tasks or 0))[:1],
        }
        assert list(answer.records) == wanted[rules.several], rules


def test_somebody_nobody_knows_is_held_or_skipped_or_made_a_lead() -> None:
    for rules in every_rule():
        expected = {"hold": "hold", "skip": "skip", "lead": "lead"}[rules.nobody]
        assert judge("x@acme.example", Found(), rules).said == expected


def test_known_by_a_kind_that_is_switched_off_is_not_unknown() -> None:
    answer = judge("x@acme.example", Found((contact(),)), Rules(contacts=False, nobody="hold"))
    assert answer.said == "switched-off"
    assert judge("x@acme.example", Found((lead(),)), Rules(leads=False, nobody="skip")).said == "switched-off"
    assert (
        judge("x@acme.example", Found((contact(),)), Rules(contacts=False, nobody="lead")).said
        == "switched-off"
    )


def test_who_makes_leads_logs_on_the_lead_that_is_there_already() -> None:
    rules = Rules(leads=False, opportunities=True, nobody="lead")
    answer = judge("x@acme.example", Found((lead(),)), rules)
    assert [target.who for target in targets([answer], rules)] == ["00QL"]


def test_most_activity_asks_for_the_numbers_first_and_only_for_what_is_switched_on() -> None:
    found = Found((lead("L1"), lead("L2"), contact()))
    answer = judge("x@acme.example", found, Rules(contacts=False, several="most-activity"))
    assert (answer.said, [each.id for each in answer.records]) == ("count", ["00QL1", "00QL2"])
    answer = judge(
        "x@acme.example", counted(found, {"00QL2": 3}), Rules(contacts=False, several="most-activity")
    )
    assert [each.id for each in answer.records] == ["00QL2"]


def test_one_record_needs_no_counting() -> None:
    assert judge("x@acme.example", Found((lead(),)), Rules(several="most-activity")).said == "log"


def test_of_equals_the_oldest_has_the_most_activity_and_of_one_age_the_first_id() -> None:
    twins = Found((lead("B", tasks=2), lead("A", tasks=2)))
    for several in ("oldest", "most-activity"):
        assert [each.id for each in judge("x@y.example", twins, Rules(several=several)).records] == ["00QA"]


def test_two_contacts_share_a_deal_and_it_is_logged_once() -> None:
    rules = Rules(opportunities=True)
    answers = [
        Answer("a@acme.example", "log", "one record", (contact("A", deals=(BIG,)),)),
        Answer("b@acme.example", "log", "one record", (contact("B", deals=(BIG,)),)),
    ]
    assert targets(answers, rules) == [
        Target("006BIG", "Big deal", "003A", "006BIG"),
        Target("003B", "Contact B", "003B"),
    ]


def test_a_contact_is_whoid_on_the_first_task_of_a_message_only() -> None:
    answer = Answer("a@acme.example", "log", "one record", (contact("A", deals=(BIG, SMALL)),))
    assert [(t.who, t.what) for t in targets([answer], Rules(opportunities=True))] == [
        ("003A", "006BIG"),
        ("", "006SMALL"),
    ]


def test_an_account_is_logged_by_its_deal_or_else_by_its_contact_or_else_alone() -> None:
    both = Rules(accounts=True, opportunities=True)
    with_deal = Answer("a@acme.example", "log", "", (contact(deals=(BIG,)),))
    assert [t.what for t in targets([with_deal], both)] == ["006BIG"]
    without = Answer("a@acme.example", "log", "", (contact(),))
    assert targets([without], both) == [Target("003C", "Contact C", "003C", "001ACME")]
    assert targets([without], replace(both, contacts=False)) == [Target("001ACME", "Acme", "", "001ACME")]


def test_a_partners_deal_does_not_stand_for_the_contacts_own_account() -> None:
    answer = Answer("a@acme.example", "log", "", (contact(deals=(OTHER,)),))
    made = targets([answer], Rules(accounts=True, opportunities=True))
    assert [(t.who, t.what) for t in made] == [("003C", "006OTHER"), ("", "001ACME")]


def test_what_is_logged_already_is_not_logged_again() -> None:
    rules = Rules(accounts=True, opportunities=True)
    answer = Answer("a@acme.example", "log", "", (contact(deals=(BIG, SMALL)), lead()))
    used = {target.record for target in targets([answer], rules)} | {"003C", "001ACME"}
    assert targets([answer], rules, used) == []
    assert targets([answer], rules, {"003C", "006BIG"}) == [
        Target("006SMALL", "Small deal", "", "006SMALL"),
        Target("00QL", "Lead L", "00QL"),
    ]


def test_the_record_a_person_chose_is_logged_on_whatever_is_switched_off() -> None:
    off = Rules(leads=False, contacts=False)
    assert targets([judge_chosen("x@y.example", Found((lead(),)))], off) == [Target("00QL", "Lead L", "00QL")]
    assert targets([judge_chosen("x@y.example", Found((contact(),)))], off) == [
        Target("003C", "Contact C", "003C")
    ]
    assert judge_chosen("x@y.example", Found()).said == "hold"


@pytest.mark.parametrize(
    "address,patterns,excluded",
    [
        ("jan@veldkamp.example", {"jan@veldkamp.example"}, True),
        ("jan@veldkamp.example", {"veldkamp.example"}, True),
        ("jan@mail.veldkamp.example", {"veldkamp.example"}, True),
        ("jan@veldkamp.example", {"piet@veldkamp.example"}, False),
        ("jan@nietveldkamp.example", {"veldkamp.example"}, False),
        ("jan@veldkamp.example", {"mail.veldkamp.example"}, False),
        ("jan@veldkamp.example", set(), False),
    ],
)
def test_an_address_a_domain_or_a_domain_above_it_is_excluded(
    address: str, patterns: set[str], excluded: bool
) -> None:
    assert excludes(patterns, address) is excluded


def test_our_own_addresses_the_excluded_and_colleagues_are_never_logged_whatever_salesforce_knows() -> None:
    found = Found((lead(), contact()), colleague=True)
    for rules in every_rule():
        assert judge("anna@us.example", found, rules, own={"anna@us.example"}).said == "own"
        assert judge("jan@veldkamp.example", found, rules, ignored={"veldkamp.example"}).said == "excluded"
        assert judge("ben@us.example", found, rules).said == "colleague"


def test_a_found_person_is_believed_for_a_day_and_a_missing_one_for_an_hour() -> None:
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    somebody, nobody = Found((lead(),)), Found()
    assert is_fresh(somebody, at, at + timedelta(hours=23, minutes=59))
    assert not is_fresh(somebody, at, at + timedelta(hours=24))
    assert is_fresh(nobody, at, at + timedelta(minutes=59))
    assert not is_fresh(nobody, at, at + timedelta(hours=1))
    assert is_fresh(Found(colleague=True), at, at + timedelta(hours=2))
    assert not is_fresh(somebody, at, at - timedelta(minutes=1)), "our clock was put back"


def test_deals_are_asked_for_only_where_opportunities_are_logged() -> None:
    assert questions(Rules()) == {"lead", "contact", "colleague"}
    assert questions(Rules(opportunities=True)) == {"lead", "contact", "colleague", "deals"}


@pytest.mark.parametrize("world", WORLDS)
def test_what_is_spelt_can_be_read(world: str) -> None:
    assert read(spell(WORLDS[world])) == WORLDS[world]
