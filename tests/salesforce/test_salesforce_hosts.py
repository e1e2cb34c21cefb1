"""Tokens only ever travel to Salesforce, or to an orgbox on this machine when that is allowed."""

import pytest

from tandem.salesforce import BadInput, checked_instance_url


@pytest.mark.parametrize(
    ("given", "checked"),
    [
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://test.salesforce.com/", "https://test.salesforce.com"),
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://ACME--uat.Sandbox.my.salesforce.com", "https://acme--uat.sandbox.my.salesforce.com"),
        (
            "https://acme-dev-ed.develop.my.salesforce.com:443",
            "https://acme-dev-ed.develop.my.salesforce.com",
        ),
        ("https://na139.salesforce.com", "https://na139.salesforce.com"),
        ("https://agency.my.salesforce.mil", "https://agency.my.salesforce.mil"),
        ("https://acme.my.sfcrmproducts.cn", "https://acme.my.sfcrmproducts.cn"),
    ],
)
def test_an_address_of_salesforce_is_taken(given: str, checked: str) -> None:
    assert checked_instance_url(given, allow_loopback=False) == checked


@pytest.mark.parametrize(
    "given",
    [
        "",
        "acme.my.salesforce.com",
        "ftp://acme.my.salesforce.com",
        "http://acme.my.salesforce.com",
        "https://acme.my.salesforce.com/services",
        "https://acme.my.salesforce.com?x=1",
        "https://acme.my.salesforce.com#x",
        "https://acme.my.salesforce.com:8443",
        "https://acme.my.salesforce.com:port",
        "https://user:secret@acme.my.salesforce.com",
        "https://acme.my.salesforce.com@evil.example",
        "https://acme.my.salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "https://salesforce.com",
        "https://.salesforce.com",
        "https://evil.example",
        "https://evil.example\\.salesforce.com",
        "https://evil.example/.salesforce.com",
        "https://acme .my.salesforce.com",
        "https://acme.my.salesforce.com\n",
        "https://acmé.my.salesforce.com",
        "https://acme.my.salesforce.com.",
        "https://10.0.0.1",
        "https://169.254.169.254",
        "https://[::ffff:127.0.0.1",
        "javascript:alert(1)",
    ],
)
@pytest.mark.parametrize("allow_loopback", [True, False])
def test_any_other_address_is_refused_with_a_sentence_that_says_what_to_do(
    given: str, allow_loopback: bool
) -> None:
    with pytest.raises(BadInput) as refused:
        checked_instance_url(given, allow_loopback)

    assert "https://" in refused.value.remedy
    assert "secret" not in refused.value.sentence()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8001", "http://localhost:8001", "http://[::1]:8001", "https://127.0.0.2"]
)
def test_loopback_is_for_an_orgbox_only(url: str) -> None:
    assert checked_instance_url(url, allow_loopback=True) == url
    with pytest.raises(BadInput, match="this machine"):
        checked_instance_url(url, allow_loopback=False)


def test_the_address_in_the_browser_is_answered_with_the_right_one() -> None:
    with pytest.raises(BadInput) as refused:
        checked_instance_url("https://acme.lightning.force.com", allow_loopback=False)

    assert "https://acme.my.salesforce.com" in refused.value.remedy
