"""One activity, one Task on each record: replays, lost answers, late landings and dead workers (I15), over real HTTP."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter

import pytest

from orgbox.clock import RealClock
from orgbox.org import Org
from orgbox.server import RunningOrg
from tandem.accounts.services import create_member
from tandem.connections import services as connections
from tandem.emails.models import Email
from tandem.sync import services
from tandem.sync.models import Activity, ActivityLink, OrgSync
from tandem.sync_settings import services as settings
from tests.activities.office import Office, open_office
from tests.activities.volume import address, write
from tests.sync.desk import KEY_FIELD
from tests.sync.test_kill_nine import worker

PUSH, KILLS = 300, 8
BROKEN = [
    "reset_after_commit",
    "500_after_commit",
    "reset_before_commit",
    "503_before_commit",
    "edge_html_503",
]


def logged_once(office: Office, emails: int) -> None:
    keys = Counter(task["Tandem_Key__c"] for task in office.tasks(deleted=True))
    assert sorted(keys.values()) == [1] * emails
    assert set(ActivityLink.objects.values_list("closed", flat=True)) == {"logged"}


@pytest.mark.parametrize("fault", BROKEN)
def test_whatever_becomes_of_the_answer_each_email_is_one_task(office: Office, fault: str) -> None:
    for n in range(3):
        office.lead(f"l{n}@lam.example")
        office.send(f"l{n}@lam.example")
    office.desk.fault(fault, body="Our offer", times=2)
    office.settle(seconds=31)
    logged_once(office, 3)


def test_a_lost_answer_is_looked_for_and_adopted_and_nothing_is_sent_again(office: Office) -> None:
    office.lead("l0@lam.example")
    office.send("l0@lam.example")
    office.desk.fault("reset_after_commit", body="Our offer")
    office.round()
    (link,) = ActivityLink.objects.all()
    assert (link.closed, link.attempts) == (None, 1)
    office.desk.wait(seconds=31)
    office.round()
    link.refresh_from_db()
    assert (link.closed, link.attempts) == ("logged", 1)
    logged_once(office, 1)


def test_what_somebody_deleted_before_we_knew_of_it_counts_as_logged(office: Office) -> None:
    office.lead("l0@lam.example")
    office.send("l0@lam.example")
    office.desk.fault("reset_after_commit", body="Our offer")
    office.round()
    office.desk.delete(office.tasks()[0]["Id"])
    office.settle(seconds=31)
    assert office.tasks() == []
    logged_once(office, 1)


def test_without_a_unique_key_nothing_is_sent_again_before_ten_minutes_are_over(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_office(monkeypatch, unique_key=False) as office:
        office.rules()
        office.lead("l0@lam.example")
        office.send("l0@lam.example")
        office.desk.fault("reset_before_commit", body="Our offer")
        office.round()
        for _ in range(3):
            office.desk.wait(minutes=3)
            office.round()
            assert ActivityLink.objects.get().attempts == 1
        office.desk.wait(minutes=2)
        office.round()
        assert ActivityLink.objects.get().closed == "logged"


def test_asking_for_it_again_and_telling_it_again_logs_nothing_twice(office: Office) -> None:
    office.lead("l0@lam.example")
    email = office.send("l0@lam.example", message_id="again@tandem.example")
    for _ in range(3):
        office.round()
        office.send("l0@lam.example", message_id="again@tandem.example")
        Email.objects.update(news=True)
        services.log_again(office.activity(email))
    logged_once(office, 1)


def test_a_copy_of_the_database_that_has_forgotten_it_names_the_same_task_and_adopts_it(
    office: Office,
) -> None:
    office.lead("l0@lam.example")
    email = office.send("l0@lam.example")
    office.round()
    assert office.links(email)
    ActivityLink.objects.all().delete()
    Activity.objects.update(why=[], verdict="open")
    office.settle(seconds=31)
    logged_once(office, 1)


def test_a_worker_killed_at_random_moments_of_pushes_of_300_emails_loses_and_doubles_none(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real processes, killed with -9. The random moments come from a seed that is printed."""
    seed = random.SystemRandom().randrange(10_000)
    moments = random.Random(seed)
    monkeypatch.setenv("TANDEM_ALLOW_ORGBOX", "1")
    org = Org(RealClock(), seed=1, task_fields=[KEY_FIELD])
    with RunningOrg(org) as running:
        made = {"LastName": "Anna", "Username": "a@b.example", "Email": "a@b.example"}
        user = running.call(lambda: org.insert("User", made))
        oauth = running.app.state.oauth
        token = running.call(lambda: oauth.authorise(user))
        anna = create_member(email="anna@tandem.example", name="Anna", role="admin")
        connections.connect(anna, running.url, oauth.app.client_id, oauth.app.client_secret, token)
        settings.save_email_api(anna, {"emails": True})
        for n in range(PUSH):
            values = {"LastName": f"P{n}", "Company": "C", "Email": address(n)}
            running.call(lambda values=values: org.insert("Lead", values))  # type: ignore[misc]
        running.call(lambda: running.app.state.faults.add("delay", seconds=0.05, times=None))
        for push in range(KILLS):
            write(anna, PUSH, PUSH, name=f"push{push}")
            process = worker()
            while Email.objects.filter(news=True).exists() and process.poll() is None:
                time.sleep(0.005)
            time.sleep(moments.uniform(0, 1.2))
            process.send_signal(signal.SIGKILL)
            process.wait()
            for _ in range(20):
                OrgSync.objects.update(lease="", lease_until=None)
                ActivityLink.objects.update(not_before=None)
                assert worker().wait() == 0
                if ActivityLink.objects.filter(closed="logged").count() == PUSH * (push + 1):
                    break
        keys = running.call(
            lambda: Counter(str(task["Tandem_Key__c"]) for task in org.scan("Task", all_rows=True))
        )
    print(f"seed {seed}")
    assert sorted(keys.values()) == [1] * PUSH * KILLS, f"seed {seed}"
    assert ActivityLink.objects.filter(closed="logged").count() == PUSH * KILLS
