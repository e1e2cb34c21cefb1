"""What every outcome means for the one create that logs something: A.11's classes, and doubt. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from tandem.sync.activity_amend import amended, owed_extra
from tandem.sync.activity_settle import (
    MOST_FAILURES,
    Making,
    Retry,
    followed,
    found,
    missing,
    opened,
    retry_class,
    settle,
    spread,
    taken_over,
    to_follow,
    to_match_anew,
)
from tandem.sync.ports import Done, InDoubt, Refused, Why

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BODY = {"Subject": "Our offer", "WhoId": "00Q000000000001AAA", "Type": "Email", "MSE_Template__c": "Intro"}

CLASSES: dict[str, tuple[Why, Retry]] = {
    "API_CURRENTLY_DISABLED": (Why.BUSY, Retry.PARK),
    "AUTHENTICATION_FAILURE": (Why.SIGN_IN, Retry.PAUSE),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (Why.RULE, Retry.PARK),
    "CANNOT_UPDATE_CONVERTED_LEAD": (Why.RULE, Retry.FOLLOW),
    "ENTITY_IS_LOCKED": (Why.BUSY, Retry.SLOW),
    "EXPIRED_ACCESS": (Why.SIGN_IN, Retry.PAUSE),
    "FAILED_WRITE": (Why.BUSY, Retry.BACKOFF),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (Why.RULE, Retry.PARK),
    "FIELD_FILTER_VALIDATION_EXCEPTION": (Why.RULE, Retry.PARK),
    "FIELD_INTEGRITY_EXCEPTION": (Why.RULE, Retry.PARK),
    "INACTIVE_ORGANIZATION": (Why.SIGN_IN, Retry.PAUSE),
    "INACTIVE_USER": (Why.SIGN_IN, Retry.PAUSE),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": (Why.BUSY, Retry.MAINTENANCE),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (Why.RULE, Retry.PARK),
    "INSUFFICIENT_ACCESS_OR_READONLY": (Why.RULE, Retry.PARK),
    "INVALID_FIELD": (Why.RULE, Retry.BACKOFF),
    "INVALID_FIELD_FOR_INSERT_UPDATE": (Why.RULE, Retry.DROP_FIELD),
    "INVALID_GRANT": (Why.SIGN_IN, Retry.PAUSE),
    "INVALID_TYPE": (Why.RULE, Retry.DISABLE),
    "QUERY_TIMEOUT": (Why.BUSY, Retry.BACKOFF),
    "REQUEST_LIMIT_EXCEEDED": (Why.LIMIT, Retry.BUDGET),
    "REQUIRED_FIELD_MISSING": (Why.RULE, Retry.PARK),
    "SERVER_UNAVAILABLE": (Why.BUSY, Retry.BACKOFF),
    "TXN_SECURITY_NO_ACCESS": (Why.RULE, Retry.PARK),
    "UNABLE_TO_LOCK_ROW": (Why.BUSY, Retry.BACKOFF),
    "UNKNOWN_EXCEPTION": (Why.BUSY, Retry.ONCE),
}
PARKED = [code for code, (_, retry) in CLASSES.items() if retry is Retry.PARK]


def making(**what: Any) -> Making:
    return Making(**{"id": 1, "of": 1, "key": "log-1", "record": "00Q000000000001AAA", "body": BODY, **what})


def sent(**what: Any) -> Making:
    return opened(making(**what), "lease")


def refused(code: str, why: Why = Why.RULE, fields: tuple[str, ...] = (), text: str = "No.") -> Refused:
    return Refused(why, code, text, fields)


@pytest.mark.parametrize("code", CLASSES)
def test_each_of_the_26_codes_has_the_retry_class_of_rule_a_11(code: str) -> None:
    why, retry = CLASSES[code]
    assert retry_class(code, why) is retry


def test_there_are_26_of_them_and_an_unknown_one_is_parked() -> None:
    assert len(CLASSES) == 26
    assert retry_class("SOMETHING_NEW") is Retry.PARK
    assert retry_class("SOMETHING_NEW", Why.BUSY) is Retry.BACKOFF


def test_done_is_logged_and_nothing_is_owed() -> None:
    settled = settle(sent(wanted={"MSE_Template__c": "Intro"}), Done("00T1"), NOW)
    assert (settled.sf_id, settled.closed, settled.in_flight) == ("00T1", "logged", False)
    assert settled.extra == {"MSE_Template__c": "Intro"}


@pytest.mark.parametrize("code", [*PARKED, "SOMETHING_NEW", "INVALID_TYPE"])
def test_what_a_person_must_see_to_is_parked_at_once(code: str) -> None:
    settled = settle(sent(), refused(code), NOW)
    assert (settled.parked, settled.not_before, settled.error_code) == (True, None, code)
    assert (settled.error_first_at, settled.error_last_at) == (NOW, NOW)


def test_what_passes_is_tried_again_later_and_later_up_to_five_minutes() -> None:
    waits = []
    this = making()
    for _ in range(12):
        this = settle(opened(this, "lease"), refused("UNABLE_TO_LOCK_ROW", Why.BUSY), NOW)
        assert this.not_before is not None
        waits.append(this.not_before - NOW)
    assert waits == sorted(waits)
    assert waits[0] <= timedelta(seconds=2)
    assert 3.75 * MINUTE <= waits[-1] <= 5 * MINUTE
    assert not this.parked


def test_what_one_call_refused_comes_back_together_and_what_two_moments_refused_does_not() -> None:
    wait = timedelta(minutes=5)
    waits = {spread(wait, NOW + timedelta(microseconds=n)) for n in range(1_000)}
    assert len(waits) == 1_000
    assert 0.75 * wait <= min(waits) < 0.76 * wait
    assert 0.99 * wait < max(waits) <= wait
    assert spread(wait, NOW) == spread(wait, NOW)


@pytest.mark.parametrize("code", ["SERVER_UNAVAILABLE", "ENTITY_IS_LOCKED", "INVALID_FIELD"])
def test_what_passes_and_does_not_pass_for_a_day_is_a_persons_business_in_the_end(code: str) -> None:
    why = CLASSES[code][0]
    assert not settle(sent(failures=MOST_FAILURES - 2), refused(code, why), NOW).parked
    assert settle(sent(failures=MOST_FAILURES - 1), refused(code, why), NOW).parked


def test_maintenance_is_waited_out_up_to_an_hour_and_an_approval_a_quarter_of_an_hour() -> None:
    code = "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"
    waits = [settle(sent(failures=n), refused(code, Why.BUSY), NOW).not_before for n in range(10)]
    assert (waits[0], waits[-1]) == (NOW + MINUTE, NOW + 60 * MINUTE)
    assert settle(sent(), refused("ENTITY_IS_LOCKED", Why.BUSY), NOW).not_before == NOW + 15 * MINUTE


@pytest.mark.parametrize("why", [Why.LIMIT, Why.SIGN_IN, Why.UNSENT])
def test_what_concerns_the_whole_org_or_member_counts_against_no_record(why: Why) -> None:
    settled = settle(sent(), refused("X", why), NOW)
    assert settled == replace(making(), opener="lease")


def test_a_field_that_salesforce_will_not_take_is_left_out_and_the_rest_is_sent_at_once() -> None:
    settled = settle(sent(), refused("INVALID_FIELD_FOR_INSERT_UPDATE", fields=("MSE_Template__c",)), NOW)
    assert "MSE_Template__c" not in settled.body
    assert (settled.refused_fields, settled.not_before, settled.parked) == (("MSE_Template__c",), None, False)
    assert settled.body["Subject"] == "Our offer"


def test_a_field_that_it_cannot_be_logged_without_is_a_persons_business() -> None:
    settled = settle(sent(), refused("INVALID_FIELD_FOR_INSERT_UPDATE", fields=("Subject",)), NOW)
    assert settled.parked
    assert settled.body == BODY


def test_a_column_that_is_gone_is_left_out_and_a_timeout_under_the_same_code_is_waited_out() -> None:
    gone = settle(sent(), refused("INVALID_FIELD", text="No such column 'MSE_Template__c' on sobject"), NOW)
    assert gone.refused_fields == ("MSE_Template__c",)
    timeout = settle(sent(), refused("INVALID_FIELD", text="Net::ReadTimeout"), NOW)
    assert (timeout.parked, timeout.refused_fields) == (False, ())
    assert timeout.not_before is not None


def test_an_unknown_exception_is_tried_once_more_and_then_parked() -> None:
    first = settle(sent(), InDoubt("UNKNOWN_EXCEPTION", "Error 12"), NOW)
    assert first.in_doubt
    assert missing(first, NOW + MINUTE, unique=True) is None, "looked, not there: send it again"
    second = settle(opened(first, "lease"), InDoubt("UNKNOWN_EXCEPTION", "Error 12"), NOW + MINUTE)
    parked = missing(second, NOW + 2 * MINUTE, unique=True)
    assert parked is not None
    assert parked.parked


def test_what_a_person_lets_try_again_after_an_unknown_exception_is_sent_again() -> None:
    """B26: the number of attempts is for ever, that of failures begins anew with the person's word."""
    parked = making(
        error_code="UNKNOWN_EXCEPTION", attempts=3, failures=2, doubt_until=NOW - MINUTE, parked=True
    )
    again = replace(parked, parked=False, failures=0)
    assert missing(again, NOW, unique=True) is None
    refused_again = settle(opened(again, "lease"), refused("UNKNOWN_EXCEPTION"), NOW)
    assert not refused_again.parked


def test_a_converted_lead_is_followed_to_its_contact() -> None:
    settled = settle(sent(), refused("CANNOT_UPDATE_CONVERTED_LEAD"), NOW)
    assert to_follow(settled)
    there = followed(settled, "003000000000001AAA")
    assert (there.body["WhoId"], there.parked, to_follow(there)) == ("003000000000001AAA", False, False)
    assert there.key == settled.key
    assert followed(settled, "").parked


@pytest.mark.parametrize("code", ["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"])
def test_a_record_that_is_gone_is_matched_anew_and_one_that_was_to_be_made_is_a_persons_business(
    code: str,
) -> None:
    settled = settle(sent(), refused(code, Why.GONE), NOW)
    assert (settled.closed, settled.parked, to_match_anew(settled)) == ("left_out", False, True)
    person = settle(sent(of=0), refused(code, Why.GONE), NOW)
    assert (person.closed, person.parked) == (None, True)
    assert not to_match_anew(making(closed="left_out")), "left out for another reason"


def test_our_key_is_taken_so_it_is_looked_for_and_after_five_looks_a_person_must() -> None:
    settled = settle(sent(), refused("DUPLICATE_VALUE", Why.DUPLICATE), NOW)
    assert settled.in_doubt
    assert found(settled, "00T1").closed == "logged"
    assert missing(settled, NOW + MINUTE, unique=True) is None
    parked = missing(replace(settled, failures=6), NOW + MINUTE, unique=True)
    assert parked is not None
    assert parked.parked


def test_no_answer_is_doubt_for_ten_minutes() -> None:
    settled = settle(sent(), InDoubt("TIME_OUT", "No answer."), NOW)
    assert (settled.in_doubt, settled.doubt_until, settled.closed) == (True, NOW + 10 * MINUTE, None)


def test_an_attempt_of_a_dead_round_may_have_been_sent_a_moment_ago() -> None:
    taken = taken_over(sent(), "another", NOW)
    assert (taken.opener, taken.in_flight, taken.doubt_until) == ("another", False, NOW + 10 * MINUTE)
    again = taken_over(taken, "third", NOW + MINUTE)
    assert again.doubt_until == NOW + 10 * MINUTE, "the doubt is not longer for being looked at"


def test_without_a_unique_key_nothing_is_sent_again_before_every_attempt_must_have_landed() -> None:
    doubtful = settle(sent(), InDoubt("TIME_OUT", "No answer."), NOW)
    waiting = missing(doubtful, NOW + 9 * MINUTE, unique=False)
    assert waiting is not None
    assert (waiting.not_before, waiting.parked) == (NOW + 10 * MINUTE, False)
    assert missing(doubtful, NOW + 10 * MINUTE, unique=False) is None
    assert missing(doubtful, NOW, unique=True) is None


def test_a_refusal_is_certain_only_when_no_earlier_attempt_can_land_any_more() -> None:
    doubtful = opened(settle(sent(), InDoubt("TIME_OUT", ""), NOW), "lease")
    early = settle(doubtful, refused("REQUIRED_FIELD_MISSING"), NOW + MINUTE)
    assert (early.parked, early.in_doubt, early.not_before) == (False, True, NOW + 10 * MINUTE)
    late = settle(doubtful, refused("REQUIRED_FIELD_MISSING"), NOW + 11 * MINUTE)
    assert (late.parked, late.in_doubt) == (True, False)


def test_no_outcome_of_any_attempt_ever_leaves_a_record_that_nobody_will_look_at_again() -> None:
    """Every code, every kind of refusal, certain or in doubt: logged, parked, in doubt, waiting, or to be sent now."""
    outcomes = [Done("00T1"), InDoubt("UNKNOWN_EXCEPTION", ""), InDoubt("FAILED_WRITE", "")]
    outcomes += [refused(code, why) for code, why in product([*CLASSES, "NEW"], Why)]  # type: ignore[misc]
    for outcome, doubt, failures in product(outcomes, (None, NOW + MINUTE, NOW - MINUTE), (0, 4, 9)):
        settled = settle(sent(doubt_until=doubt, failures=failures), outcome, NOW)
        assert not settled.in_flight, outcome
        assert (settled.closed == "logged") == (settled.sf_id is not None), outcome
        assert settled.closed != "left_out" or to_match_anew(settled), outcome
        assert not (settled.parked and settled.not_before), outcome
        assert not (settled.parked and settled.closed), outcome
        if doubt is not None and doubt > NOW and settled.closed is None:
            assert settled.in_doubt, "an attempt that may still land was forgotten"


# --- custom fields, later ----------------------------------------------------------------------------------------------


def test_only_what_salesforce_does_not_have_as_it_should_be_is_owed() -> None:
    logged = making(sf_id="00T1", closed="logged", extra={"A__c": "x"}, refused_fields=("C__c",))
    assert owed_extra(logged, {"A__c": "x", "B__c": True, "C__c": "y"}) == {"B__c": True}


def test_amending_ends_when_done_or_deleted_and_goes_on_when_it_passes() -> None:
    logged = making(sf_id="00T1", closed="logged")
    sent_fields = {"MSE_Replied__c": True}
    done, owed = amended(logged, sent_fields, Done("00T1"), NOW)
    assert (done.extra, owed) == (sent_fields, False)
    assert amended(logged, sent_fields, refused("ENTITY_IS_DELETED", Why.GONE), NOW) == (logged, False)
    assert amended(logged, sent_fields, InDoubt("TIME_OUT", ""), NOW)[1]
    assert amended(logged, sent_fields, refused("UNABLE_TO_LOCK_ROW", Why.BUSY), NOW)[1]
    assert amended(logged, sent_fields, refused("", Why.LIMIT), NOW) == (logged, True)
    assert not amended(logged, sent_fields, refused("REQUIRED_FIELD_MISSING"), NOW)[1]
    less, owed = amended(
        logged, sent_fields, refused("INVALID_FIELD_FOR_INSERT_UPDATE", fields=("MSE_Replied__c",)), NOW
    )
    assert (less.refused_fields, owed, less.closed) == (("MSE_Replied__c",), True, "logged")
