"""Which Tasks an email became, how long one looks, and what is missing before it works: the decisions alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tandem.bcc.address import judge
from tandem.bcc.filed import LOOKS, Sent, next_look, outcome, pair, sure
from tandem.bcc.ports import Address, Service, Task

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANNA, BEN = "005000000000001AAA", "005000000000002AAA"
SENT = Sent(1, ANNA, "Proposal", "Shall we call?", frozenset({"jan@veldkamp.example"}), AT)
TASK = Task(
    id="00T1",
    owner=ANNA,
    subject="Email: Proposal",
    text="To: jan@veldkamp.example\n\nBody:\nShall we  call?",
    created=AT + timedelta(seconds=20),
    who="0031",
    who_name="Jan de Vries",
    who_email="jan@veldkamp.example",
)
DEAL = replace(TASK, id="00T2", who="", who_name="", who_email="", what="0061", what_name="Deal")
ADDRESS = "emailtosalesforce@k7s9.1v-2eai.eu9.le.salesforce.com"


def pairs(*sent: Sent, tasks: list[Task], taken: set[str] | None = None) -> dict[int, list[str]]:
    return {pk: [task.id for task in found] for pk, found in pair(sent, tasks, taken or set()).items()}


def test_all_that_one_email_became_is_found_together() -> None:
    assert pairs(SENT, tasks=[TASK, DEAL]) == {1: ["00T1", "00T2"]}


@pytest.mark.parametrize(
    "other",
    [
        {"owner": BEN},
        {"subject": "Email: Another"},
        {"created": AT - timedelta(minutes=3)},
    ],
)
def test_a_task_of_another_user_subject_or_time_is_not_it(other: dict[str, Any]) -> None:
    assert pairs(SENT, tasks=[replace(TASK, **other)]) == {}


@pytest.mark.parametrize("subject", ["proposal", "EMAIL:  Proposal ", "Email: Proposal"])
def test_subjects_are_compared_without_case_spaces_and_salesforces_prefix(subject: str) -> None:
    assert pairs(SENT, tasks=[replace(TASK, subject=subject)]) == {1: ["00T1"]}


def test_a_subject_that_was_cut_at_255_characters_is_known() -> None:
    long = "x" * 300
    task = replace(TASK, subject=f"Email: {long}"[:255])
    assert pairs(replace(SENT, subject=long), tasks=[task]) == {1: ["00T1"]}


def test_two_emails_with_one_subject_are_told_apart_by_their_text_and_by_whom_they_are_about() -> None:
    mara = Sent(2, ANNA, "Proposal", "Dear Mara", frozenset({"mara@x.example"}), AT + timedelta(seconds=5))
    to_mara = replace(TASK, id="00T9", text="Dear Mara", who="00Q1", who_email="mara@x.example")
    assert pairs(SENT, mara, tasks=[to_mara, TASK]) == {1: ["00T1"], 2: ["00T9"]}
    alike = [replace(task, text="") for task in (TASK, DEAL, to_mara)]
    assert pairs(SENT, mara, tasks=alike) == {1: ["00T1", "00T2"], 2: ["00T9"]}


def test_the_same_email_sent_twice_is_seen_twice() -> None:
    twice = replace(SENT, id=2, sent_at=AT + timedelta(seconds=5))
    tasks = [TASK, DEAL, replace(TASK, id="00T3"), replace(DEAL, id="00T4")]
    assert pairs(SENT, twice, tasks=tasks) == {1: ["00T1", "00T2"], 2: ["00T3", "00T4"]}


def test_the_tasks_of_one_email_are_no_other_emails() -> None:
    again = replace(SENT, id=2, sent_at=AT + timedelta(minutes=1))
    assert pairs(SENT, again, tasks=[TASK]) == {1: ["00T1"]}
    assert pairs(again, tasks=[TASK], taken={"00T1"}) == {}


def test_a_text_that_salesforce_wrote_anew_does_not_hide_the_only_candidate() -> None:
    assert pairs(SENT, tasks=[replace(TASK, text="<p>Shall we call?</p>", who_email="")]) == {1: ["00T1"]}


def test_a_second_task_on_the_same_record_is_another_emails() -> None:
    by_hand = replace(TASK, id="00T8", text="Sent him the proposal again")
    assert pairs(SENT, tasks=[TASK, DEAL, replace(TASK, id="00T3")]) == {1: ["00T1", "00T2"]}
    assert pairs(SENT, tasks=[replace(by_hand, created=AT), TASK, DEAL]) == {1: ["00T1", "00T2"]}


# --- what is said to be it, and what only looks like it -----------------------------------------------------------------

TWIN = replace(SENT, id=2, sent_at=AT + timedelta(seconds=5))
MARA = replace(SENT, id=3, addresses=frozenset({"mara@x.example"}))


def test_its_text_on_somebody_whom_it_names_is_it() -> None:
    assert sure(SENT, [TASK, DEAL], [])
    assert sure(SENT, [DEAL], []), "an opportunity is nobody's address"
    assert sure(SENT, [replace(TASK, who="", who_email="", closed=False)], []), "nor is My Unresolved Items"


@pytest.mark.parametrize(
    "other",
    [
        {"text": ""},
        {"text": "Sent him the proposal"},
        {"text": "<p>Shall we call?</p>"},
        {"who_email": "mara@x.example"},
        {"who_email": ""},
    ],
)
def test_another_text_or_somebody_whom_it_does_not_name_only_looks_like_it(other: dict[str, Any]) -> None:
    task = replace(TASK, **other)
    assert pair([SENT], [task]) == {1: [task]}
    assert not sure(SENT, [task], [])


def test_an_email_without_a_text_only_looks_like_what_is_found() -> None:
    assert not sure(replace(SENT, text=""), [replace(TASK, text="")], [])


@pytest.mark.parametrize(
    ("written", "there", "certain"),
    [
        ("Hi", "Subject: Proposal\nBody:\nHi", True),
        ("Hi", "Body:\nThis is another one", False),
        ("Hi\n\nAnna ", "Body:\nhi\nAnna\n", True),
        ("Could you call me back tomorrow?", "could you\ncall me back tomorrow? > quoted", True),
    ],
)
def test_a_short_text_must_be_all_that_the_task_ends_with(written: str, there: str, certain: bool) -> None:
    assert sure(replace(SENT, text=written), [replace(TASK, text=there)], []) is certain


def test_where_another_copy_that_became_nothing_may_as_well_be_it_nobody_claims_either() -> None:
    assert not sure(SENT, [TASK], [TWIN])
    assert sure(SENT, [TASK], [MARA]), "she is somebody else"
    assert sure(SENT, [TASK], [replace(TWIN, text="Shall we mail?")])
    assert sure(SENT, [TASK], [replace(TWIN, sent_at=AT + timedelta(minutes=5))]), "it was sent after this"
    assert sure(SENT, [TASK], [replace(TWIN, sent_at=AT - timedelta(hours=2))]), "it would have come long ago"


@pytest.mark.parametrize(
    ("found", "minutes", "said"),
    [
        ([TASK, DEAL], 1, "logged"),
        ([replace(TASK, who="", closed=False)], 1, "unresolved"),
        ([], 29, ""),
        ([], 30, "not-seen"),
    ],
)
def test_the_three_outcomes(found: list[Task], minutes: int, said: str) -> None:
    assert outcome(found, AT, AT + timedelta(minutes=minutes)) == said


def test_looks_grow_apart_from_seconds_to_a_day_and_then_end() -> None:
    looks, now = [], AT
    while (then := next_look(AT, now)) is not None:
        looks.append(then - AT)
        now = then
    assert looks == list(LOOKS)
    assert looks[0] < timedelta(minutes=1)
    assert looks[-1] == timedelta(days=1)


@pytest.mark.parametrize(
    ("service", "missing"),
    [
        (Service((Address(ADDRESS),), True), None),
        (Service((Address(ADDRESS),)), None),
        (Service((Address(ADDRESS, senders=("anna@acme.example",)),), True), None),
        (Service((Address(ADDRESS, senders=("acme.example",)),), True), None),
        (Service((Address(ADDRESS, senders=("ben@acme.example",)),), True), "sender"),
        (Service((), True), "no-address"),
        (Service(()), "no-address"),
        (Service((), False), "org-off"),
        (Service((Address(ADDRESS),), False), "org-off"),
        (Service((Address(ADDRESS, active=False),), True), "address-off"),
        (Service((Address("anna@acme.example"),), True), "odd-address"),
    ],
)
def test_what_is_missing_before_copies_are_filed(service: Service, missing: str | None) -> None:
    pulled = judge(service, "anna@acme.example")
    assert pulled.missing == missing
    assert pulled.address == (ADDRESS if missing is None else "")
