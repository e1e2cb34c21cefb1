"""What Salesforce's errors mean to the engine: the tree of tandem.salesforce in the words of tandem.sync.ports."""

from __future__ import annotations

from django.db import connection as database

from tandem import salesforce as sf
from tandem.sync.ports import Done, InDoubt, NoAnswer, Outcome, Refused, Why

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


def outcome_of(error: sf.SalesforceError) -> Refused | InDoubt:
    """The fate of a row that met this error."""
    if isinstance(error, sf.OutcomeUnknown):
        return InDoubt(error.code, error.sentence())
    return refusal_of(error)


def refusal_of(error: sf.SalesforceError) -> Refused:
    """The refusal that this error is; of a read, "no answer" is one as well."""
    return Refused(_why(error), error.code, error.sentence(), error.fields)


def outcome_of_row(result: sf.RowResult) -> Outcome:
    """The fate of one row of a shared call."""
    return Done(result.id) if isinstance(result, sf.Done) else outcome_of(result.error)


def no_answer(error: sf.SalesforceError) -> NoAnswer:
    """What a read raises that met this error."""
    return NoAnswer(_why(error), error.code, error.sentence())


def outside_transactions() -> None:
    """Contract 6: a call may take ten minutes, and a transaction that waits for it would stop everybody."""
    if database.in_atomic_block:
        raise RuntimeError("a call to Salesforce inside a database transaction")


def _why(error: sf.SalesforceError) -> Why:
    return next(why for kind, why in _WHY if isinstance(error, kind))
