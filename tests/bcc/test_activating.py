"""Activate asks Salesforce for the address, says what is missing, and nothing is activated before it would work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from orgbox.mail_address import activate, close_address
from tandem.connections.models import Connection
from tandem.emails.models import SecondAddress, SecondEnvelope
from tandem.sync_settings import services
from tandem.sync_settings.reading import rules_of
from tests.bcc.conftest import Post

Visit = Callable[[str], Client]
BCC = "/settings/salesforce/sync/email-bcc"
TYPED = "emailtosalesforce@2-abc.le.salesforce.com"


def press(client: Client, do: str = "activate", address: str = "", **more: Any) -> str:
    answer = client.post(BCC, {"do": do, "address": address, **more}, follow=True)
    return answer.content.decode()


def active(post: Post, name: str = "anna") -> str:
    """The address where this member's copies go, "" when none goes; settings and mail say the same."""
    held = rules_of(post.desk.member(name)).email_bcc
    row = SecondAddress.objects.filter(member=post.desk.member(name)).first()
    assert held.active == (row is not None)
    assert row is None or row.address == held.address
    return row.address if row is not None else ""


def test_bc_2_activate_takes_the_address_that_salesforce_tells(post: Post, visit: Visit) -> None:
    address = post.accept()
    page = press(visit("anna"))
    assert "BCC is active" in page
    assert active(post) == address
    assert address in page


@pytest.mark.parametrize(
    ("prepare", "says", "steps"),
    [
        (lambda post: None, "You have no Email to Salesforce address yet", "Where do I find"),
        (
            lambda post: post.accept(senders="other@acme.example"),
            "does not take mail from anna@tandem.example yet",
            "Where do I find",
        ),
        (
            lambda post: (post.accept(), activate(post.desk.org, active=False)),
            "is not switched on in your Salesforce org",
            "is not among my settings",
        ),
        (
            lambda post: (
                post.accept(),
                close_address(post.desk.org, post.desk.connections["anna"].user),
            ),
            "Your Email to Salesforce address is switched off",
            "",
        ),
    ],
)
def test_what_is_missing_is_named_with_its_steps_open_and_check_again_mends_it(
    post: Post, visit: Visit, prepare: Callable[[Post], Any], says: str, steps: str
) -> None:
    prepare(post)
    page = press(visit("anna"))
    assert says in page
    assert "Check again" in page
    opened = [part for part in page.split("<details")[1:] if part.startswith(' class="how-to" open')]
    assert [steps in part for part in opened] == ([True] if steps else [])
    assert active(post) == ""
    activate(post.desk.org)
    close_address(post.desk.org, post.desk.connections["anna"].user, active=True)
    address = post.accept()
    assert "BCC is active" in press(visit("anna"), "check")
    assert active(post) == address


def test_a_typed_address_is_taken_without_asking(post: Post, visit: Visit) -> None:
    calls = post.desk.calls
    press(visit("anna"), address=TYPED)
    assert active(post) == TYPED
    assert post.desk.calls == calls


def test_check_again_says_that_all_is_well_or_takes_the_new_address(post: Post, visit: Visit) -> None:
    post.accept()
    press(visit("anna"))
    assert "All is well" in press(visit("anna"), "check", address="ignored")
    new = post.accept(anew=True)
    assert "BCC is active" in press(visit("anna"), "check")
    assert active(post) == new


def test_check_again_that_finds_something_missing_leaves_what_is_active(post: Post, visit: Visit) -> None:
    address = post.accept()
    press(visit("anna"))
    post.accept(senders="other@acme.example")
    assert "does not take mail from anna@tandem.example" in press(visit("anna"), "check")
    assert active(post) == address


def test_when_salesforce_cannot_be_asked_the_address_can_be_typed(post: Post, visit: Visit) -> None:
    post.desk.fault("503_before_commit", times=None)
    page = press(visit("anna"))
    assert "enter the address by hand" in page
    press(visit("anna"), address=TYPED)
    assert active(post) == TYPED


def test_without_the_api_nobody_is_asked_and_the_address_is_typed(post: Post, visit: Visit) -> None:
    Connection.objects.update(trouble_code="API_DISABLED_FOR_ORG")
    calls = post.desk.calls
    assert "Your Salesforce edition has no API" in press(visit("anna"))
    press(visit("anna"), address=TYPED)
    assert active(post) == TYPED
    assert post.desk.calls == calls


def test_deactivated_no_copy_goes_and_the_address_is_kept_for_the_next_time(post: Post, visit: Visit) -> None:
    address = post.accept()
    press(visit("anna"))
    owed = post.relay()
    press(visit("anna"), "deactivate")
    post.relay("After")
    assert active(post) == ""
    assert [each.state for each in SecondEnvelope.objects.all()] == ["off"]
    assert post.told(owed).words == "Left out"
    assert rules_of(post.desk.member("anna")).email_bcc.address == address


def test_p_11_what_an_admin_locked_is_not_asked_for(post: Post, visit: Visit) -> None:
    post.accept("ben")
    services.deactivate_bcc(post.desk.member("anna"), locked=True)
    calls = post.desk.calls
    assert visit("ben").post(BCC, {"do": "activate"}).status_code == 403
    assert (active(post, "ben"), post.desk.calls) == ("", calls)


def test_p_9_where_the_api_logs_bcc_is_refused(post: Post, visit: Visit) -> None:
    post.accept()
    services.save_email_api(post.desk.member("anna"), {"emails": True})
    assert "Emails would be logged twice" in press(visit("anna"))
    assert active(post) == ""
