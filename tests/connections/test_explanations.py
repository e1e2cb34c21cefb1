"""P12, A.11: every error has a plain explanation and a remedy, in English and in Dutch; Salesforce is quoted as such."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.test import Client
from django.utils.translation import override

from tandem.accounts.models import Member
from tandem.connections.explanations import MEANS, OURS, SALESFORCES, explained, of_the_org
from tandem.salesforce.codes import MEANINGS
from tandem.salesforce.errors import Busy, LimitReached, OutcomeUnknown, Refused, SignInNeeded
from tandem.salesforce.retries import A_11, Category, Retry, category_of, retry_of
from tests.sync.desk import day, open_desk

# What the engine does follows from the kind of an error; what is told follows from its class. They may not disagree.
KINDS = {
    Retry.PARK: {Refused},
    Retry.WITHOUT: {Refused},
    Retry.HEAL: {Refused},
    Retry.ONCE: {OutcomeUnknown},
    Retry.PAUSE: {SignInNeeded},
    Retry.BACKOFF: {Busy, OutcomeUnknown},
    Retry.ONE_BY_ONE: {Busy},
    Retry.SLOW: {Busy},
    Retry.HOLD: {LimitReached},
}
#: Of a read it passes (A.11: a time-out); of a write it is a field that is not there, which a person must mend.
TWO_SIDED = {"INVALID_FIELD"}


def test_a_11_has_26_codes_in_four_categories() -> None:
    assert len(A_11) == 26
    assert Counter(documented.category for documented in A_11.values()) == {
        Category.ACCESS: 12,
        Category.AUTHENTICATION: 5,
        Category.INTERMITTENT: 7,
        Category.OTHER: 2,
    }


@pytest.mark.parametrize("code", sorted(A_11))
def test_a_11_every_code_is_known_explained_and_waits_as_the_engine_does(code: str) -> None:
    assert code in SALESFORCES
    assert code in MEANINGS
    if code not in TWO_SIDED:
        assert MEANINGS[code].kind in KINDS[retry_of(code)]


@pytest.mark.parametrize("code", sorted({*SALESFORCES, *OURS, *MEANINGS, "NOBODY_KNOWS_IT"}))
def test_p_12_every_explanation_is_there_in_both_languages(code: str) -> None:
    said: dict[str, list[str]] = {}
    for language in ("en", "nl"):
        with override(language):
            why = explained(code)
            said[language] = [str(words) for words in (why.happened, why.means, why.do) if words]
            assert all(re.search(r"[.!?]$", sentence) for sentence in said[language]), said
            assert said[language]
    assert not set(said["en"]) & set(said["nl"])
    assert len(said["en"]) == len(said["nl"])


def test_every_class_says_what_it_means_for_the_data() -> None:
    assert set(MEANS) == set(Retry)


@pytest.mark.parametrize("code", ["SOMETHING_NEW", ""])
def test_a_code_that_nobody_knows_is_told_as_such_with_salesforces_words(code: str) -> None:
    why = explained(code, "Boom.")
    assert "does not know by name" in str(why)
    assert str(why).endswith("Salesforce said: “Boom.”")
    assert (category_of(code), retry_of(code)) == (Category.OTHER, Retry.PARK)


def test_what_salesforce_says_in_small_letters_or_as_a_status_is_known_too() -> None:
    assert "no longer accepts" in str(explained("invalid_grant").happened)
    assert "too busy" in str(explained("HTTP_503").happened)


def test_a_status_that_the_org_lacks_is_named() -> None:
    with override("nl"):
        assert "“Completed”" in str(explained("STATUS_NOT_IN_ORG", "Completed"))


def test_one_members_sign_in_is_not_everybodys_trouble() -> None:
    assert of_the_org("invalid_grant", "expired access/refresh token") is None
    assert of_the_org("", "") is None
    assert of_the_org("REQUEST_LIMIT_EXCEEDED", "") is not None


def test_a_refused_task_says_why_in_dutch_and_quotes_salesforce(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_desk(monkeypatch) as desk:
        desk.join("anna")
        desk.switch_on()
        desk.round()
        desk.fault("row_refused", times=None)
        desk.create("Bel Ann", due=day(0))
        desk.round()
        Member.objects.update(language="nl")
        client = Client()
        client.force_login(desk.member())
        page = client.get("/").content.decode()
    assert "Een validatieregel van je org staat dit niet toe." in page
    assert "Salesforce zei: “Refused by a validation rule of this org”" in page
    assert "Nothing was changed" not in page
