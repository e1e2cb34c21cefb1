"""Whoever wants no emails gets none: said here or in Salesforce, once is enough (UN-1 … UN-7)."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orgbox.schema.types import Field
from tandem import clock
from tandem.audit.models import Change
from tandem.emails import sending
from tandem.emails import services as emails
from tandem.emails.models import Email, MailAccount
from tandem.emails.values import checked
from tandem.people import services as people
from tandem.people.models import Unsubscribed
from tandem.sync.models import OptOut, OrgSync
from tandem.sync.opt_outs import SALES, STANDARD, Owed, Rules, night_due, settled
from tandem.sync.ports import Done, InDoubt, Refused, Why
from tests.activities.office import Office, open_office
from tests.sync.desk import START, Desk

LENA = "lena@lam.example"
PAGE = "/settings/unsubscribes"
SALES_FIELD = Field(SALES, "boolean", "Sales Opt Out", nillable=False)


@pytest.fixture
def office(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Anna, an admin, and Ben, a user, are connected; nobody is unsubscribed, and all was compared this night."""
    with open_office(monkeypatch) as office:
        office.desk.join("ben")
        office.desk.round()
        OrgSync.objects.update(opt_outs_compared_at=clock.now(), opt_outs_read_to=clock.now())
        yield office


@pytest.fixture
def desk(office: Office) -> Desk:
    return office.desk


def stop(desk: Desk, address: str = LENA) -> None:
    """Anna says that this address gets no emails."""
    people.unsubscribe(desk.member(), address)


def there(desk: Desk, sobject: str, record: str, field: str = STANDARD) -> bool:
    return bool(desk.running.call(lambda: dict(desk.org.get(sobject, record)))[field])


def change(desk: Desk, sobject: str, record: str, **values: Any) -> None:
    desk.running.call(lambda: desk.org.update(sobject, record, values))


def night(desk: Desk) -> None:
    """It becomes eight o'clock in the evening, Pacific time, and five past."""
    struck = datetime(2026, 11, 24, 4, 5, tzinfo=UTC)
    while struck <= desk.clock.now():
        struck += timedelta(days=1)
    desk.wait(seconds=(struck - desk.clock.now()).total_seconds())


# --- from here to there -----------------------------------------------------------------------------------------------


def test_un_1_an_unsubscribe_reaches_every_lead_and_contact_of_the_address_in_the_next_round(
    office: Office, desk: Desk
) -> None:
    lead, contact = office.lead(LENA), office.contact(LENA.upper())
    other = office.lead("other@lam.example")
    stop(desk, f" {LENA.title()} ")
    desk.round()
    assert (there(desk, "Lead", lead), there(desk, "Contact", contact)) == (True, True)
    assert not there(desk, "Lead", other)
    row = OptOut.objects.get()
    assert (row.address, row.records, bool(row.done_at)) == (LENA, 2, True)


def test_then_there_is_silence(office: Office, desk: Desk) -> None:
    office.lead(LENA)
    stop(desk)
    desk.round()
    calls = desk.calls
    for _ in range(3):
        desk.wait(minutes=1)
        desk.round()
    assert desk.calls == calls


def test_un_2_it_is_pushed_also_while_the_nightly_comparison_is_off(office: Office, desk: Desk) -> None:
    OrgSync.objects.update(opt_out_nightly=False)
    lead = office.lead(LENA)
    stop(desk)
    desk.round()
    assert there(desk, "Lead", lead)


def test_un_5_without_a_record_there_is_nothing_to_set_and_one_made_later_gets_it_at_night(
    office: Office, desk: Desk
) -> None:
    stop(desk)
    desk.round()
    assert (OptOut.objects.get().records, bool(OptOut.objects.get().done_at)) == (0, True)
    lead = office.lead(LENA)
    desk.round()
    assert not there(desk, "Lead", lead)
    night(desk)
    desk.round()
    assert there(desk, "Lead", lead)


@pytest.mark.parametrize(
    ("choice", "fields"), [("standard", [STANDARD]), ("sales", [SALES]), ("both", [STANDARD, SALES])]
)
def test_un_6_it_goes_into_the_field_that_was_chosen(
    office: Office, desk: Desk, choice: str, fields: list[str]
) -> None:
    for sobject in ("Lead", "Contact"):
        own = Field(SALES, "boolean", "Sales Opt Out", nillable=False)
        desk.running.call(lambda sobject=sobject, own=own: desk.org.add_field(sobject, own))  # type: ignore[misc]
    OrgSync.objects.update(opt_out_field=choice)
    lead, contact = office.lead(LENA), office.contact(LENA)
    stop(desk)
    desk.round()
    for field in (STANDARD, SALES):
        assert there(desk, "Lead", lead, field) is (field in fields)
        assert there(desk, "Contact", contact, field) is (field in fields)


def test_a_lead_that_became_a_contact_is_left_alone_and_its_contact_is_not(
    office: Office, desk: Desk
) -> None:
    lead = office.lead(LENA)
    office.convert(lead)
    contact = desk.running.call(lambda: next(iter(desk.org.scan("Contact")))["Id"])
    stop(desk)
    desk.round()
    assert there(desk, "Contact", contact)
    assert OptOut.objects.get().error_code == ""


def test_a_thousand_at_once_cost_a_few_calls(office: Office, desk: Desk) -> None:
    people.unsubscribe_many(
        (f"p{n}@many.example" for n in range(1_000)), how=Unsubscribed.How.SALESFORCE, at=clock.now()
    )
    before = desk.calls
    desk.round()
    assert OptOut.objects.filter(done_at__isnull=False).count() == 1_000
    assert desk.calls - before <= 12


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["reset_after_commit", "reset_before_commit", "500_after_commit", "503_before_commit"]
)
def test_whatever_becomes_of_a_call_it_is_owed_until_it_is_done_and_done_twice_is_no_harm(
    office: Office, desk: Desk, fault: str
) -> None:
    lead = office.lead(LENA)
    stop(desk)
    desk.fault(fault, method="POST", body="PATCH", times=1)
    desk.round()
    assert OptOut.objects.get().done_at is None
    desk.wait(minutes=11)
    desk.round()
    assert there(desk, "Lead", lead)
    assert OptOut.objects.get().done_at is not None


def test_a_worker_that_dies_before_the_call_leaves_what_it_owes(
    office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = office.lead(LENA)
    stop(desk)
    from tandem.config.activities_port import ActivitiesPort

    with monkeypatch.context() as dying:
        dying.setattr(ActivitiesPort, "set_people", _die)
        with pytest.raises(SystemExit):
            desk.round()
    assert OptOut.objects.get().done_at is None
    desk.wait(minutes=1)
    desk.round()
    assert there(desk, "Lead", lead)


def _die(*_args: Any) -> Any:
    raise SystemExit("killed")


def test_a_refusal_is_seen_in_diagnostics_and_retried_once_it_is_cured(office: Office, desk: Desk) -> None:
    lead, other = office.lead(LENA), office.lead("other@lam.example")
    desk.fault("INSUFFICIENT_ACCESS_OR_READONLY", at="row", method="UPDATE", path="Lead", times=1)
    stop(desk)
    stop(desk, "other@lam.example")
    desk.round()
    assert {there(desk, "Lead", lead), there(desk, "Lead", other)} == {True, False}, "the others are done"
    client = browser(desk)
    page = read(client, "/settings/diagnostics")
    assert "You may not change this record in Salesforce." in page
    assert "1 unsubscribe" in page
    desk.cure()
    client.post("/settings/diagnostics/retry", {"code": "INSUFFICIENT_ACCESS_OR_READONLY"})
    desk.round()
    assert there(desk, "Lead", lead)
    assert there(desk, "Lead", other)


def test_a_field_that_the_org_does_not_have_is_told_as_such(office: Office, desk: Desk) -> None:
    OrgSync.objects.update(opt_out_field="sales")
    office.lead(LENA)
    stop(desk)
    desk.round()
    row = OptOut.objects.get()
    assert (row.done_at, row.error_code) == (None, "INVALID_FIELD")
    assert SALES in row.error_text


def test_b28_a_night_in_which_a_field_could_not_be_read_is_over_with_that_night(
    office: Office, desk: Desk
) -> None:
    OrgSync.objects.update(opt_out_field="sales", opt_outs_compared_at=None, opt_outs_read_to=None)
    stop(desk)
    desk.round()
    state = OrgSync.objects.get()
    assert (state.opt_outs_compared_at, state.opt_outs_read_to) == (desk.clock.now(), None)
    calls = desk.calls
    desk.round()
    assert desk.calls == calls, "not in every round"
    desk.running.call(lambda: [desk.org.add_field(kind, SALES_FIELD) for kind in ("Lead", "Contact")])
    lead = office.lead("other@lam.example", **{SALES: True})
    night(desk)
    desk.round()
    assert there(desk, "Lead", lead, SALES)
    assert people.unsubscribed_among(["other@lam.example"]), "the next one reads all"


NOW = START
OWED = Owed(1, LENA)


@pytest.mark.parametrize(
    ("outcomes", "done", "parked", "waits"),
    [
        ([], True, False, False),
        ([Done("a"), Done("b")], True, False, False),
        ([Done("a"), Refused(Why.GONE, "ENTITY_IS_DELETED", "")], True, False, False),
        ([Done("a"), Refused(Why.RULE, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "")], False, True, False),
        ([Refused(Why.BUSY, "UNABLE_TO_LOCK_ROW", "")], False, False, True),
        ([Refused(Why.BUSY, "UNKNOWN_EXCEPTION", "")], False, False, True),
        ([InDoubt("TIME_OUT", "")], False, False, True),
        ([Refused(Why.RULE, "CANNOT_UPDATE_CONVERTED_LEAD", "")], False, False, True),
        ([Refused(Why.LIMIT, "REQUEST_LIMIT_EXCEEDED", "")], False, False, False),
        ([Refused(Why.SIGN_IN, "INVALID_SESSION_ID", "")], False, False, False),
    ],
)
def test_what_each_outcome_means(outcomes: Any, done: bool, parked: bool, waits: bool) -> None:
    after = settled(OWED, outcomes, None, NOW)
    assert (after.done_at is not None, after.parked, after.not_before is not None) == (done, parked, waits)


# --- from there to here -----------------------------------------------------------------------------------------------


def test_un_3_what_salesforce_knows_comes_here_when_the_hour_has_struck_and_not_before(
    office: Office, desk: Desk
) -> None:
    stop(desk, "somebody@else.example")
    desk.round()
    office.lead(LENA, HasOptedOutOfEmail=True)
    desk.wait(hours=1)
    desk.round()
    assert not Unsubscribed.objects.filter(address=LENA).exists()
    night(desk)
    desk.round()
    row = Unsubscribed.objects.get(address=LENA)
    assert (row.how, row.by) == ("salesforce", None)
    calls = desk.calls
    desk.wait(minutes=5)
    desk.round()
    assert desk.calls == calls, "once a night"


def test_un_3_what_is_known_there_from_long_ago_comes_the_first_time(office: Office, desk: Desk) -> None:
    old = office.contact(LENA, HasOptedOutOfEmail=True)
    desk.wait(days=100)
    OrgSync.objects.update(opt_outs_compared_at=None, opt_outs_read_to=None)
    mail_account(desk)
    desk.round()
    assert Unsubscribed.objects.get().address == LENA
    assert there(desk, "Contact", old)


def test_where_nobody_sends_emails_nothing_is_asked(office: Office, desk: Desk) -> None:
    OrgSync.objects.update(opt_outs_compared_at=None)
    calls = desk.calls
    desk.round()
    assert desk.calls == calls


def test_un_4_that_somebody_wants_emails_again_never_travels(office: Office, desk: Desk) -> None:
    lead = office.lead(LENA)
    stop(desk)
    desk.round()
    press(browser(desk), "remove", address=LENA)
    assert not Unsubscribed.objects.exists()
    desk.round()
    assert there(desk, "Lead", lead), "Salesforce is not told"

    stop(desk, "bob@lam.example")
    bob = office.lead("bob@lam.example")
    desk.round()
    night(desk)
    desk.round()
    assert there(desk, "Lead", bob)
    change(desk, "Lead", bob, HasOptedOutOfEmail=False)
    night(desk)
    desk.round()
    assert people.unsubscribed_among(["bob@lam.example"]), "nor are we"
    assert there(desk, "Lead", bob), "and it is said there again"


def test_un_4_cleared_on_both_sides_it_is_over(office: Office, desk: Desk) -> None:
    lead = office.lead(LENA)
    stop(desk)
    desk.round()
    change(desk, "Lead", lead, HasOptedOutOfEmail=False)
    people.subscribe_again(LENA)
    mail_account(desk)
    night(desk)
    desk.round()
    assert not there(desk, "Lead", lead)
    assert not Unsubscribed.objects.exists()
    stop(desk)
    desk.round()
    assert there(desk, "Lead", lead), "and may begin anew"


@pytest.mark.parametrize(
    ("compared", "now", "due"),
    [
        (None, "2026-11-24T00:00", True),
        ("2026-11-24T03:59", "2026-11-24T04:00", True),
        ("2026-11-24T04:00", "2026-11-24T04:30", False),
        ("2026-11-24T04:00", "2026-11-25T03:59", False),
        ("2026-11-24T04:00", "2026-11-25T04:00", True),
        ("2026-11-24T04:00", "2026-11-29T12:00", True),
        # Summer time: eight in the evening is three in the morning, UTC.
        ("2026-07-01T02:59", "2026-07-01T03:00", True),
        ("2026-07-01T03:00", "2026-07-01T04:00", False),
    ],
)
def test_un_3_the_night_is_pacific(compared: str | None, now: str, due: bool) -> None:
    at = datetime.fromisoformat(compared).replace(tzinfo=UTC) if compared else None
    rules = Rules((STANDARD,), True, 20, at, None)
    assert night_due(rules, datetime.fromisoformat(now).replace(tzinfo=UTC)) is due
    assert not night_due(
        Rules((STANDARD,), False, 20, at, None), datetime.fromisoformat(now).replace(tzinfo=UTC)
    )


# --- nothing is sent --------------------------------------------------------------------------------------------------


def mail_account(desk: Desk) -> None:
    MailAccount.objects.create(
        member=desk.member(), address="anna@tandem.example", smtp_host="localhost", username="anna"
    )


def test_un_7_an_email_to_them_fails_with_the_reason_and_goes_out_to_nobody(
    office: Office, desk: Desk
) -> None:
    mail_account(desk)
    draft = emails.draft(
        desk.member(), checked(to=f"{LENA}, bob@lam.example", subject="Our offer", text="Here it is.")
    )
    emails.send_soon(draft)
    stop(desk)
    desk.wait(seconds=30)
    sending.send(draft.pk)
    draft.refresh_from_db()
    assert draft.state == Email.State.FAILED
    assert draft.trouble.startswith(f"Not sent: {LENA} wants no emails. Nothing went out, to nobody.")


# --- the page ---------------------------------------------------------------------------------------------------------


def browser(desk: Desk, name: str = "anna") -> Client:
    made = Client()
    made.force_login(desk.member(name))
    return made


def read(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.content.decode()).split())


def press(client: Client, what: str, **form: Any) -> str:
    answer = client.post(f"{PAGE}/{what}", form, follow=True)
    return " ".join(html.unescape(answer.content.decode()).split())


def test_every_member_may_unsubscribe_somebody_and_only_an_admin_takes_it_back(desk: Desk) -> None:
    ben = browser(desk, "ben")
    assert f"{LENA} gets no emails from now on" in press(ben, "add", address=LENA)
    assert "This is not an email address." in press(ben, "add", address="lam.example")
    assert ben.post(f"{PAGE}/remove", {"address": LENA}).status_code == 403
    assert Unsubscribed.objects.get().by == desk.member("ben")
    assert f"{LENA} may be written to again." in press(browser(desk), "remove", address=LENA)
    assert [change.section for change in Change.objects.filter(section="unsubscribes")] == [
        "unsubscribes",
        "unsubscribes",
    ]


def test_an_admin_chooses_field_and_hour_and_everybody_is_told_into_the_new_field(
    office: Office, desk: Desk
) -> None:
    stop(desk)
    desk.round()
    org = desk.connections["anna"].org_id
    ben = browser(desk, "ben")
    typed = {"field": "both", "nightly": "on", "hour": "3"}
    assert ben.post(f"{PAGE}/integration/{org}", typed).status_code == 403
    assert "Saved." in press(browser(desk), f"integration/{org}", **typed)
    row = OrgSync.objects.get()
    assert (row.opt_out_field, row.opt_out_nightly, row.opt_out_hour) == ("both", True, 3)
    assert OptOut.objects.get().done_at is None
    assert "none of the choices" in press(browser(desk), f"integration/{org}", field="x", hour="99")


def test_the_page_asks_no_more_for_10000_than_for_ten(desk: Desk) -> None:
    def asked() -> int:
        client = browser(desk)
        with CaptureQueriesContext(connection) as queries:
            assert "lena" in read(client, f"{PAGE}?q=lena")
        return len(queries)

    stop(desk)
    few = asked()
    people.unsubscribe_many((f"lena{n}@many.example" for n in range(10_000)), how="member", at=clock.now())
    assert asked() <= few + 1  # the paginator's
    assert few <= 16
