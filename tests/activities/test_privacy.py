"""What is kept out of Salesforce: what came before, what somebody excluded, what its writer wants to keep, the text."""

from __future__ import annotations

from tandem.diagnostics.why import told_of_calls, told_of_emails
from tandem.emails import services as emails
from tandem.sync import services
from tests.activities.office import Office


def test_an_answer_to_what_went_out_before_logging_was_on_is_logged_and_the_old_email_is_not(
    office: Office,
) -> None:
    office.lead("lena@lam.example")
    office.rules(emails=False)
    old = office.send("lena@lam.example", subject="Before")
    office.round()
    office.rules()
    office.round()
    office.answer(old, "lena@lam.example")
    office.round()
    assert [task["Subject"] for task in office.tasks()] == ["Reply: Before"]
    assert office.activity(old).verdict == "left_out"


def test_a_bounce_of_what_went_out_before_logging_was_on_does_not_log_it(office: Office) -> None:
    office.lead("lena@lam.example")
    office.rules(emails=False)
    old = office.send("lena@lam.example", subject="Before")
    office.rules()
    emails.bounced(old.message_id, "lena@lam.example", "550 nobody")
    office.round()
    assert office.tasks() == []


def test_what_came_before_says_so_and_a_person_may_have_it_logged_all_the_same(office: Office) -> None:
    lead = office.lead("lena@lam.example")
    office.rules(emails=False)
    old = office.send("lena@lam.example")
    call = office.call("lena@lam.example")
    office.rules()
    office.log_calls()
    told = [told_of_emails([old])[old.pk], told_of_calls([call])[call.pk]]
    assert [str(each.why[0]) for each in told] == ["It happened before logging was switched on."] * 2
    services.log_again(office.activity(old))
    office.round()
    assert office.whom() == [(lead, "")]


def test_whoever_says_do_not_log_is_heeded_though_another_way_told_of_it_first(office: Office) -> None:
    office.lead("lena@lam.example")
    office.send("lena@lam.example", message_id="one@tandem.example", way="sent-folder")
    office.send("lena@lam.example", message_id="one@tandem.example", way="api", log=False)
    office.send("lena@lam.example", message_id="one@tandem.example", way="relay")
    office.round()
    assert office.tasks() == []


def test_an_answer_from_an_excluded_address_is_logged_nowhere_though_its_email_was(office: Office) -> None:
    lead = office.lead("lena@lam.example")
    services.ignore(office.desk.member(), "notary.example")
    sent = office.send("lena@lam.example", "nora@notary.example")
    office.round()
    answer = office.answer(sent, "nora@notary.example", text="In confidence")
    office.round()
    assert office.whom() == [(lead, "")]
    assert "confidence" not in str(office.tasks())
    assert office.activity(answer).why == [
        {"address": "nora@notary.example", "said": "excluded", "rule": "excluded", "records": []}
    ]
