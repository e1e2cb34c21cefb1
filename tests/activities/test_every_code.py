"""Each of the 26 codes strikes one row of a batch: it ends as its retry class says, and all others are logged."""

from __future__ import annotations

import pytest

from tandem.connections.models import Connection
from tandem.sync import services
from tandem.sync.activity_settle import Retry
from tandem.sync.models import ActivityLink, OrgSync
from tests.activities.office import Office
from tests.activities.test_retry_classes import CLASSES

OTHERS = 4
_BY_ROW = {code: retry for code, (_, retry) in CLASSES.items()}


def strike(office: Office, code: str, *, times: int | None, **what: str) -> ActivityLink:
    """Five emails to five leads in one batch; the code strikes the third."""
    leads = [office.lead(f"l{n}@lam.example") for n in range(OTHERS + 1)]
    struck = leads[2]
    office.desk.fault(code, at="row", path="Task", body=struck, times=times, **what)
    for n in range(OTHERS + 1):
        office.send(f"l{n}@lam.example")
    office.round()
    return ActivityLink.objects.get(record=struck)


def others_are_logged(office: Office, struck: ActivityLink) -> bool:
    rest = ActivityLink.objects.exclude(pk=struck.pk)
    return len(rest) == OTHERS and all(link.closed == "logged" for link in rest)


@pytest.mark.parametrize("code", CLASSES)
def test_a_row_that_is_struck_ends_as_its_class_says_and_its_neighbours_are_logged(
    office: Office, code: str
) -> None:
    what = {"message": "Net::ReadTimeout"} if code == "INVALID_FIELD" else {}
    retry = _BY_ROW[code]
    struck = strike(office, code, times=1 if retry is Retry.DROP_FIELD else None, **what)
    office.desk.wait(seconds=3)
    if retry not in (Retry.PAUSE, Retry.BUDGET):
        for _ in range(4):  # a lock takes its neighbours down until it travels alone
            office.round()
            office.desk.wait(seconds=40)
        office.round()
    struck.refresh_from_db()
    assert others_are_logged(office, struck), [
        (each.error_code, each.attempts) for each in ActivityLink.objects.all()
    ]
    match retry:
        case Retry.PARK | Retry.DISABLE:
            assert (struck.parked, struck.error_code, struck.attempts) == (True, code, 1)
        case Retry.ONCE:
            assert (struck.parked, struck.error_code, struck.attempts) == (True, code, 2)
        case Retry.BACKOFF | Retry.MAINTENANCE | Retry.SLOW:
            assert (struck.parked, struck.closed, struck.error_code) == (False, None, code)
            assert struck.not_before is not None
        case Retry.DROP_FIELD:
            assert (struck.closed, struck.refused_fields) == ("logged", ["Type"])
        case Retry.FOLLOW:
            assert (struck.parked, struck.error_code) == (True, code), "this lead has become nobody"
        case Retry.BUDGET:
            assert not struck.parked
            assert OrgSync.objects.get().pause_code == code
        case Retry.PAUSE:
            assert not struck.parked
            assert Connection.objects.get().state == Connection.State.RECONNECT


@pytest.mark.parametrize("code", [code for code, retry in _BY_ROW.items() if retry is not Retry.FOLLOW])
def test_once_the_trouble_is_over_the_struck_row_is_logged_too_and_nothing_twice(
    office: Office, code: str
) -> None:
    struck = strike(office, code, times=1)
    Connection.objects.update(state=Connection.State.CONNECTED)
    OrgSync.objects.update(paused_until=None)
    if struck.parked:
        services.log_again(struck.activity)
    office.settle(minutes=16)
    assert len(office.tasks(deleted=True)) == OTHERS + 1
    assert set(ActivityLink.objects.values_list("closed", flat=True)) == {"logged"}


def test_a_code_that_nobody_knows_is_parked_and_shown(office: Office) -> None:
    office.lead("lena@lam.example")
    office.desk.fault("row_refused", method="INSERT", path="Task", times=None)
    email = office.send("lena@lam.example")
    office.round()
    (link,) = office.links(email)
    assert (link.parked, link.error_first_at, bool(link.error_text)) == (True, office.desk.clock.now(), True)


@pytest.mark.parametrize("code", ["INVALID_TYPE", "INSUFFICIENT_ACCESS_OR_READONLY"])
def test_leads_that_may_not_be_read_are_warned_of_once_and_nobody_is_made_twice(
    office: Office, code: str
) -> None:
    office.rules(nobody="lead")
    contact = office.contact("carl@acme.example")
    office.lead("lena@lam.example")
    office.desk.fault(code, at="subrequest", path="FROM%20Lead", times=None)
    office.send("carl@acme.example")
    hidden = office.send("lena@lam.example")
    office.round()
    assert office.whom() == [(contact, "")]
    assert office.activity(hidden).verdict == "held", "who cannot see leads must not make one"
    calls = office.desk.calls
    office.desk.wait(minutes=5)
    office.send("carl@acme.example")
    office.round()
    assert office.desk.calls == calls + 1, "one write; leads are not asked for again within the hour"


@pytest.mark.parametrize("code", ["QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "FAILED_WRITE"])
def test_a_question_without_an_answer_is_asked_again_and_others_go_on(office: Office, code: str) -> None:
    lead = office.lead("lena@lam.example")
    office.desk.fault(code, at="subrequest", path="FROM%20Lead", times=1)
    email = office.send("lena@lam.example")
    office.round()
    assert office.activity(email).verdict == "open"
    office.desk.wait(minutes=1)
    office.round()
    assert office.whom() == [(lead, "")]


def test_a_persons_retry_is_a_fresh_start(office: Office) -> None:
    """Tried only once more after UNKNOWN_EXCEPTION: whoever has it tried again gets both tries again (B26)."""
    lead = office.lead("lena@lam.example")
    office.desk.fault("UNKNOWN_EXCEPTION", at="row", body=lead, times=3)
    email = office.send("lena@lam.example")
    office.settle(rounds=3)
    assert ActivityLink.objects.get().parked
    services.log_again(office.activity(email))
    office.round()
    assert not ActivityLink.objects.get().parked
    office.settle()
    assert office.whom() == [(lead, "")]
