"""Given what each side says now and what both last agreed on: what to write here, what there, and what gave way.

The table of docs/engine.md §2.4, field by field; no clock decides (docs/engine.md §1, sentence 8). A is ours now, S is
Salesforce as seen, a and s are the base:

    A = a, S = s                      nothing
    A = a, S moved, S has a word      write it here; base := (word, S)
    A = a, S moved, a never said      the same, and log A as lost (a rename under a one-way template, P3, B32)
    A = a, S moved, no word           base := (a, S); ours stays (TS-5, TS-6)
    A moved, S = s                    send A, unless S already is of A's kind
    both moved, they agree            false conflict: base := (A, S), no write
    both moved, S has no word         base := (a, S); send A unless S is of its kind, else log S as lost
    A moved, S never shown here       send A, log S as lost (a Subject under a one-way template, P3)
    both moved, they differ           conflict: the field's rule decides, the loser is logged (P6)

A field that is sent keeps its base until Salesforce acknowledges (I6): when ours wins a conflict the base first moves
to what Salesforce said, so that a crash in between leaves "ours moved, theirs did not", which sends again.
"""

from __future__ import annotations

from dataclasses import dataclass

from tandem.sync.fields import Field, FieldMap
from tandem.sync.pair import Base, Carried, Lost, Ours, Values, Version

_WAS_ONE_WAY = "the subject template was one way when it was written"


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge asks for.

    here: our values to write. owner, about: what else to show here from now on, None to leave as it is (owner "" is
    nobody in Tandem). there: what to send. base: the base from now on. lost: the values that gave way. unseen: those that
    give way once it is sent. moves_here: whether anything of this needs to be stored on our side.
    """

    here: dict[str, str]
    owner: str | None
    about: str | None
    there: Carried
    base: Base
    lost: tuple[Lost, ...]
    unseen: tuple[Lost, ...]
    moves_here: bool


def merge(fields: FieldMap, ours: Ours, seen: Version, base: Base, members: frozenset[str]) -> Merged:
    """Merge all mapped fields, and take over whom the Task belongs to and whom it is about. Pure and total."""
    here: dict[str, str] = {}
    app: dict[str, str] = {}
    sf: dict[str, str] = {}
    new_app, new_sf = dict(base.app), dict(base.sf)
    lost: list[Lost] = []
    unseen: list[Lost] = []
    for name, rule in fields.fields.items():
        mine, theirs = ours.values[name], seen.values[name]
        i_moved, they_moved = mine != base.app[name], theirs != base.sf[name]
        if not i_moved and not they_moved:
            continue
        word = rule.word(theirs, closed=seen.closed)
        if they_moved:
            new_sf[name] = theirs
            if word is not None:
                new_app[name] = word
            if not i_moved:
                if word is not None and word != mine:
                    here[name] = word
                    if _never_said(rule, mine, base.sf[name]):
                        lost.append(Lost(name, "tandem", mine, word, _WAS_ONE_WAY))
                continue
            if word is not None and word != mine:
                if not rule.ours_wins(mine, word):
                    here[name] = word
                    lost.append(Lost(name, "tandem", mine, word, rule.rule))
                    continue
                lost.append(Lost(name, "salesforce", theirs, mine, rule.rule))
        if word == mine or (word is None and rule.kind(theirs, closed=seen.closed) == mine):
            new_app[name] = mine  # already said there, in its own words
            continue
        sent = rule.send(mine)
        if sent is None or sent == theirs:
            new_app[name] = mine  # does not travel (P3), or would say the same again
            continue
        if word is None and they_moved:
            lost.append(Lost(name, "salesforce", theirs, mine, _no_word(rule)))
        if _never_shown(rule, base.app[name], theirs, seen):
            why = _no_word(rule) if word is None else _WAS_ONE_WAY
            unseen.append(Lost(name, "salesforce", theirs, mine, why))
        app[name], sf[name] = mine, sent
    # Owner and whom it concerns are Salesforce's to say; a stranger's Task is shown to nobody (docs/engine.md §2.4).
    owner = seen.owner if seen.owner in members else ""
    new_owner = owner if owner != ours.owner else None
    new_about = seen.about if seen.about and seen.about != ours.about else None
    moved = new_app != base.app or new_sf != base.sf
    return Merged(
        here,
        new_owner,
        new_about,
        Carried(app, sf),
        Base(new_app, new_sf, base.stamp),
        tuple(lost),
        tuple(unseen),
        moves_here=bool(here) or moved or new_owner is not None or new_about is not None,
    )


def _never_shown(rule: Field, ours: str, theirs: str, seen: Version) -> bool:
    """Whether members never saw what Salesforce says: a Subject given there while the template was one way (P3).

    It was agreed to leave it there; now a rename stands over it, and nobody has chosen that (I16).
    """
    if not theirs or rule.kind(theirs, closed=seen.closed) is not None:
        return False
    return theirs not in (ours, rule.send(ours))


def _never_said(rule: Field, ours: str, said: str) -> bool:
    """Whether people in Salesforce never saw ours: a rename that a one-way template left here (R9), agreed as that.

    Where the Subject that they saw has our name in it, they renamed it knowing ours.
    """
    return rule.word(said, closed=False) not in (None, ours) and ours not in said


def changed_here(ours: Values, base_app: Values) -> dict[str, str]:
    """The mapped fields that a member changed since the base, with their values."""
    return {name: value for name, value in ours.items() if value != base_app[name]}


def changed_there(seen: Values, base_sf: Values) -> dict[str, str]:
    """The mapped fields that changed in Salesforce since the base, with their values."""
    return {name: value for name, value in seen.items() if value != base_sf[name]}


def _no_word(rule: Field) -> str:
    return f"{rule.rule}; Salesforce's value has no word here"
