"""The merge table of docs/engine.md §2.4, a row a line: what is written here, what there, what is agreed, what is lost.

A row names the base pair, what each side says now, and what must come of it. `None` stands for "as the base has it".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tandem.sync.fields import FieldMap
from tandem.sync.merge import Merged, merge
from tandem.sync.pair import Lost, Side
from tests.sync.build import ANNA, BEN, MEMBERS, NAMED, TWO_WAY, UNNAMED, base, ours, version

SALESFORCE = "Salesforce wins"
DONE = "done beats open"
ONE_WAY = "the subject template is one way"
WAS_ONE_WAY = "the subject template was one way when it was written"
NO_WORD = "; Salesforce's value has no word here"


@dataclass(frozen=True)
class Line:
    """One line of the table for one field. agreed: the base afterwards (ours, Salesforce's)."""

    says: str
    field: str
    a: str
    s: str
    ours: str | None = None
    there: str | None = None
    writes_here: str | None = None
    sends: str | None = None
    agreed: tuple[str, str] | None = None
    lost: tuple[Side, str, str, str] | None = None
    unseen: tuple[Side, str, str, str] | None = None
    fields: FieldMap = TWO_WAY
    closed: bool | None = None

    def value_here(self) -> dict[str, Any]:
        return {self.field: self.a if self.ours is None else self.ours}

    def value_there(self) -> dict[str, Any]:
        return {self.field: self.s if self.there is None else self.there}


def _same(field: str, a: str, s: str) -> Line:
    return Line("same, same: nothing", field, a, s)


_TEXTS = [
    line
    for field, one, two, three in (
        ("name", "Call Ann", "Call Bob", "Call Cleo"),
        ("due", "2026-03-03", "2026-03-04", "2026-03-05"),
        ("due", "2026-03-03", "", "2026-03-05"),
        ("due", "", "2026-03-04", "2026-03-05"),
        ("details", "one", "two", "three"),
        ("details", "one", "", "three"),
    )
    for line in (
        _same(field, one, one),
        Line("same, moved: written here", field, one, one, there=two, writes_here=two, agreed=(two, two)),
        Line("moved, same: sent", field, one, one, ours=two, sends=two),
        Line("moved, moved, agree: no write", field, one, one, ours=two, there=two, agreed=(two, two)),
        Line(
            "moved, moved apart: Salesforce wins",
            field, one, one, ours=two, there=three, writes_here=three, agreed=(three, three),
            lost=("tandem", two, three, SALESFORCE),
        ),
    )
]  # fmt: skip

_NAME = [
    Line("a Task without a Subject is no opinion", "name", "Call Ann", "Call Ann", there="", agreed=("Call Ann", "")),
    Line("a Task without a Subject keeps its name here", "name", "(no subject)", ""),
    Line("a rename travels to a Task without a Subject", "name", "(no subject)", "", ours="Call", sends="Call"),
    Line(
        "P2: the default template is two-way, so a new Subject comes in",
        "name", "Call Ann", "Call Ann", there="Call Bob", writes_here="Call Bob", agreed=("Call Bob", "Call Bob"),
    ),
    Line("P3: a template with the subject sends a rename", "name", "Ann", "[Tandem] Ann", ours="Bob",
         sends="[Tandem] Bob", fields=NAMED),
    Line("TS-4: under a template a new Subject never comes in", "name", "Ann", "[Tandem] Ann", there="Mine!",
         agreed=("Ann", "Mine!"), fields=NAMED),
    Line("P3: under a template our rename wins and theirs is kept in the log", "name", "Ann", "[Tandem] Ann", ours="Bob",
         there="Mine!", sends="[Tandem] Bob", agreed=("Ann", "Mine!"),
         lost=("salesforce", "Mine!", "Bob", ONE_WAY + NO_WORD),
         unseen=("salesforce", "Mine!", "Bob", ONE_WAY + NO_WORD), fields=NAMED),
    Line("I16: a Subject that nobody here has seen is kept in the log when a later rename stands over it", "name",
         "Ann", "Mine!", ours="Bob", sends="[Tandem] Bob",
         unseen=("salesforce", "Mine!", "Bob", ONE_WAY + NO_WORD), fields=NAMED),
    Line("P3: a Task that came in under its own Subject is renamed knowingly", "name", "Ann", "Ann", ours="Bob",
         sends="[Tandem] Bob", fields=NAMED),
    Line("P3: a Subject that already is what we would send is not sent", "name", "Ann", "[Tandem] Ann", ours="Bob",
         there="[Tandem] Bob", agreed=("Bob", "[Tandem] Bob"), fields=NAMED),
    Line("TS-3: without the subject in the template a rename stays here", "name", "Ann", "Logged by Tandem", ours="Bob",
         agreed=("Bob", "Logged by Tandem"), fields=UNNAMED),
    Line("TS-3, TS-4: a fixed Subject and a name move apart without a word", "name", "Ann", "Logged by Tandem", ours="Bob",
         there="Mine!", agreed=("Bob", "Mine!"), fields=UNNAMED),
    Line("B32: a rename that stayed here is named when a new Subject takes its place under the default template", "name",
         "Bob", "Logged by Tandem", there="Mine!", writes_here="Mine!", agreed=("Mine!", "Mine!"),
         lost=("tandem", "Bob", "Mine!", WAS_ONE_WAY)),
    Line("P3: who renames a Subject that shows our name renames it knowingly", "name", "Bob", "[Tandem] Bob",
         there="Mine!", writes_here="Mine!", agreed=("Mine!", "Mine!")),
]  # fmt: skip

_STATUS = [
    _same("status", "open", "Not Started"),
    _same("status", "open", "In Progress"),
    _same("status", "done", "Completed"),
    _same("status", "done", "Waiting on someone else"),
    Line("completed there", "status", "open", "Not Started", there="Completed", writes_here="done",
         agreed=("done", "Completed")),
    Line("reopened there", "status", "done", "Completed", there="Not Started", writes_here="open",
         agreed=("open", "Not Started")),
    Line("back to Not Started there", "status", "open", "In Progress", there="Not Started", agreed=("open", "Not Started")),
    Line("completed here", "status", "open", "Not Started", ours="done", sends="Completed"),
    Line("completed here, In Progress there", "status", "open", "In Progress", ours="done", sends="Completed"),
    Line("reopened here", "status", "done", "Completed", ours="open", sends="Not Started"),
    Line("reopened here, already in progress there: nothing to say", "status", "done", "In Progress", ours="open",
         agreed=("open", "In Progress")),
    Line("reopened here, closed in the org's own word: sent", "status", "done", "Cancelled", ours="open",
         sends="Not Started", closed=True),
    Line("done here, closed in the org's own word: nothing to say", "status", "open", "Cancelled", ours="done",
         agreed=("done", "Cancelled"), closed=True),
    *(
        Line(f"TS-5: {word} leaves our status alone", "status", ours_word, s, there=word, agreed=(ours_word, word))
        for word in ("In Progress", "Waiting on someone else", "Deferred")
        for ours_word, s in (("open", "Not Started"), ("done", "Completed"))
    ),
    Line("TS-5: a closed status of the org's own leaves ours alone too", "status", "open", "Not Started",
         there="Cancelled", agreed=("open", "Cancelled"), closed=True),
    Line("both completed it", "status", "open", "Not Started", ours="done", there="Completed", agreed=("done", "Completed")),
    Line("both reopened it", "status", "done", "Completed", ours="open", there="Not Started",
         agreed=("open", "Not Started")),
    Line("P6: done here beats Not Started there", "status", "open", "In Progress", ours="done", there="Not Started",
         sends="Completed", agreed=("open", "Not Started"), lost=("salesforce", "Not Started", "done", DONE)),
    Line("P6: done there beats open here", "status", "done", "In Progress", ours="open", there="Completed",
         writes_here="done", agreed=("done", "Completed"), lost=("tandem", "open", "done", DONE)),
    Line("open here over In Progress there: of one kind, nothing sent", "status", "done", "Completed", ours="open",
         there="In Progress", agreed=("open", "In Progress")),
    Line("done here over In Progress there: sent, and theirs is kept in the log", "status", "open", "Not Started",
         ours="done", there="In Progress", sends="Completed", agreed=("open", "In Progress"),
         lost=("salesforce", "In Progress", "done", DONE + NO_WORD)),
]  # fmt: skip

_PRIORITY = [
    _same("priority", "normal", "Normal"),
    _same("priority", "normal", "Low"),
    _same("priority", "high", "Low"),
    Line("raised there", "priority", "normal", "Normal", there="High", writes_here="high", agreed=("high", "High")),
    Line("lowered there", "priority", "high", "High", there="Normal", writes_here="normal", agreed=("normal", "Normal")),
    Line("TS-6: Low leaves a normal one alone", "priority", "normal", "Normal", there="Low", agreed=("normal", "Low")),
    Line("TS-6: Low leaves a high one alone", "priority", "high", "High", there="Low", agreed=("high", "Low")),
    Line("raised here", "priority", "normal", "Normal", ours="high", sends="High"),
    Line("raised here over Low there", "priority", "normal", "Low", ours="high", sends="High"),
    Line("back to normal here, Low there: of one kind, nothing sent", "priority", "high", "Low", ours="normal",
         agreed=("normal", "Low")),
    Line("lowered here", "priority", "high", "High", ours="normal", sends="Normal"),
    Line("both raised it", "priority", "normal", "Normal", ours="high", there="High", agreed=("high", "High")),
    Line("P6: lowered here, raised there: Salesforce wins", "priority", "high", "Low", ours="normal", there="High",
         writes_here="high", agreed=("high", "High"), lost=("tandem", "normal", "high", SALESFORCE)),
    Line("P6: raised here, Normal there: Salesforce wins", "priority", "normal", "Low", ours="high", there="Normal",
         writes_here="normal", agreed=("normal", "Normal"), lost=("tandem", "high", "normal", SALESFORCE)),
    Line("lowered here, Low there: of one kind, nothing sent", "priority", "high", "High", ours="normal", there="Low",
         agreed=("normal", "Low")),
    Line("raised here, Low there: sent, and theirs is kept in the log", "priority", "normal", "Normal", ours="high",
         there="Low", sends="High", agreed=("normal", "Low"), lost=("salesforce", "Low", "high", SALESFORCE + NO_WORD)),
]  # fmt: skip

TABLE = [*_TEXTS, *_NAME, *_STATUS, *_PRIORITY]


def _id(line: Line) -> str:
    return f"{line.field} {line.a or 'empty'}={line.s or 'empty'} to {line.ours},{line.there}: {line.says}"


@pytest.mark.parametrize("line", TABLE, ids=_id)
def test_the_merge_table(line: Line) -> None:
    mine = ours(**line.value_here())
    theirs = version(closed=line.closed, **line.value_there())
    before = base({line.field: line.a}, {line.field: line.s})

    merged = merge(line.fields, mine, theirs, before, MEMBERS)

    assert merged.here == ({} if line.writes_here is None else {line.field: line.writes_here})
    assert merged.there.sf == ({} if line.sends is None else {line.field: line.sends})
    assert merged.there.app == ({} if line.sends is None else {line.field: mine.values[line.field]})
    agreed = line.agreed or (line.a, line.s)
    assert (merged.base.app[line.field], merged.base.sf[line.field]) == agreed
    assert merged.lost == (() if line.lost is None else (Lost(line.field, *line.lost),))
    assert merged.unseen == (() if line.unseen is None else (Lost(line.field, *line.unseen),))
    others = [name for name in before.app if name != line.field]
    assert all(merged.base.app[name] == before.app[name] for name in others)
    assert merged.moves_here == (merged.base != before or merged.here != {})


@pytest.mark.parametrize("line", TABLE, ids=_id)
def test_no_line_changes_when_another_field_is_edited_beside_it(line: Line) -> None:
    """TS-5, TS-6, I8: an unrelated edit neither adds nor takes away anything of this field's line."""
    beside = "details" if line.field != "details" else "due"
    edit = {"details": "an unrelated edit", "due": "2027-01-01"}[beside]
    mine = line.value_here()
    theirs = version(closed=line.closed, **line.value_there())
    before = base({line.field: line.a}, {line.field: line.s})

    alone = merge(line.fields, ours(**mine), theirs, before, MEMBERS)
    together = merge(line.fields, ours(**{**mine, beside: edit}), theirs, before, MEMBERS)

    assert together.there.sf == {**alone.there.sf, beside: edit}
    assert together.here == alone.here
    assert together.base == alone.base
    assert together.lost == alone.lost


def test_edits_of_different_fields_pass_each_other() -> None:
    merged = merge(
        TWO_WAY, ours(due="2026-04-01"), version(details="theirs", priority="High"), base(), MEMBERS
    )
    assert merged.here == {"details": "theirs", "priority": "high"}
    assert merged.there.sf == {"due": "2026-04-01"}
    assert merged.lost == ()


# --- whose it is, and whom it is about: Salesforce's to say, never merged --------------------------------------------


def _about_owner(merged: Merged) -> tuple[str | None, bool, dict[str, str]]:
    return merged.owner, merged.moves_here, dict(merged.there.sf)


def test_a_task_given_to_a_colleague_moves_to_the_colleague() -> None:
    assert _about_owner(merge(TWO_WAY, ours(), version(owner=BEN), base(), MEMBERS)) == (BEN, True, {})


def test_a_task_given_to_a_stranger_is_shown_to_nobody_here() -> None:
    assert _about_owner(merge(TWO_WAY, ours(), version(owner="a stranger"), base(), MEMBERS)) == (
        "",
        True,
        {},
    )


def test_a_task_that_already_is_nobodys_here_is_left_alone() -> None:
    merged = merge(TWO_WAY, ours(owner=""), version(owner="a stranger"), base(), MEMBERS)
    assert _about_owner(merged) == (None, False, {})


def test_a_task_of_the_same_owner_is_left_alone() -> None:
    assert _about_owner(merge(TWO_WAY, ours(owner=ANNA), version(owner=ANNA), base(), MEMBERS)) == (
        None,
        False,
        {},
    )
