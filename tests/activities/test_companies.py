"""Where recipients work, in the column of the email list: what Salesforce said when something was logged (CC-7)."""

from __future__ import annotations

import re

from django.test import Client

from tandem.emails.models import Email, Recipient
from tests.activities.office import Office


def companies_shown(office: Office, name: str = "anna") -> list[str]:
    browser = Client()
    browser.force_login(office.desk.member(name))
    browser.post("/emails/columns/delivered", {"column": ["company"]})
    page = browser.get("/emails").content.decode()
    return [cell.strip() for cell in re.findall(r'data-label="Company">(.*?)</td>', page, re.DOTALL)]


def test_cc_7_a_contact_works_at_its_account_and_a_lead_where_it_says(office: Office) -> None:
    office.contact("carl@acme.example", AccountId=office.account("Acme"))
    office.lead("lena@lam.example")
    for address in ("carl@acme.example", "lena@lam.example", "nobody@far.example"):
        office.send(address)
    calls = office.desk.calls
    assert companies_shown(office) == ["–", "–", "–"], "nothing was asked yet"
    assert office.desk.calls == calls, "and no page asks"
    office.round()
    assert companies_shown(office) == ["–", "Lam", "Acme"]


def test_cc_7_an_email_without_anybody_in_to_has_no_company_and_breaks_no_list(office: Office) -> None:
    office.send("lena@lam.example")
    Recipient.objects.update(role=Recipient.Role.CC)
    assert companies_shown(office) == ["–"]


def test_cc_7_what_another_members_connection_was_told_is_not_shown(office: Office) -> None:
    office.lead("lena@lam.example")
    office.send("lena@lam.example")
    office.round()
    office.desk.join("ben")
    ben = office.desk.member("ben")
    Email.objects.update(member=ben)
    assert companies_shown(office, "ben") == ["–"]
