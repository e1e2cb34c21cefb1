"""Which promises does the engine make? Their numbers and names (docs/invariants.md), and what is raised when one breaks."""

from __future__ import annotations

INVARIANTS: dict[str, str] = {
    "I1": "No lost write",
    "I2": "No duplicates",
    "I3": "Convergence",
    "I4": "No resurrection",
    "I5": "Silence",
    "I6": "Base is honest and forward",
    "I7": "Cost bound",
    "I8": "Richer word survives",
    "I9": "No flip-flop",
    "I10": "Isolation",
    "I11": "Absence is not deletion",
    "I12": "At-most-one intent, fenced",
    "I13": "Cursor safety",
    "I14": "Replays are free",
    "I15": "Logged once",
    "I16": "Explained",
    "P3": "A rename travels as the subject template says",
    "P4": "A preview writes nothing, and comes true",
    "P13": "Short of calls, the rest gives way",
    "TS-1": "Off is off",
    "FS-2": "What was here before sync was switched on stays here",
    "UN-1": "Who is unsubscribed on one side is so on both",
}


class Violation(AssertionError):
    """An invariant did not hold."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant} {INVARIANTS.get(invariant, '')}: {what}")
        self.invariant = invariant
        self.what = what
