"""Email to Salesforce in the box: which letters are taken, and on which records they are filed."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from tests.orgbox.box import START

from orgbox.clock import VirtualClock
from orgbox.mail import MailDoor
from orgbox.mail_address import activate, address_of, close_address, give_address
from orgbox.mail_matching import Associations, Known, chosen, filing, looked_at
from orgbox.mail_reading import Letter, read
from orgbox.org import Org
from orgbox.schema.types import PicklistValue
from orgbox.server import RunningOrg

ANNA = "anna@acme.example"
REF = "003000000000001AAA"


def letter(to: str = "jan@veldkamp.example", body: str = "Hello Jan", **headers: Any) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = headers.pop("sender", f"Anna <{ANNA}>"), to
    message["Subject"] = headers.pop("subject", "Proposal")
    for name, value in headers.items():
        message[name] = value
    message.set_content(body)
    return message.as_bytes()


class Desk:
    """An org, Anna's address there, and people who may be written to."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.user = org.insert("User", {"LastName": "Bos", "Username": ANNA, "Email": ANNA})
        self.address = give_address(org, self.user, ANNA)
        self.door = MailDoor(org)

    def contact(self, email: str, **values: Any) -> str:
        return self.org.insert("Contact", {"LastName": "de Vries", "Email": email, **values})

    def lead(self, email: str, **values: Any) -> str:
        return self.org.insert("Lead", {"LastName": "Smit", "Company": "X", "Email": email, **values})

    def deal(self, contact: str, stage: str = "Prospecting") -> str:
        deal = self.org.insert("Opportunity", {"Name": stage, "StageName": stage, "CloseDate": START.date()})
        self.org.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact})
        return deal

    def choose(self, **what: Any) -> None:
        give_address(self.org, self.user, associations=Associations(**what))

    def take(self, content: bytes, envelope_sender: str = ANNA) -> str:
        return self.door.take(envelope_sender, self.address, content).answer

    def filed(self, content: bytes) -> list[str]:
        """The records that a letter is filed on; "unresolved" for a task of nobody's."""
        ids = self.door.take(ANNA, self.address, content).filed
        tasks = [self.org.get("Task", task) for task in ids]
        return [task["WhoId"] or task["WhatId"] or "unresolved" for task in tasks]


@pytest.fixture
def desk(org: Org) -> Desk:
    return Desk(org)


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "addresses"),
    [
        (letter("Jan <Jan@X.example>, mara@x.example", Cc="jan@x.example, Tom <tom@y.example>"), 3),
        (letter("jan@x.example", Bcc="hidden@x.example"), 1),
        (
            letter(
                "e2s@x.example", "Fwd\n\nFrom: Jan <jan@x.example>\nTo: anna@acme.example\nCc: a@b.example"
            ),
            3,
        ),
        (letter("e2s@x.example, jan@x.example", "From: not@seen.example"), 1),
    ],
)
def test_the_addresses_of_to_and_cc_count_once_and_of_a_forward_those_of_its_own_head(
    content: bytes, addresses: int
) -> None:
    assert len(read(content, "e2s@x.example").addresses) == addresses


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"See (ref: {REF})", (REF,)),
        (f"(ref:{REF[:15]},{REF})", (REF[:15], REF)),
        ("x" * 4_978 + f"(ref:{REF})", ()),
        ("x" * 4_975 + f"(ref:{REF})", (REF,)),
        (f"ref: {REF}", ()),
        ("(ref: 003)", ()),
    ],
)
def test_a_ref_counts_whole_and_within_the_first_5000_characters(body: str, found: tuple[str, ...]) -> None:
    assert read(letter(body=body), "").refs == found


def test_html_is_read_as_text() -> None:
    message = EmailMessage()
    message["From"], message["To"] = ANNA, "jan@x.example"
    message.set_content("<style>p {}</style><p>Dag&nbsp;Jan</p>", subtype="html")
    assert read(message.as_bytes(), "").body.replace("\xa0", " ") == "Dag Jan"


# --- matching, as tables ----------------------------------------------------------------------------------------------

OLD = Known("003000000000001AAA", "jan@x.example", START, 1)
BUSY = Known("00Q000000000002AAA", "jan@x.example", START.replace(hour=10), 9)
MARA = Known("003000000000003AAA", "mara@x.example", START, 0)


@pytest.mark.parametrize(
    ("several", "ids"),
    [("all", [OLD, BUSY, MARA]), ("oldest", [OLD, MARA]), ("most-activity", [BUSY, MARA])],
)
def test_several_records_of_one_address_are_all_or_the_oldest_or_the_one_with_most_activity(
    several: Any, ids: list[Known]
) -> None:
    assert chosen([OLD, BUSY, MARA], several) == ids


@pytest.mark.parametrize(
    ("chosen_", "records"),
    [
        ({}, [OLD.id, BUSY.id, "006A", "006B"]),
        ({"contacts": False}, [BUSY.id, "006A", "006B"]),
        ({"leads": False}, [OLD.id, "006A", "006B"]),
        ({"opportunities": False}, [OLD.id, BUSY.id]),
    ],
)
def test_it_is_filed_on_the_kinds_that_the_user_ticked(chosen_: dict[str, bool], records: list[str]) -> None:
    made = filing([OLD, BUSY], {OLD.id: ["006A", "006B"]}, [], Associations(**chosen_))
    assert (list(made.records), made.unresolved) == (records, False)


def test_nobody_found_is_unresolved_only_where_the_user_ticked_that() -> None:
    assert filing([], {}, [], Associations()).unresolved
    assert not filing([], {}, [], Associations(unresolved=False)).unresolved
    assert filing([], {}, [REF], Associations()).records == (REF,)


def test_no_more_than_50_addresses_are_looked_at_and_50_activities_made() -> None:
    many = Letter("", tuple(f"{n}@x.example" for n in range(51)))
    assert len(looked_at(many, Associations())) == 50
    people = [Known(f"003{n:012}AAA", f"{n}@x.example", START) for n in range(51)]
    assert len(filing(people, {}, [], Associations()).records) == 50


def test_the_first_50_addresses_are_counted_before_excluded_domains_are_left_out() -> None:
    many = Letter("", (*(f"{n}@ours.example" for n in range(50)), "jan@x.example"))
    assert looked_at(many, Associations(excluded=("ours.example",))) == ()


# --- filing in an org -------------------------------------------------------------------------------------------------


def test_a_letter_becomes_an_activity_on_a_contact_a_lead_and_two_open_opportunities(desk: Desk) -> None:
    jan, mara = desk.contact("jan@veldkamp.example"), desk.lead("mara@x.example")
    deals = [desk.deal(jan), desk.deal(jan, "Qualification")]
    desk.deal(jan, "Closed Won")
    content = letter("Jan <JAN@veldkamp.example>", "Hello both", Cc="mara@x.example")
    assert desk.filed(content) == [jan, mara, *deals]
    task = next(task for task in desk.org.scan("Task") if task["WhoId"] == jan)
    assert (task["Subject"], task["Status"], task["Type"], task["TaskSubtype"], task["OwnerId"]) == (
        "Email: Proposal",
        "Completed",
        "Email",
        "Email",
        desk.user,
    )
    assert "Hello both" in task["Description"]
    assert "CC: mara@x.example" in task["Description"]


def test_a_hidden_recipient_and_a_custom_email_field_match_nothing(desk: Desk) -> None:
    jan = desk.contact("jan@veldkamp.example")
    desk.lead("mara@x.example")
    assert desk.filed(letter(Bcc="mara@x.example")) == [jan]


def test_nobody_known_waits_as_an_open_task_in_my_unresolved_items(desk: Desk) -> None:
    assert desk.filed(letter()) == ["unresolved"]
    (task,) = desk.org.scan("Task")
    assert (task["IsClosed"], task["OwnerId"]) == (False, desk.user)
    desk.choose(unresolved=False)
    assert desk.filed(letter()) == []


def test_a_domain_that_the_user_excluded_is_not_matched(desk: Desk) -> None:
    desk.contact("jan@veldkamp.example")
    desk.choose(excluded=("veldkamp.example",))
    assert desk.filed(letter()) == ["unresolved"]


def test_the_one_with_most_activity_is_the_one_with_most_tasks(desk: Desk) -> None:
    desk.contact("jan@veldkamp.example")
    busy = desk.contact("jan@veldkamp.example")
    desk.org.insert("Task", {"Subject": "Call", "WhoId": busy})
    desk.choose(several="most-activity")
    assert desk.filed(letter()) == [busy]


def test_a_ref_files_on_what_it_names_if_that_is_there(desk: Desk) -> None:
    account = desk.org.insert("Account", {"Name": "Veldkamp"})
    body = f"Hi\n(ref: {account[:15]}, 001000000000099AAA, a02000000000001)"
    assert desk.filed(letter(body=body)) == [account]


def test_the_body_is_cut_at_32_kb(desk: Desk) -> None:
    desk.contact("jan@veldkamp.example")
    desk.filed(letter(body="€" * 20_000))
    (task,) = desk.org.scan("Task")
    assert task["Description"].count("€") == 32 * 1024 // 3


def test_the_type_is_the_orgs_default_and_left_empty_where_the_picklist_lacks_it(desk: Desk) -> None:
    desk.contact("jan@veldkamp.example")
    desk.org.set_picklist("Task", "Type", [PicklistValue("Call")])
    desk.filed(letter())
    (task,) = desk.org.scan("Task")
    assert task["Type"] is None


# --- what is not taken ------------------------------------------------------------------------------------------------


def test_mail_of_anybody_but_an_acceptable_sender_is_refused(desk: Desk) -> None:
    assert desk.take(letter(sender="ben@acme.example")).startswith("550 5.7.1 The sender ben@acme.example")
    give_address(desk.org, desk.user, f"{ANNA}, acme.example")
    assert desk.take(letter(sender="ben@acme.example")).startswith("250")
    function = next(desk.org.scan("EmailServicesFunction"))
    give_address(desk.org, desk.user, ANNA)
    desk.org.plant("EmailServicesFunction", {**function, "AuthorizationFailureAction": "Discard"})
    before = len(list(desk.org.scan("Task")))
    assert desk.take(letter(sender="ben@acme.example")).startswith("250")
    assert len(list(desk.org.scan("Task"))) == before


def test_where_servers_are_verified_from_and_envelope_have_one_domain(desk: Desk) -> None:
    activate(desk.org, verify_server=True)
    assert desk.take(letter(), "bounces@relay.example").startswith("550 5.7.26")
    assert desk.take(letter(), ANNA).startswith("250")


def test_attachments_above_25_mb_are_refused(desk: Desk) -> None:
    message = EmailMessage()
    message["From"], message["To"] = ANNA, "jan@x.example"
    message.set_content("Film")
    message.add_attachment(
        b"x" * (25 * 1024 * 1024 + 1), maintype="video", subtype="mp4", filename="film.mp4"
    )
    assert desk.take(message.as_bytes()).startswith("552")


@pytest.fixture
def served(clock: VirtualClock) -> Iterator[tuple[RunningOrg, Desk]]:
    org = Org(clock, seed=7)
    desk = Desk(org)
    with RunningOrg(org, mail_port=0) as running:
        yield running, desk


def test_over_smtp_only_an_active_address_takes_mail(served: tuple[RunningOrg, Desk]) -> None:
    running, desk = served
    desk.contact("jan@veldkamp.example")

    def answer(to: str) -> int:
        with smtplib.SMTP("127.0.0.1", running.mail_port or 0) as client:
            try:
                client.sendmail(ANNA, [to], letter())
            except smtplib.SMTPRecipientsRefused as refused:
                return int(refused.recipients[to][0])
            return 250

    assert answer("nobody@x.box1.le.salesforce.com") == 550
    assert answer(desk.address.upper()) == 250
    running.call(lambda: activate(desk.org, active=False))
    assert answer(desk.address) == 550
    running.call(lambda: activate(desk.org))
    running.call(lambda: close_address(desk.org, desk.user))
    assert answer(desk.address) == 550
    (kept,) = running.door.received
    assert (kept.envelope_sender, len(kept.filed)) == (ANNA, 1)


def test_a_new_address_takes_the_place_of_the_old_one(desk: Desk) -> None:
    new = give_address(desk.org, desk.user, anew=True)
    assert new != desk.address
    assert desk.take(letter()).startswith("550 5.1.1")
    row = address_of(desk.org, desk.user)
    assert row is not None
    assert row["AuthorizedSenders"] == ANNA
