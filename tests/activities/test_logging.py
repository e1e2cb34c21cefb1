"""Emails, replies and calls become Tasks on the right records, once each, over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.emails.models import Email
from tandem.sync import services
from tandem.sync.activity_store import DjangoJournal
from tandem.sync.models import Activity, Held, OrgWarning
from tandem.sync_settings import services as settings
from tests.activities.office import DETAILS, OUTCOME, REPLIED, STATUS, Office, open_office


def test_an_email_to_a_lead_is_one_completed_task_that_says_what_happened(office: Office) -> None:
    lead = office.lead("lena@lam.example")
    email = office.send("Lena Lam <lena@lam.example>", text="Dear Lena")
    office.round()
    (task,) = office.tasks()
    assert (task["Subject"], task["Status"], task["WhoId"], task["WhatId"]) == (
        "Our offer",
        "Completed",
        lead,
        None,
    )
    assert (task["Type"], task["TaskSubtype"]) == ("Email", "Email")
    assert task["OwnerId"] == office.desk.connections["anna"].user
    assert task["ActivityDate"].isoformat() == "2026-11-23"
    assert task["Description"] == (
        "From: anna@tandem.example\nTo: Lena Lam <lena@lam.example>\nDate: 2026-11-23 10:00 Europe/Amsterdam\n\nDear Lena"
    )
    activity = office.activity(email)
    assert (activity.verdict, activity.why[0]["rule"]) == ("logged", "one record")
    assert activity.calls == 2, "one to match, one to write; describe is the org's"


def test_silence_after_it_is_logged_costs_no_call(office: Office) -> None:
    office.lead("lena@lam.example")
    office.send("lena@lam.example")
    office.round()
    before = office.desk.calls
    for _ in range(3):
        office.desk.wait(minutes=5)
        assert office.round().wrote == 0
    assert office.desk.calls == before


@pytest.mark.parametrize("ways", [("relay", "sent-folder", "api"), ("api", "relay", "sent-folder")])
def test_the_same_email_by_relay_by_sent_folder_and_by_api_is_one_activity(
    office: Office, ways: tuple[str, ...]
) -> None:
    office.lead("lena@lam.example")
    for way in ways:
        office.send("lena@lam.example", way=way, message_id="same@tandem.example")
        office.round()
    assert len(office.tasks()) == 1
    assert Activity.objects.count() == 1


def test_to_cc_and_bcc_all_count_and_somebody_named_twice_is_logged_once(office: Office) -> None:
    leads = [office.lead(f"{name}@lam.example") for name in ("a", "b", "c")]
    office.send("a@lam.example", "A@LAM.example", Cc="b@lam.example, a@lam.example", Bcc="c@lam.example")
    office.round()
    assert office.whom() == sorted((lead, "") for lead in leads)
    assert not any("c@lam.example" in task["Description"] for task in office.tasks())


def test_one_known_and_one_unknown_is_logged_for_the_first_and_held_for_the_second(office: Office) -> None:
    office.lead("lena@lam.example")
    email = office.send("lena@lam.example", "Nora No <nora@nobody.example>")
    office.round()
    assert office.activity(email).verdict == "logged"
    assert [(held.address, held.name) for held in services.held()] == [("nora@nobody.example", "Nora No")]
    assert len(office.tasks()) == 1


def test_a_colleague_our_own_address_and_an_excluded_domain_are_left_out_and_say_why(office: Office) -> None:
    office.desk.join("ben")
    services.ignore(office.desk.member(), "veldkamp.example")
    office.lead("jan@mail.veldkamp.example")
    sent = office.send("ben@org.example", "ben@tandem.example", "jan@mail.veldkamp.example")
    office.round()
    activity = office.activity(sent)
    assert activity.verdict == "left_out"
    assert [entry["said"] for entry in activity.why] == ["colleague", "own", "excluded"]
    assert office.tasks() == []


def test_do_not_log_is_heeded_and_salesforce_is_not_even_asked(office: Office) -> None:
    office.lead("lena@lam.example")
    email = office.send("lena@lam.example", log=False)
    office.round()
    assert office.activity(email).verdict == "left_out"
    assert office.tasks() == []


def test_what_happened_before_logging_was_switched_on_is_never_logged(office: Office) -> None:
    office.lead("lena@lam.example")
    office.rules(emails=False)
    office.send("lena@lam.example", subject="Before")
    office.round()
    office.rules()
    office.send("lena@lam.example", subject="After")
    office.round()
    assert [task["Subject"] for task in office.tasks()] == ["After"]


def test_a_member_without_task_sync_is_logged_for_and_their_tasks_are_left_alone(office: Office) -> None:
    office.lead("lena@lam.example")
    office.desk.insert("Somebody's task")
    office.send("lena@lam.example")
    report = office.round()
    assert (report.logged, report.imported) == (1, 0)


def test_a_text_that_looks_like_a_reference_of_a_composite_hinders_nobody(office: Office) -> None:
    for n, text in enumerate(("Dear @{refContact.id}", "Plain")):
        office.lead(f"l{n}@lam.example")
        office.send(f"l{n}@lam.example", text=text)
    office.round()
    told = sorted(task["Description"].splitlines()[-1] for task in office.tasks())
    assert told == ["Dear @\u2060{refContact.id}", "Plain"]


# --- replies -----------------------------------------------------------------------------------------------------------


def test_rp_2_a_reply_from_another_address_is_logged_where_the_email_was(office: Office) -> None:
    lead = office.lead("lena@lam.example")
    office.task_type("Email", "Reply")
    settings.save_subject(office.desk.member(), "[Tandem] {{activity_subject}}")
    sent = office.send("lena@lam.example")
    office.round()
    office.answer(sent, "lena.private@mail.example")
    office.round()
    tasks = {task["Subject"]: task for task in office.tasks()}
    assert set(tasks) == {"[Tandem] Our offer", "Reply: Our offer"}  # AD-7
    reply = tasks["Reply: Our offer"]
    assert (reply["WhoId"], reply["Type"], reply["TaskSubtype"]) == (lead, "Reply", "Email")


def test_a_reply_in_the_same_round_as_its_email_is_logged_beside_it(office: Office) -> None:
    lead = office.lead("lena@lam.example")
    office.answer(office.send("lena@lam.example"), "lena.private@mail.example")
    office.settle(seconds=2)
    assert office.whom() == [(lead, ""), (lead, "")]


def test_em_3_an_answer_from_a_colleague_is_no_answer_of_a_prospect(office: Office) -> None:
    lead = office.lead("lena@lam.example")
    office.insert("User", LastName="Cas", Username="cas@org.example", Email="cas@org.example")
    sent = office.send("lena@lam.example", Cc="cas@org.example")
    other = office.send("lena@lam.example")
    office.round()
    before = office.desk.calls
    office.answer(sent, "lena@lam.example")
    office.round()
    assert office.desk.calls - before == 1, "who was written to needs no question"
    of_cas = [office.answer(each, "cas@org.example", text="Well done!") for each in (sent, other)]
    of_lena = office.answer(other, "lena.private@mail.example")
    office.desk.wait(hours=25)  # what is known of addresses is believed no more
    before = office.desk.calls
    office.settle(seconds=2)
    calls = office.desk.calls - before
    assert [office.activity(each).verdict for each in (*of_cas, of_lena)] == ["left_out"] * 2 + ["logged"]
    assert office.activity(of_cas[0]).why == [
        {
            "address": "cas@org.example",
            "said": "colleague",
            "rule": "a user of your Salesforce org",
            "records": [],
        }
    ]
    assert office.whom() == [(lead, "")] * 4
    assert "Well done" not in str(office.tasks())
    assert calls == 3, "what a Task is, who they all are, and the one Task"


def test_twenty_answers_are_read_in_as_many_queries_as_two(office: Office) -> None:
    journal, org = DjangoJournal(lambda members: {}), office.desk.connections["anna"].org_id
    office.lead("lena@lam.example")
    sent = [office.send("lena@lam.example") for _ in range(20)]
    office.round()
    members = [office.desk.member().pk]
    counted = []
    for answered in (sent[:2], sent[2:]):
        for email in answered:
            office.answer(email, "lena@lam.example")
        journal.take(org, members, 200)
        with CaptureQueriesContext(connection) as asked:
            assert all(each.answers for each in journal.open(org, members, 0, 200))
        counted.append(len(asked))
    assert counted[0] == counted[1]


def test_replies_are_left_out_where_they_are_switched_off(office: Office) -> None:
    office.lead("lena@lam.example")
    office.rules(replies=False)
    reply = office.answer(office.send("lena@lam.example"), "lena@lam.example")
    office.round()
    assert len(office.tasks()) == 1
    assert office.activity(reply).verdict == "left_out"


# --- calls -------------------------------------------------------------------------------------------------------------


def test_cl_1_a_call_is_logged_by_its_record_with_outcome_and_reason(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_office(monkeypatch, fields=[OUTCOME]) as office:
        office.log_calls()
        contact = office.contact("carl@acme.example")
        office.call(record=contact, outcome="Reached at last", reason="Demo", seconds=61, notes="Wants two")
        office.round()
        (task,) = office.tasks()
        assert (task["WhoId"], task["Type"], task["TaskSubtype"]) == (contact, "Call", "Call")
        assert task["CallDurationInSeconds"] == 61
        assert task["mktosales_call_outcome__c"] == "Reach", "cut to the field's length"
        assert "Reason: Demo" in task["Description"]


def test_a_call_to_an_address_is_matched_as_an_email_is(office: Office) -> None:
    office.log_calls()
    lead = office.lead("lena@lam.example")
    office.call("lena@lam.example")
    unknown = office.call("nobody@nowhere.example")
    office.round()
    assert office.whom() == [(lead, "")]
    assert office.activity(unknown).verdict == "held"


# --- converted leads ---------------------------------------------------------------------------------------------------


def test_a_converted_lead_is_followed_to_its_contact_with_account_and_deals(office: Office) -> None:
    office.rules(opportunities=True, accounts=True)
    lead = office.lead("lena@lam.example")
    became = office.convert(lead)
    deal = office.deal(became.account_id, became.contact_id)
    office.desk.running.call(
        lambda: office.desk.org.update("Contact", became.contact_id, {"Email": "new@lam.example"})
    )
    office.send("lena@lam.example")
    office.round()
    assert office.whom() == [(became.contact_id, deal)]


def test_a_lead_that_is_converted_after_it_was_matched_is_followed(office: Office) -> None:
    lead = office.lead("lena@lam.example")
    office.send("lena@lam.example")
    office.round()
    became = office.convert(lead)
    office.desk.fault("CANNOT_UPDATE_CONVERTED_LEAD", at="row", body=lead, times=None)
    office.send("lena@lam.example", subject="Once more")
    office.settle(seconds=3)
    whom = {task["Subject"]: task["WhoId"] for task in office.tasks()}
    assert whom["Once more"] == became.contact_id


# --- held for review ---------------------------------------------------------------------------------------------------


def test_a_person_chooses_a_record_for_what_is_held(office: Office) -> None:
    email = office.send("nora@nobody.example")
    office.round()
    contact = office.contact("other@acme.example")
    services.choose(office.activity(email), "nora@nobody.example", contact)
    assert list(services.held()) == []
    office.round()
    assert office.whom() == [(contact, "")]
    assert office.activity(email).why[-1]["rule"] == "chosen"


def test_a_person_makes_a_lead_and_everything_held_for_the_address_is_logged_on_it(office: Office) -> None:
    office.rules(leads=False)
    first, second = office.send("nora@nobody.example"), office.send("nora@nobody.example")
    office.round()
    assert services.held(office.desk.member()).count() == 2
    services.make_lead(office.activity(first), "nora@nobody.example", {"LastName": "No", "Company": "Nobody"})
    office.settle(seconds=3)
    whom = office.whom()
    assert len(whom) == 2
    assert len(set(whom)) == 1
    assert whom[0][0].startswith("00Q")
    assert office.activity(second).verdict == "logged"


def test_a_person_makes_a_contact(office: Office) -> None:
    email = office.send("nora@nobody.example")
    office.round()
    services.make_contact(
        office.activity(email), "nora@nobody.example", {"LastName": "No", "AccountId": office.account()}
    )
    office.settle(seconds=3)
    ((who, _),) = office.whom()
    assert who.startswith("003")


def test_a_person_leaves_it_out_or_excludes_the_whole_domain(office: Office) -> None:
    one, other = office.send("nora@nobody.example"), office.send("noa@nobody.example")
    office.round()
    services.leave_out(office.desk.member(), office.activity(one), "nora@nobody.example")
    services.ignore(office.desk.member(), "nobody.example")
    office.round()
    assert not Held.objects.exists()
    assert [office.activity(each).verdict for each in (one, other)] == ["left_out", "left_out"]
    assert office.activity(one).why[-1]["rule"] == "by Anna"


def test_who_turns_up_in_salesforce_later_is_found_when_a_person_asks_again(office: Office) -> None:
    email = office.send("nora@nobody.example")
    office.round()
    lead = office.lead("nora@nobody.example")
    services.log_again(office.activity(email))
    office.round()
    assert office.whom() == [(lead, "")]
    assert not Held.objects.exists()


def test_an_unknown_address_becomes_one_lead_however_many_emails_ask_for_it(office: Office) -> None:
    office.rules(nobody="lead")
    for _ in range(3):
        office.send("Nora van Nobody <nora@nobody.example>")
    office.round()
    office.desk.wait(hours=30)
    office.send("nora@nobody.example")
    office.round()
    leads = office.desk.running.call(lambda: [dict(lead) for lead in office.desk.org.scan("Lead")])
    assert [(lead["FirstName"], lead["LastName"], lead["Company"]) for lead in leads] == [
        ("Nora", "van Nobody", "nobody.example")
    ]
    assert office.whom() == [(leads[0]["Id"], "")] * 4


def test_a_lead_that_salesforce_refuses_is_held_with_its_words(office: Office) -> None:
    office.rules(nobody="lead")
    office.desk.fault("REQUIRED_FIELD_MISSING", at="row", path="Lead", times=None)
    email = office.send("nora@nobody.example")
    office.settle(seconds=3)
    assert office.activity(email).verdict == "held"
    assert "Required fields are missing" in services.held()[0].reason


# --- privacy, custom fields --------------------------------------------------------------------------------------------


def test_headers_only_keeps_the_text_out_of_salesforce(office: Office) -> None:
    office.rules(headers_only=True)
    office.lead("lena@lam.example")
    office.send("lena@lam.example", text="A secret")
    office.round()
    (task,) = office.tasks()
    assert "secret" not in task["Description"]
    assert "lena@lam.example" in task["Description"]


def test_ef_16_custom_fields_say_what_became_of_an_email(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_office(monkeypatch, fields=[STATUS, REPLIED]) as office:
        office.rules()
        office.lead("lena@lam.example")
        email = office.send("lena@lam.example")
        office.round()
        (task,) = office.tasks()
        assert (task["MSE_Email_Status__c"], task["MSE_Replied__c"]) == ("sent", False)
        office.desk.update(task["Id"], Subject="Renamed by hand")
        office.answer(email, "lena@lam.example")
        office.settle(seconds=3)
        task = next(each for each in office.tasks() if each["Id"] == task["Id"])
        assert (task["MSE_Replied__c"], task["Subject"]) == (True, "Renamed by hand")


def test_cf_1_an_email_leads_to_its_page_where_it_is_known_how_people_reach_tandem(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.ADDRESS = "https://tandem.acme.example"
    with open_office(monkeypatch, fields=[DETAILS]) as office:
        office.rules()
        office.lead("lena@lam.example")
        email = office.send("lena@lam.example")
        office.round()
        assert office.tasks()[0][DETAILS.name] == f"https://tandem.acme.example/emails/{email.pk}"


def test_d_14_a_field_that_appears_later_is_filled_once_for_what_was_logged(office: Office) -> None:
    office.lead("lena@lam.example")
    office.send("lena@lam.example")
    office.round()
    office.add_field(STATUS)
    office.desk.wait(hours=25)
    assert office.round().amended == 1
    assert office.tasks()[0]["MSE_Email_Status__c"] == "sent"
    office.desk.wait(hours=25)
    assert office.round().amended == 0, "once"


def test_cf_3_a_field_that_may_not_be_written_is_left_out_with_one_warning(office: Office) -> None:
    for n in range(3):
        office.lead(f"l{n}@lam.example")
        office.send(f"l{n}@lam.example")
    office.desk.fault("INVALID_FIELD_FOR_INSERT_UPDATE", at="row", body='"Type"', times=None)
    office.settle(seconds=3)
    assert [task["Type"] for task in office.tasks()] == [None] * 3
    assert [(warning.code, warning.about) for warning in OrgWarning.objects.all()] == [
        ("INVALID_FIELD_FOR_INSERT_UPDATE", "Type")
    ]


def test_what_a_person_deletes_in_salesforce_is_never_logged_again(office: Office) -> None:
    office.lead("lena@lam.example")
    email = office.send("lena@lam.example")
    office.round()
    office.desk.delete(office.tasks()[0]["Id"])
    office.answer(email, "lena@lam.example")
    services.log_again(office.activity(email))
    Email.objects.filter(pk=email.pk).update(news=True)
    office.settle(seconds=3)
    assert [task["Subject"] for task in office.tasks()] == ["Reply: Our offer"]
