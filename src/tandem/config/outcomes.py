"""What Salesforce's errors mean to the engine: the tree of tandem.salesforce in the words of tandem.sync.ports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import connection as database

from tandem import salesforce as sf
from tandem.encryption import KeyTrouble
from tandem.sync.ports import Done, InDoubt, NoAnswer, Outcome, Refused, Why

T = TypeVar("T")

_WHY: tuple[tuple[type[sf.SalesforceError], Why], ...] = (
    (sf.Changed, Why.CHANGED),
    (sf.Gone, Why.GONE),
    (sf.Duplicate, Why.DUPLICATE),
    (sf.Busy, Why.BUSY),
    (sf.LimitReached, Why.LIMIT),
    (sf.SignInNeeded, Why.SIGN_IN),
    (sf.Unreachable, Why.UNSENT),
    (sf.OutcomeUnknown, Why.BUSY),  # of a read: no answer, ask again
    (sf.NotDone, Why.RULE),
)
#: What can stop a call: Salesforce, or a sign-in that cannot be read here, so that nothing left this machine.
TROUBLE = (sf.SalesforceError, KeyTrouble)


def outcome_of(error: sf.SalesforceError | KeyTrouble) -> Refused | InDoubt:
    """The fate of a row that met this error."""
    if isinstance(error, KeyTrouble):
        return Refused(Why.UNSENT, error.code, "")
    if isinstance(error, sf.OutcomeUnknown):
        return InDoubt(error.code, _said(error))
    return refusal_of(error)


def refusal_of(error: sf.SalesforceError) -> Refused:
    """The refusal that this error is; of a read, "no answer" is one as well."""
    return Refused(_why(error), error.code, _said(error), error.fields)


def outcome_of_row(result: sf.RowResult) -> Outcome:
    """The fate of one row of a shared call."""
    return Done(result.id) if isinstance(result, sf.Done) else outcome_of(result.error)


def no_answer(error: sf.SalesforceError | KeyTrouble) -> NoAnswer:
    """What a read raises that met this error."""
    if isinstance(error, KeyTrouble):  # its own route waits, until somebody has mended the keys
        return NoAnswer(Why.BUSY, error.code, "")
    return NoAnswer(_why(error), error.code, _said(error))


def answer_of(call: Callable[[], T], report: Callable[[], None]) -> T:
    """What a reading call answers; `report` is called after it, however it ended. Raises NoAnswer."""
    outside_transactions()
    try:
        return call()
    except TROUBLE as error:
        raise no_answer(error) from error
    finally:
        report()


def outside_transactions() -> None:
    """Contract 6: a call may take ten minutes, and a transaction that waits for it would stop everybody."""
    if database.in_atomic_block:
        raise RuntimeError("a call to Salesforce inside a database transaction")


def _said(error: sf.SalesforceError) -> str:
    """Salesforce's own words, with the fields it blames; what they mean is said by connections.explanations."""
    unnamed = [name for name in error.fields if name not in error.message]
    return f"{error.message} ({', '.join(unnamed)})" if unnamed else error.message


def _why(error: sf.SalesforceError) -> Why:
    return next(why for kind, why in _WHY if isinstance(error, kind))
