"""The set-up check: what each line says of an org that is ready, could be better, or must be mended."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from orgbox.schema.types import Field, PicklistValue
from tandem.cli import app as tandem
from tandem.connections import metadata
from tandem.connections.checkup import Seen, judge, worst
from tandem.connections.checkup_lines import Grade, Line
from tandem.connections.checkup_reading import check_up
from tandem.connections.checkup_task import SYNCED
from tandem.connections.describe import KEY_FIELD
from tandem.connections.sales_fields import DESCRIBED_AS, SALES_FIELDS
from tandem.emails.models import MailAccount
from tandem.salesforce import Description, FieldInfo
from tests.connections.trip import Office

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def field(name: str, **more: Any) -> FieldInfo:
    plain: dict[str, Any] = {
        "type": "string",
        "length": 255,
        "createable": True,
        "updateable": True,
        "filterable": True,
        "unique": False,
        "external_id": False,
        "custom": name.endswith("__c"),
    }
    return FieldInfo(name=name, **(plain | more))


READY = [
    *[field(name) for name in SYNCED],
    field("CallObject"),
    field(KEY_FIELD, unique=True, external_id=True),
    field("Type", type="picklist", picklist=("Call", "Email", "Reply", "Meeting")),
    *[
        field(each.name, type=DESCRIBED_AS[each.kind][0], length=max(each.length, 50))
        for each in SALES_FIELDS
    ],
]


def seen(*, without: str = "", instead: FieldInfo | None = None, **more: Any) -> Seen:
    """An org that is ready, but for what is said."""
    gone = {without} | ({instead.name} if instead else set())
    fields = [each for each in READY if each.name not in gone] + ([instead] if instead else [])
    may = {"createable": True, "updateable": True, "deletable": True} | more.pop("may", {})
    task = Description("Task", **may, fields={each.name: each for each in fields}, read_at=NOW)
    return replace(Seen("Enterprise Edition", task, False, 0.4, (100_000, 90_000), ""), **more)


def line(name: str, org: Seen) -> Line:
    return next(each for each in judge(org) if each.name == name)


def test_an_org_that_is_ready_passes_every_line() -> None:
    lines = judge(seen())
    assert [each.name for each in lines] == [
        "edition",
        "permissions",
        "key",
        "type",
        "fields",
        "shared",
        "clock",
        "calls",
        "replies",
    ]
    assert worst(lines) is Grade.PASS
    assert not any(each.fix for each in lines)


@pytest.mark.parametrize(
    ("name", "org", "grade", "said"),
    [
        ("permissions", seen(task=None), Grade.FAIL, "cannot see tasks"),
        ("permissions", seen(may={"deletable": False}), Grade.FAIL, "may not delete tasks"),
        ("permissions", seen(without="ActivityDate"), Grade.FAIL, "may not write ActivityDate"),
        ("permissions", seen(instead=field("Status", updateable=False)), Grade.FAIL, "may not write Status"),
        ("key", seen(without=KEY_FIELD), Grade.WARN, "it uses CallObject"),
        ("key", seen(instead=field(KEY_FIELD)), Grade.WARN, "not unique"),
        (
            "key",
            seen(instead=field(KEY_FIELD, unique=True, external_id=True, createable=False)),
            Grade.WARN,
            "may not write",
        ),
        ("type", seen(without="Type"), Grade.WARN, "logged without it"),
        ("type", seen(instead=field("Type", picklist=("call", "Email"))), Grade.WARN, "no Call, Reply"),
        (
            "type",
            seen(instead=field("Type", picklist=("Call", "Email", "Reply"), preselected="Call")),
            Grade.WARN,
            "“Call” is preselected",
        ),
        ("fields", seen(without="MSE_Viewed__c"), Grade.WARN, "Missing or hidden: MSE_Viewed__c"),
        (
            "fields",
            seen(instead=field("MSE_Template__c", createable=False)),
            Grade.WARN,
            "Not writable: MSE_Template__c",
        ),
        (
            "fields",
            seen(instead=field("MSE_Template__c", length=80)),
            Grade.WARN,
            "Too short: MSE_Template__c",
        ),
        (
            "fields",
            seen(instead=field("MSE_Details__c", type="string")),
            Grade.WARN,
            "Of another type: MSE_Details__c",
        ),
        ("shared", seen(shared_activities=True), Grade.PASS, "up to 50 contacts"),
        ("clock", seen(clock_ahead=60.0), Grade.PASS, "60 s apart"),
        ("clock", seen(clock_ahead=61.0), Grade.WARN, "61 s ahead of"),
        ("clock", seen(clock_ahead=-3600.0), Grade.WARN, "3600 s behind"),
        ("calls", seen(calls=(100_000, 10_000)), Grade.PASS, "10,000 of 100,000"),
        ("calls", seen(calls=(100_000, 9_999)), Grade.WARN, "9,999 of 100,000"),
        ("calls", seen(calls=(100_000, 0)), Grade.FAIL, "0 of 100,000"),
        ("calls", seen(calls=None), Grade.WARN, "did not tell"),
        ("replies", seen(mailbox=None), Grade.WARN, "No mailbox is watched"),
        ("replies", seen(mailbox="Nobody listens there."), Grade.FAIL, "Nobody listens there."),
        ("replies", seen(calls=(100_000, 0)), Grade.FAIL, "no API call is left"),
        ("replies", seen(calls=(100_000, 1)), Grade.PASS, "Your mailbox is watched"),
    ],
)
def test_each_line_says_what_it_found(name: str, org: Seen, grade: Grade, said: str) -> None:
    judged = line(name, org)
    assert judged.grade is grade
    assert said in str(judged.found)
    assert bool(judged.fix) is (grade is not Grade.PASS and org.calls is not None)


def test_the_names_of_the_sales_fields_are_those_of_the_page() -> None:
    assert len({each.name for each in SALES_FIELDS}) == 15
    assert all(
        each.name.startswith(("MSE_", "mktosales_")) and each.name.endswith("__c") for each in SALES_FIELDS
    )


def test_a_bare_org_over_http_and_the_same_org_made_ready(office: Office) -> None:
    office.connect(office.user)
    connection = office.connection(office.user)
    grades = {each.name: each.grade for each in check_up(connection)}
    assert grades == {
        "edition": Grade.PASS,
        "permissions": Grade.PASS,
        "key": Grade.PASS,
        "type": Grade.WARN,
        "fields": Grade.WARN,
        "shared": Grade.PASS,
        "clock": Grade.PASS,
        "calls": Grade.PASS,
        "replies": Grade.WARN,
    }

    def mend() -> None:
        org = office.running.org
        org.set_picklist("Task", "Type", [PicklistValue(value) for value in ("Call", "Email", "Reply")])
        for each in SALES_FIELDS:
            org.add_field(
                "Task", Field(each.name, DESCRIBED_AS[each.kind][0], each.label, max(each.length, 50))
            )

    office.running.call(mend)
    MailAccount.objects.create(
        member=office.user, address="ben@tandem.example", smtp_host="mail.example", imap_host="mail.example"
    )
    assert worst(check_up(connection)) is Grade.PASS


def test_a_check_that_salesforce_does_not_answer_is_a_line_too(office: Office) -> None:
    office.connect(office.user)
    office.fault("API_DISABLED_FOR_ORG", path="/services/data/v", times=None)
    (only,) = check_up(office.connection(office.user))
    assert (only.name, only.grade) == ("edition", Grade.FAIL)
    assert "Email to Salesforce (BCC)" in " ".join(map(str, only.fix))


def test_the_button_shows_the_lines_with_their_fixes_and_the_files(office: Office) -> None:
    office.connect(office.user)
    browser = office.browser(office.user)
    page = browser.post("/settings/salesforce/check").content.decode()
    assert "All three are there" not in page
    assert "New values, spelled exactly: Reply." in page
    assert 'href="/settings/salesforce/sales-fields.zip"' in page
    fragment = browser.post("/settings/salesforce/check", headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith("<section")


def test_doctor_says_the_same_and_fails_when_something_must_be_mended(office: Office) -> None:
    office.connect(office.user)
    said = CliRunner().invoke(tandem, ["doctor"])
    assert said.exit_code == 0, said.output
    assert "Ben Visser in Orgbox, as ben@tandem.example" in said.output
    assert "advice  Type values Email, Call and Reply" in said.output
    office.fault("API_DISABLED_FOR_ORG", path="/services/data/v", times=None)
    said = CliRunner().invoke(tandem, ["doctor", "ben@tandem.example"])
    assert said.exit_code == 1
    assert "FAILED  Edition and API" in said.output


@pytest.mark.parametrize(
    ("package", "names"),
    [
        (metadata.key_package(), [KEY_FIELD]),
        (metadata.sales_package(), [each.name for each in SALES_FIELDS]),
    ],
)
def test_the_metadata_file_names_every_field_and_is_the_same_every_time(
    package: bytes, names: list[str]
) -> None:
    space = "{http://soap.sforce.com/2006/04/metadata}"
    with zipfile.ZipFile(io.BytesIO(package)) as file:
        listed = ElementTree.fromstring(file.read("package.xml")).iter(f"{space}members")
        fields = ElementTree.fromstring(file.read("objects/Activity.object")).iter(f"{space}fields")
        assert [each.text for each in listed] == [f"Activity.{name}" for name in names]
        assert [each.findtext(f"{space}fullName") for each in fields] == names
    assert package in (metadata.key_package(), metadata.sales_package())


def test_the_key_field_of_the_file_is_what_mode_a_asks_for() -> None:
    with zipfile.ZipFile(io.BytesIO(metadata.key_package())) as file:
        text = file.read("objects/Activity.object").decode()
    for told in (
        "<type>Text</type>",
        "<length>64</length>",
        "<unique>true</unique>",
        "<externalId>true</externalId>",
        "<caseSensitive>true</caseSensitive>",
    ):
        assert told in text
