"""What do the field map and the merge really do? Asked of the code, and written as the tables of docs/rules.md.

`python -m tests.docs.rules` writes them anew between their markers; test_docs.py compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from tandem.sync.admission import DELETION_WINDOW, IMPORT_WINDOW, LARGE_SHARE, MANY_DELETIONS
from tandem.sync.fields import (
    DEFAULT_TEMPLATE,
    DETAILS_LENGTH,
    SALESFORCE_NAMES,
    SUBJECT_LENGTH,
    Field,
    FieldMap,
)
from tandem.sync.inbound import OVERLAP
from tandem.sync.merge import Merged, merge
from tandem.sync.pair import Base, Ours, Version
from tandem.sync.plan import SAME_SECOND, UNDO_HOLD
from tandem.sync.settle import DOUBT

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
MARKED = re.compile(r"(<!-- generated: (?P<name>[a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)

# The values that tell every branch of a field apart: (Salesforce's value, Task.IsClosed).
STATUSES = (("Not Started", False), ("In Progress", False), ("Deferred", False), ("Completed", True))
PRIORITIES = (("Low", False), ("Normal", False), ("High", False))
_SAMPLES = {"status": STATUSES, "priority": PRIORITIES}


def generated() -> dict[str, str]:
    """Each generated part of the page by its name."""
    plain, prefix, fixed = FieldMap(), FieldMap("[Tandem] {{activity_subject}}"), FieldMap("Sales task")
    texts = ("old", "theirs", "mine")
    return {
        "field map": _field_map(plain),
        "limits": _limits(),
        "text": _merged(plain, "details", "old", "old", ("old", "mine"), [(text, False) for text in texts]),
        "status": _merged(plain, "status", "open", "Not Started", ("open", "done"), STATUSES),
        "status over a richer word": _merged(
            plain, "status", "open", "In Progress", ("open", "done"), STATUSES
        ),
        "priority": _merged(plain, "priority", "normal", "Normal", ("normal", "high"), PRIORITIES),
        "priority over a richer word": _merged(
            plain, "priority", "normal", "Low", ("normal", "high"), PRIORITIES
        ),
        "template": _merged(
            prefix,
            "name",
            "old",
            "[Tandem] old",
            ("old", "mine"),
            [("[Tandem] old", False), ("theirs", False)],
        ),
        "fixed template": _merged(
            fixed, "name", "old", "Sales task", ("old", "mine"), [("Sales task", False), ("theirs", False)]
        ),
    }


def page(text: str) -> str:
    """`text` with every generated part written anew. KeyError for a marker that names none."""
    parts = generated()
    return MARKED.sub(lambda found: f"{found[1]}{parts[found['name']]}\n{found[3]}", text)


def _field_map(fields: FieldMap) -> str:
    rows = [
        (f"`{name}`", f"`{SALESFORCE_NAMES[name]}`", _words(field), field.rule)
        for name, field in fields.fields.items()
    ]
    return _table(("here", "in Salesforce", "words", "both sides changed it"), rows)


def _words(field: Field) -> str:
    samples = _SAMPLES.get(field.name)
    if samples is None:
        empty = "" if field.word("", closed=False) == "" else "; an empty one in Salesforce is no opinion"
        return f"the same text{empty}"
    said = [
        (value, field.word(value, closed=closed), field.kind(value, closed=closed))
        for value, closed in samples
    ]
    words = [f"{word} = {value}" for value, word, _ in said if word is not None]
    silent = [f"{value}: no opinion, of kind {kind}" for value, word, kind in said if word is None]
    return "; ".join([*words, *silent])


def _limits() -> str:
    return _table(
        ("what", "how much"),
        [
            ("a name", f"{SUBJECT_LENGTH} characters"),
            ("details", f"{DETAILS_LENGTH:,} characters"),
            ("the subject template, unless told otherwise", f"`{DEFAULT_TEMPLATE}`"),
            (
                "a Task comes in when sync is switched on if it was made or changed in the last",
                _time(IMPORT_WINDOW),
            ),
            ("deletions taken over when sync is switched on again", _time(DELETION_WINDOW)),
            (
                "deletions in Salesforce that are held until a person says so",
                f"more than {MANY_DELETIONS} and more than {LARGE_SHARE:.0%} of all links, at once",
            ),
            ("a poll begins before the last one began", _time(OVERLAP)),
            ("a delete made here waits for Undo", _time(UNDO_HOLD)),
            ("a version is not written upon if it was read within", _time(SAME_SECOND)),
            ("an unanswered write may still land for", _time(DOUBT)),
        ],
    )


def _time(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % size == 0 and seconds > size:
            return f"{seconds // size} {unit}s"
    return "24 hours" if seconds == 86_400 else f"{seconds} seconds"


def _merged(
    fields: FieldMap, name: str, a: str, s: str, ours: Sequence[str], theirs: Iterable[tuple[str, bool]]
) -> str:
    """What a merge does to one field, by what each side says now."""
    rows = [
        (f"**{value}**", *(_told(name, _merge_one(fields, name, a, s, mine, value, closed)) for mine in ours))
        for value, closed in theirs
    ]
    return _table((f"base: {a} · {s}", *(f"here: **{mine}**" for mine in ours)), rows)


def _merge_one(fields: FieldMap, name: str, a: str, s: str, mine: str, value: str, closed: bool) -> Merged:
    here = {"name": "n", "status": "open", "priority": "normal", "due": "", "details": ""}
    there = {**here, "status": "Not Started", "priority": "Normal"}
    if name != "name":  # beside a one-way template the other fields do not matter, and the other way round
        there["name"] = here["name"]
    base = Base({**here, name: a}, {**there, name: s})
    seen = Version({**there, name: value}, closed)
    return merge(fields, Ours(1, {**here, name: mine}, 1), seen, base, frozenset())


def _told(name: str, merged: Merged) -> str:
    parts = []
    if name in merged.here:
        parts.append(f"write “{merged.here[name]}” here")
    if name in merged.there.sf:
        parts.append(f"send “{merged.there.sf[name]}”")
    parts += [f"log {_whose(lost.side)} “{lost.value}”" for lost in merged.lost]
    return ", ".join(parts) or ("agreed, no write" if merged.moves_here else "nothing")


def _whose(side: str) -> str:
    return "our" if side == "tandem" else "their"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
