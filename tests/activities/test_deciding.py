"""What becomes of an email, a reply or a call, and as what it is logged. No database, no Salesforce."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tandem.people.matching import Candidate, Found, Rules, Target
from tandem.sync.activity import Address, Decision, FieldShape, Happened, Logging, Shape, decide
from tandem.sync.activity_task import (
    CUT,
    appeared,
    body,
    description,
    fitting,
    key_of,
    lead_for,
    subject,
)

AT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
LEAD = Candidate("lead", "00Q1", "Jan de Boer", AT)
CONTACT = Candidate("contact", "0031", "Eva Smit", AT, "0011", "Acme")
ON = Logging(emails=True, replies=True, calls=True)
JAN = Address("jan@boer.example", "Jan de Boer")
EVA = Address("eva@acme.example", "Eva Smit")
TARGET = Target("00Q1", "Jan de Boer", "00Q1")


def email(**what: Any) -> Happened:
    return Happened(
        **{
            "id": 1,
            "kind": "email",
            "key": "m1@us.example",
            "member": 1,
            "owner": "005ANNA",
            "addresses": (JAN,),
            "subject": "Our offer",
            "at": AT,
            "zone": "Europe/Amsterdam",
            "text": "Dear Jan",
            "sender": "Anna <anna@us.example>",
            "to": "Jan de Boer <jan@boer.example>",
            **what,
        }
    )


def found(**known: Found) -> dict[str, Found]:
    return {"jan@boer.example": Found((LEAD,)), "eva@acme.example": Found((CONTACT,)), **known}


def said(decision: Decision) -> list[Any]:
    return [entry["said"] for entry in decision.why]


# --- the decision ----------------------------------------------------------------------------------------------------


def test_an_email_to_somebody_known_is_logged_and_says_where_and_by_which_rule() -> None:
    decision = decide(email(), ON, found())
    assert decision.verdict == "logged"
    assert decision.targets == (TARGET,)
    assert decision.why == (
        {
            "address": "jan@boer.example",
            "said": "log",
            "rule": "one record",
            "records": [{"id": "00Q1", "name": "Jan de Boer", "kind": "lead"}],
        },
    )


@pytest.mark.parametrize(
    "happened,logging",
    [
        (email(log=False), ON),
        (email(), replace(ON, emails=False)),
        (email(kind="reply"), replace(ON, replies=False)),
        (email(kind="call"), replace(ON, calls=False)),
        (email(by_bcc=True), ON),
    ],
)
def test_what_is_switched_off_is_left_out_with_its_reason_and_salesforce_is_not_asked(
    happened: Happened, logging: Logging
) -> None:
    decision = decide(happened, logging, {})
    assert (decision.verdict, decision.targets, decision.unknown) == ("left_out", (), ())
    assert said(decision) == ["left-out"]
    assert decision.why[0]["rule"]


def test_an_email_that_bcc_did_not_send_is_logged_though_both_are_on() -> None:
    assert decide(email(by_bcc=False), ON, found()).verdict == "logged"


def test_an_address_nobody_was_asked_for_yet_keeps_it_open_and_is_named() -> None:
    decision = decide(email(addresses=(JAN, EVA)), ON, {"jan@boer.example": Found((LEAD,))})
    assert (decision.verdict, decision.unknown, decision.targets) == ("open", ("eva@acme.example",), ())


def test_our_own_and_excluded_addresses_need_no_asking() -> None:
    decision = decide(email(), ON, {}, ignored={"boer.example"})
    assert (decision.verdict, said(decision)) == ("left_out", ["excluded"])
    assert said(decide(email(), ON, {}, own={"jan@boer.example"})) == ["own"]


def test_one_known_and_one_unknown_is_logged_for_the_first_and_held_for_the_second() -> None:
    decision = decide(email(addresses=(JAN, EVA)), ON, {**found(), "eva@acme.example": Found()})
    assert (decision.verdict, decision.held, said(decision)) == (
        "logged",
        ("eva@acme.example",),
        ["log", "hold"],
    )


def test_nobody_known_is_held_or_left_out() -> None:
    nobody = {"jan@boer.example": Found()}
    assert decide(email(), ON, nobody).verdict == "held"
    skip = replace(ON, rules=Rules(nobody="skip"))
    assert decide(email(), skip, nobody).verdict == "left_out"


def test_a_lead_to_be_made_keeps_it_open_and_a_refused_one_is_held_with_salesforces_words() -> None:
    make = replace(ON, rules=Rules(nobody="lead"))
    nobody = {"jan@boer.example": Found()}
    decision = decide(email(), make, nobody)
    assert (decision.verdict, decision.leads) == ("open", (JAN,))
    decision = decide(email(), make, nobody, not_made={"jan@boer.example": "Company is missing."})
    assert (decision.verdict, decision.held) == ("held", ("jan@boer.example",))
    assert decision.why[0]["text"] == "Company is missing."


def test_most_activity_asks_for_numbers_before_it_decides() -> None:
    two = {"jan@boer.example": Found((LEAD, replace(LEAD, id="00Q2")))}
    decision = decide(email(), replace(ON, rules=Rules(several="most-activity")), two)
    assert (decision.verdict, decision.count) == ("open", ("00Q1", "00Q2"))


def test_what_was_decided_before_stays_and_only_what_a_person_answered_is_looked_at() -> None:
    first = decide(email(addresses=(JAN, EVA)), ON, {**found(), "eva@acme.example": Found()})
    answered = email(addresses=(JAN, replace(EVA, record="0031")), why=first.why, used=frozenset({"00Q1"}))
    decision = decide(answered, ON, {"0031": Found((CONTACT,))})
    assert (decision.verdict, decision.held) == ("logged", ())
    assert decision.targets == (Target("0031", "Eva Smit", "0031"),)
    assert said(decision) == ["log", "log"]


def test_a_chosen_record_that_is_gone_is_held_again() -> None:
    decision = decide(email(addresses=(replace(JAN, record="00Q9"),)), ON, {"00Q9": Found()})
    assert (decision.verdict, decision.held) == ("held", ("jan@boer.example",))


PRIVATE = Address("jan.prive@mail.example")


def answer(who: Address = PRIVATE, **what: Any) -> Happened:
    return email(kind="reply", addresses=(who,), answers=(TARGET,), **what)


def test_a_reply_is_logged_where_the_email_it_answers_was_and_waits_while_that_is_open() -> None:
    decision = decide(answer(), ON, {PRIVATE.address: Found()})
    assert (decision.verdict, decision.targets) == ("logged", (TARGET,))
    assert decide(replace(answer(), answers=None, waits=True), ON, {}).verdict == "open"


def test_whoever_answers_from_another_address_is_asked_for_because_it_may_be_a_colleague() -> None:
    decision = decide(answer(), ON, {})
    assert (decision.verdict, decision.unknown) == ("open", (PRIVATE.address,))
    decision = decide(answer(), ON, {PRIVATE.address: Found((LEAD,), colleague=True)})
    assert (decision.verdict, decision.targets, said(decision)) == ("left_out", (), ["colleague"])


def test_of_those_for_whom_the_email_was_logged_nobody_asks_again_when_they_answer() -> None:
    decision = decide(answer(JAN, prospects=frozenset({JAN.address})), ON, {})
    assert (decision.verdict, decision.targets) == ("logged", (TARGET,))


def test_a_reply_that_a_person_gave_a_record_is_logged_beside_its_email_without_a_question() -> None:
    decision = decide(answer(replace(PRIVATE, record="0031")), ON, {})
    assert (decision.verdict, decision.targets) == ("logged", (TARGET,))


@pytest.mark.parametrize("kept", ["own", "ignored"])
def test_a_reply_of_our_own_or_from_whom_nothing_is_logged_is_left_out_without_a_question(kept: str) -> None:
    prospects = frozenset({PRIVATE.address})
    decision = decide(answer(prospects=prospects), ON, {}, **{kept: prospects})  # type: ignore[arg-type]
    assert (decision.verdict, decision.targets) == ("left_out", ())


def test_a_reply_to_an_email_that_was_never_logged_is_matched_by_its_sender() -> None:
    reply = email(kind="reply", addresses=(EVA,), answers=None)
    assert decide(reply, ON, found()).targets == (Target("0031", "Eva Smit", "0031"),)


# --- the Task --------------------------------------------------------------------------------------------------------


def test_the_key_names_the_activity_and_the_record_and_nothing_else() -> None:
    key = key_of("m1@us.example", "00Q1")
    assert key == key_of("m1@us.example", "00Q1")
    assert key.startswith("log-")
    assert len(key) == 36
    assert len({key, key_of("m1@us.example", "00Q2"), key_of("m2@us.example", "00Q1")}) == 3


def test_a_task_says_what_happened_when_and_by_whom() -> None:
    task = body(email(), TARGET, ON, Shape(), "{{activity_subject}}")
    assert task == {
        "Subject": "Our offer",
        "Description": "From: Anna <anna@us.example>\nTo: Jan de Boer <jan@boer.example>\n"
        "Date: 2026-11-24 00:30 Europe/Amsterdam\n\nDear Jan",
        "Status": "Completed",
        "ActivityDate": "2026-11-24",  # past midnight where Anna is
        "OwnerId": "005ANNA",
        "WhoId": "00Q1",
    }


@pytest.mark.parametrize(
    "kind,said_as,subtype",
    [("email", "Email", "Email"), ("reply", "Reply", "Email"), ("call", "Call", "Call")],
)
def test_em_11_type_is_set_only_where_the_picklist_has_exactly_this_value_and_no_default(
    kind: Any, said_as: str, subtype: str
) -> None:
    def made(**shape: Any) -> Mapping[str, Any]:
        return body(email(kind=kind), TARGET, ON, Shape(**shape), "{{activity_subject}}")

    assert made(types=frozenset({said_as}))["Type"] == said_as
    assert "Type" not in made(types=frozenset({said_as.lower(), "Other"}))
    assert "Type" not in made(types=frozenset({said_as, "Other"}), type_default="Other")
    assert made(subtypes=frozenset({subtype}))["TaskSubtype"] == subtype
    assert "TaskSubtype" not in made()


def test_the_subject_comes_from_the_template_and_a_replys_does_not() -> None:
    template = "[Tandem] {{Activity_Type}}: {{activity_subject}} {{call_outcome}}{{sales_campaign_name}}"
    assert subject(email(), template) == "[Tandem] Email: Our offer"
    assert subject(email(kind="call", outcome="Busy"), template) == "[Tandem] Call: Our offer Busy"
    assert subject(email(kind="reply"), template) == "Reply: Our offer"
    assert subject(email(kind="reply", subject=""), template) == "Reply: (no subject)"


def test_a_task_always_has_a_subject_of_one_line_and_255_characters_at_most() -> None:
    assert subject(email(subject=""), "{{activity_subject}}") == "(no subject)"
    assert subject(email(subject="a\r\nb\0"), "{{activity_subject}}") == "a b"
    for kind in ("email", "reply"):
        long = subject(email(kind=kind, subject="é🙂" * 300), "{{activity_subject}}")
        assert len(long) == 255
    assert subject(email(subject="{{call_outcome}}"), "{{activity_subject}}") == "{{call_outcome}}"


@pytest.mark.parametrize("length,cut", [(31_000, False), (33_000, True), (1_000_000, True)])
def test_a_long_text_is_cut_with_a_mark_at_what_salesforce_takes(length: int, cut: bool) -> None:
    told = description(email(text="x" * length), headers_only=False)
    assert len(told) <= 32_000
    assert told.endswith(CUT) is cut
    assert told.startswith("From: Anna")


def test_headers_only_keeps_every_word_of_the_text_out_of_salesforce() -> None:
    told = description(email(text="secret"), headers_only=True)
    assert "secret" not in told
    assert "jan@boer.example" in told


def test_a_call_says_how_it_ended_how_long_it_took_and_what_it_was_for() -> None:
    call = email(
        kind="call", outcome="Reached", reason="Demo", seconds=62, sender="", to="", text="Wants two"
    )
    task = body(call, TARGET, ON, Shape(), "{{activity_subject}}")
    assert task["CallDurationInSeconds"] == 62
    assert (
        task["Description"]
        == "Date: 2026-11-24 00:30 Europe/Amsterdam\nOutcome: Reached\nReason: Demo\n\nWants two"
    )


def test_custom_fields_are_filled_where_they_are_there_and_ours_to_write_and_cut_to_their_length() -> None:
    shape = Shape(
        fields={
            "MSE_Template__c": FieldShape(length=5),
            "MSE_Replied__c": FieldShape(createable=False),
        }
    )
    extra = {"MSE_Template__c": "Introduction", "MSE_Replied__c": True, "MSE_Email_Status__c": "sent"}
    assert fitting(extra, shape, "createable") == {"MSE_Template__c": "Intro"}
    assert fitting(extra, shape, "updateable") == {"MSE_Template__c": "Intro", "MSE_Replied__c": True}
    assert fitting({"MSE_Template__c": ""}, shape, "createable") == {}


def test_a_field_that_can_be_written_only_now_has_appeared_and_one_that_could_before_has_not() -> None:
    before = Shape(fields={"A__c": FieldShape(), "B__c": FieldShape(updateable=False)})
    now = Shape(fields={"A__c": FieldShape(), "B__c": FieldShape(), "C__c": FieldShape()})
    assert list(appeared(before, now)) == ["B__c", "C__c"]
    assert list(appeared(now, now)) == []
    assert list(appeared(None, now)) == []


def test_a_lead_is_named_as_their_mail_names_them_and_its_company_by_their_domain() -> None:
    jan = lead_for(Address("jan@boer.example", "Jan de Boer"), "005ANNA")
    assert jan == {
        "FirstName": "Jan",
        "LastName": "de Boer",
        "Company": "boer.example",
        "Email": "jan@boer.example",
        "OwnerId": "005ANNA",
    }
    assert lead_for(Address("info@boer.example"), "005ANNA")["LastName"] == "info"
    assert "FirstName" not in lead_for(Address("info@boer.example", "Boer"), "005ANNA")
    assert len(lead_for(Address("x@boer.example", "y " + "z" * 300), "005ANNA")["LastName"]) == 80
