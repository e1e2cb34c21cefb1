"""The codes of rule A.11 have their words, and what is particular of some: a field left out, a code of nobody's, an org without
calls. Each of them from the browser to success: tests/web/test_every_code.py.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tandem.connections.explanations import SALESFORCES
from tandem.salesforce.retries import A_11
from tandem.sync.models import ActivityLink, OrgSync, OrgWarning
from tests.activities.office import STATUS, Office, open_office
from tests.activities.test_every_code import _BY_ROW, strike

PAGE = "/settings/diagnostics"


@pytest.fixture
def office(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Anna, an admin, is connected; her emails are logged by the usual rules."""
    with open_office(monkeypatch) as office:
        office.rules()
        yield office


@pytest.fixture
def anna(office: Office) -> Client:
    """Anna's."""
    client = Client()
    client.force_login(office.desk.member())
    return client


def read(anna: Client, path: str = PAGE, **given: Any) -> str:
    """What the page says, without its entities and line breaks."""
    answer = anna.get(path, given)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.content.decode()).split())


def test_there_are_26_codes_and_each_has_its_words() -> None:
    assert len(A_11) == 26
    assert set(A_11) <= set(SALESFORCES)
    assert set(_BY_ROW) == set(A_11)


def test_a_field_that_was_left_out_is_filled_once_the_org_lets_us(office: Office, anna: Client) -> None:
    office.add_field(STATUS)
    office.lead("lena@lam.example")
    office.send("lena@lam.example")
    office.settle()
    (task,) = office.tasks()
    office.desk.update(task["Id"], **{STATUS.name: None})
    ActivityLink.objects.update(refused_fields=[STATUS.name], extra={})
    now = office.desk.clock.now()
    OrgWarning.objects.create(
        org=office.desk.connections["anna"].org,
        code="INVALID_FIELD_FOR_INSERT_UPDATE",
        about=STATUS.name,
        first_at=now,
        last_at=now,
    )
    assert f"what is logged goes without {STATUS.name}" in read(anna)
    anna.post(f"{PAGE}/retry", {"code": "INVALID_FIELD_FOR_INSERT_UPDATE"})
    office.settle()
    assert not OrgWarning.objects.exists()
    assert [task[STATUS.name] for task in office.tasks()] == ["sent"]


def test_a_code_that_nobody_knows_is_told_in_salesforces_own_words(office: Office, anna: Client) -> None:
    struck = strike(office, "FIELD_CUSTOM_VALIDATION_EXCEPTION", times=None, message="Ask Mr. Brown first.")
    ActivityLink.objects.filter(pk=struck.pk).update(error_code="BRAND_NEW_ERROR")
    page = read(anna)
    assert "Salesforce refused this, with an error that Tandem does not know by name." in page
    assert "Ask Mr. Brown first." in page
    assert "BRAND_NEW_ERROR" in page


def test_an_org_without_calls_waits_and_can_be_asked_to_wait_no_longer(office: Office, anna: Client) -> None:
    office.lead("lena@lam.example")
    office.desk.fault("REQUEST_LIMIT_EXCEEDED", times=None)
    office.send("lena@lam.example")
    office.round()
    assert "Your org has no API calls left for now" in read(anna)
    office.desk.cure()
    anna.post(f"{PAGE}/retry", {"code": "REQUEST_LIMIT_EXCEEDED"})
    assert OrgSync.objects.get().paused_until is None
    office.round()
    assert len(office.tasks()) == 1
