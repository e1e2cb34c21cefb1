"""What each answer means: was it done, what does it mean for the data, what is to do."""

import pytest

from tandem.salesforce import errors
from tandem.salesforce.codes import MEANINGS, classify
from tandem.salesforce.errors import (
    Busy,
    Changed,
    Duplicate,
    Gone,
    LimitReached,
    NotDone,
    OutcomeUnknown,
    Refused,
    SalesforceError,
    SignInNeeded,
)

# Rule A.11: all 26 documented codes and what follows from each.
DIAGNOSTICS = {
    "API_CURRENTLY_DISABLED": Busy,
    "AUTHENTICATION_FAILURE": SignInNeeded,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Refused,
    "CANNOT_UPDATE_CONVERTED_LEAD": Refused,
    "ENTITY_IS_LOCKED": Busy,
    "EXPIRED_ACCESS": SignInNeeded,
    "FAILED_WRITE": OutcomeUnknown,
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Refused,
    "FIELD_FILTER_VALIDATION_EXCEPTION": Refused,
    "FIELD_INTEGRITY_EXCEPTION": Refused,
    "INACTIVE_ORGANIZATION": SignInNeeded,
    "INACTIVE_USER": SignInNeeded,
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": Busy,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Refused,
    "INSUFFICIENT_ACCESS_OR_READONLY": Refused,
    "INVALID_FIELD": Refused,
    "INVALID_FIELD_FOR_INSERT_UPDATE": Refused,
    "INVALID_GRANT": SignInNeeded,
    "INVALID_TYPE": Refused,
    "QUERY_TIMEOUT": Busy,
    "REQUEST_LIMIT_EXCEEDED": LimitReached,
    "REQUIRED_FIELD_MISSING": Refused,
    "SERVER_UNAVAILABLE": OutcomeUnknown,
    "TXN_SECURITY_NO_ACCESS": Refused,
    "UNABLE_TO_LOCK_ROW": Busy,
    "UNKNOWN_EXCEPTION": OutcomeUnknown,
}


def all_kinds() -> list[type[SalesforceError]]:
    found = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    return [kind for kind in found if issubclass(kind, SalesforceError) and kind is not SalesforceError]


def test_all_twenty_six_codes_of_the_diagnostics_page_are_known() -> None:
    assert len(DIAGNOSTICS) == 26
    assert set(DIAGNOSTICS) <= set(MEANINGS)


@pytest.mark.parametrize(("code", "kind"), DIAGNOSTICS.items())
def test_a_code_says_what_follows_from_it(code: str, kind: type[SalesforceError]) -> None:
    error = classify(400, code, "the words of Salesforce", ("Subject",), was_write=True)

    assert type(error) is kind
    assert (error.code, error.message, error.fields) == (code, "the words of Salesforce", ("Subject",))


@pytest.mark.parametrize("kind", all_kinds())
def test_every_error_is_either_certainly_not_done_or_in_doubt(kind: type[SalesforceError]) -> None:
    assert issubclass(kind, NotDone) != issubclass(kind, OutcomeUnknown)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 420, 408])
@pytest.mark.parametrize(
    "code", ["", "UNKNOWN_EXCEPTION", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "UNABLE_TO_LOCK_ROW"]
)
def test_an_unclear_status_leaves_a_write_in_doubt_whatever_its_code_says(status: int, code: str) -> None:
    assert isinstance(classify(status, code, "oops", was_write=True), OutcomeUnknown)


@pytest.mark.parametrize(
    "code", ["INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "API_CURRENTLY_DISABLED"]
)
def test_maintenance_is_certain_even_with_503(code: str) -> None:
    assert type(classify(503, code, "read only", was_write=True)) is Busy


@pytest.mark.parametrize(
    ("status", "kind"),
    [(300, Refused), (400, Refused), (401, SignInNeeded), (403, Refused), (404, Gone), (412, Changed), (414, Refused),
     (429, LimitReached)],
)  # fmt: skip
def test_an_unlisted_code_is_judged_by_its_status(status: int, kind: type[SalesforceError]) -> None:
    assert type(classify(status, "SOMETHING_NEW_IN_WINTER", "hm", was_write=True)) is kind


def test_a_deleted_record_and_a_changed_one_are_told_by_their_codes_too() -> None:
    assert type(classify(400, "ENTITY_IS_DELETED", "entity is deleted")) is Gone
    assert type(classify(400, "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE", "")) is Changed


def test_a_duplicate_names_the_record_that_exists_with_its_long_id() -> None:
    message = "duplicate value found: Sync_Key__c duplicates value on record with id: 001U000001c83gK"

    error = classify(400, "DUPLICATE_VALUE", message, was_write=True)

    assert isinstance(error, Duplicate)
    assert error.existing_id == "001U000001c83gKIAQ"


def test_a_duplicate_without_an_id_in_its_words_has_none() -> None:
    error = classify(400, "DUPLICATE_VALUE", "duplicate value found: <unknown>", was_write=True)

    assert isinstance(error, Duplicate)
    assert error.existing_id is None


def test_too_many_calls_at_once_pass_sooner_than_a_day_without_calls() -> None:
    assert type(classify(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")) is LimitReached
    assert type(classify(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")) is Busy


@pytest.mark.parametrize("code", [*MEANINGS, "SOMETHING_NEW"])
def test_every_error_says_what_happened_what_it_means_and_what_to_do(code: str) -> None:
    error = classify(400, code, "Subject: data value too large", ("Subject",), was_write=True)

    assert error.sentence() == f"{error.happened} {error.means} {error.remedy}"
    for part in (error.happened, error.means, error.remedy):
        assert part[0].isupper()
        assert part.endswith((".", "!"))
        assert code not in part
    assert "Subject: data value too large" in error.happened
    assert "(Subject)" in error.happened


def test_a_lost_write_may_have_happened_and_a_lost_read_changed_nothing() -> None:
    assert "may or may not" in classify(500, "", "oops", was_write=True).sentence()
    assert "Nothing was changed" in classify(500, "", "oops", was_write=False).sentence()
