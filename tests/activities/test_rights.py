"""What a member's Salesforce user may not see or write: it is theirs alone, it is said once, and it is over when it is over."""

from __future__ import annotations

from orgbox.access import Access
from orgbox.org import Org
from orgbox.server import RunningOrg
from tandem import clock
from tandem.emails import services as emails
from tandem.emails.models import Email
from tandem.sync.models import OrgWarning, TaskShape
from tests.activities.office import STATUS, Office
from tests.sync.desk import KEY_FIELD, Desk

LENA = "lena@lam.example"


def limit(office: Office, name: str, **access: frozenset[str]) -> None:
    user = office.desk.connections[name].user
    office.desk.running.call(lambda: office.desk.org.limit(user, Access(**access)))


def send_as(office: Office, name: str, to: str) -> Email:
    raw = office.message(to, sender=f"{name}@tandem.example")
    return emails.told(office.desk.member(name), message=raw, way=Email.Way.RELAY)


def test_with_private_sharing_nobody_is_told_what_only_a_colleague_may_see(office: Office) -> None:
    bens = office.desk.join("ben").user
    lead = office.lead(LENA, OwnerId=bens)
    limit(office, "anna", own_only=frozenset({"Lead"}))
    anna_first = send_as(office, "anna", LENA)
    office.round()
    of_ben = send_as(office, "ben", LENA)
    office.round()
    anna_later = send_as(office, "anna", LENA)
    office.round()
    assert office.whom() == [(lead, "")]
    assert office.activity(of_ben).verdict == "logged", "Anna was told that there is nobody; Ben was not"
    verdicts = [office.activity(each).verdict for each in (anna_first, anna_later)]
    assert verdicts == ["held", "held"], "what Ben may see is not logged on in Anna's name, and refused"


def test_what_a_task_looks_like_in_one_org_says_nothing_of_another(office: Office) -> None:
    office.task_type("Call")
    org = Org(office.desk.clock, seed=9, task_fields=[KEY_FIELD, STATUS])
    with RunningOrg(org) as running:
        other = Office(Desk(running, office.desk.clock))
        other.desk.connections["anna"] = other.desk.join("eva", role="admin")
        other.rules()
        for each, sender in ((other, "eva"), (office, "anna"), (other, "eva"), (office, "anna")):
            each.lead(LENA)
            each.send(LENA, sender=f"{sender}@tandem.example", message_id=clock.new_key())
            each.round()
        assert {(task["Type"], task[STATUS.name]) for task in other.tasks()} == {("Email", "sent")}
    assert {(task["Type"], task[STATUS.name]) for task in office.tasks()} == {(None, None)}
    assert TaskShape.objects.count() == 2


def test_leads_that_are_hidden_from_one_member_are_logged_on_for_the_others(office: Office) -> None:
    office.desk.join("ben")
    lead = office.lead(LENA)
    limit(office, "anna", hidden=frozenset({"Lead"}))
    of_anna, of_ben = send_as(office, "anna", LENA), send_as(office, "ben", LENA)
    office.round()
    assert office.whom() == [(lead, "")]
    assert (office.activity(of_anna).verdict, office.activity(of_ben).verdict) == ("held", "logged")
    (warning,) = OrgWarning.objects.all()
    assert (warning.about, warning.connection) == ("Lead", office.desk.connections["anna"])


def test_a_warning_is_gone_when_salesforce_shows_the_records_again(office: Office) -> None:
    office.lead(LENA)
    limit(office, "anna", hidden=frozenset({"Lead"}))
    office.send(LENA)
    office.round()
    assert OrgWarning.objects.count() == 1
    limit(office, "anna")
    office.desk.wait(minutes=61)
    email = office.send(LENA)
    office.round()
    assert not OrgWarning.objects.exists()
    assert office.activity(email).verdict == "logged"


def test_a_field_that_was_refused_is_left_out_for_an_hour_then_tried_and_filled_for_all(
    office: Office,
) -> None:
    office.add_field(STATUS)
    office.lead(LENA)
    office.send(LENA)
    office.round()
    limit(office, "anna", read_only_fields=frozenset({f"Task.{STATUS.name}"}))
    office.send(LENA)
    office.settle(seconds=3)
    assert [warning.about for warning in OrgWarning.objects.all()] == [STATUS.name]
    before = office.desk.calls
    office.send(LENA)
    office.settle(seconds=3)
    assert office.desk.calls == before + 1, "it is not refused a second time"
    limit(office, "anna")
    office.desk.wait(minutes=61)
    office.send(LENA)
    office.settle(seconds=3)
    assert not OrgWarning.objects.exists()
    assert [task[STATUS.name] for task in office.tasks()] == ["sent"] * 4
