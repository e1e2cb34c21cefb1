"""What can go wrong in a history, by name, and how much of it this history has.

Each history draws its own mixture first (a swarm: a history in which everything fails at once reaches less than many in
which a few things do), and prints it with its story.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tandem.sync.fields import DEFAULT_TEMPLATE
from tests.simulation.tape import Tape

# What may happen to a call: the engine hears nothing, or something else than what was done.
CALLS: dict[str, str] = {
    "lost before": "the connection breaks before Salesforce has the request",
    "lost after": "Salesforce commits, then the connection breaks",
    "5xx before": "Salesforce answers 503 and has done nothing",
    "5xx after": "Salesforce commits, then answers 500",
    "late landing": "we give up, and the request is carried out up to 590 s later",
    "slow landing": "we give up; the request was stamped at once and is committed up to 590 s later",
    "unsent": "no connection can be opened",
    "sign-in refused": "401, also after a renewal: the member must connect again",
    "limit reached": "no API calls are left",
    "row lock": "UNABLE_TO_LOCK_ROW for the whole call",
    "read-only org": "the org is being maintained and refuses every write",
    "partial answer": "rows of one call are done, refused or not spoken of, each by itself",
    "read-back failed": "the writes are answered, their read-back is not",
    "session ends": "some rows of a call are done, then the session is over: 401 for the rest of the round",
}
READS = (
    "lost before",
    "5xx before",
    "unsent",
    "sign-in refused",
    "limit reached",
    "lost after",
    "session ends",
    "error of our own",
)

# What may happen to processes and clocks.
MACHINES: dict[str, str] = {
    "crash": "a process dies at a port call",
    "crash at commit": "a process dies in a transaction, which is rolled back",
    "two workers": "a second process runs rounds of the same org",
    "long pause": "a process stands still beyond its lease, then goes on",
    "clock skew": "our clock is up to 240 s before or behind Salesforce's",
    "worker skew": "the second process' clock differs from the first's by up to 5 s",
    "late Date header": "an answer is dated a second later than what it shows",
    "small pages": "a poll takes several pages, and people write between them",
    "error of our own": "our own code breaks in the middle of one member's part of a round",
    "gap in a call": "people write between a call's writes and its read-back",
}

# What people and automation in Salesforce may do beside creating, editing and deleting tasks.
THERE: dict[str, str] = {
    "slow transaction": "a change is stamped now and shows up to 590 s later; its rows are locked meanwhile",
    "un-delete": "a task comes back from the recycle bin",
    "bin emptied": "deleted tasks vanish for ever",
    "parent deleted": "a contact is deleted, or restored, and its tasks go along",
    "lead converted": "a lead becomes a contact; its tasks move and are stamped anew",
    "archived": "old closed tasks are put away",
    "rewriting trigger": "automation changes the text that we have just written",
    "refusing rule": "a validation rule refuses some values",
    "lost sharing": "a task is hidden from us for a while",
    "reassigned": "a task gets another owner",
    "mass deletion": "most tasks are deleted at once",
    "copied": "a task is copied, with our key where Salesforce lets a copy have it, and perhaps edited",
    "hasty user": "somebody edits or deletes a task in the moment in which our late create brings it",
    "question refused": "Salesforce refuses one question of those that look for an email's people",
    "field refused": "a custom field of a logged email may not be written",
}

# What people in Tandem may set beside working on their tasks.
HERE: dict[str, str] = {
    "switched off": "a member switches task sync off, and on again a moment or weeks later",
    "paused": "a member lets task sync rest for a while",
    "template changed": "an admin changes the subject template",
    "away": "nobody and nothing works for 16 days: longer than deletions are remembered",
    "second thoughts": "a member changes the same fields again while their update is on its way",
    "nightly check": "every open link is read by id",
    "calls run short": "only members' edits go out, or nothing at all, until there are calls again",
}

# What is so for a whole history, and does not strike at a moment.
LASTING = (
    "two workers",
    "clock skew",
    "worker skew",
    "late Date header",
    "small pages",
    "gap in a call",
)

FAULTS: dict[str, str] = {**CALLS, **MACHINES, **THERE, **HERE}
# With which edition of the workload (tape.EDITION) a fault came, where that was not the first.
_SINCE = {
    **dict.fromkeys(("session ends", "copied", "hasty user", *HERE), 2),
    **dict.fromkeys(("question refused", "field refused", "second thoughts", "error of our own"), 3),
    **dict.fromkeys(("nightly check", "calls run short"), 4),
}
# Subject templates; the first is the default, under which alone the name travels both ways (P3).
SUBJECT_TOKEN = "{{activity_subject}}"
TEMPLATES = (DEFAULT_TEMPLATE, f"[Tandem] {SUBJECT_TOKEN}", "Sales task {{nothing}}")
# How what they make of a name begins.
RENDERED = ("[Tandem] ", "Sales task")

# An org whose admin has taken away the status that an open reminder is sent as.
WITHOUT_NOT_STARTED = frozenset({"Completed", "In Progress", "Waiting on someone else", "Deferred"})


@dataclass(frozen=True, slots=True)
class Swarm:
    """The mixture of one history. read_rate, write_rate: one call in so many meets a fault; 0 is never.

    logs: emails and calls are logged beside the tasks. statuses: those of the org, where one of ours is missing.
    unsubscribes: they travel, too. small_calls: no call and no transaction takes more than a few rows.
    """

    on: frozenset[str]
    calls: tuple[str, ...]
    reads: tuple[str, ...]
    read_rate: int
    write_rate: int
    mode: Literal["A", "B"]
    members: int
    team_route: bool
    page: int
    skew: int
    worker_skew: int
    steps: int
    template: str = DEFAULT_TEMPLATE
    preview: bool = False
    logs: bool = False
    statuses: frozenset[str] = frozenset()
    unsubscribes: bool = False
    small_calls: bool = False

    def __contains__(self, fault: str) -> bool:
        return fault in self.on

    @property
    def gap(self) -> bool:
        """Whether people may write between a call's writes and its read-back."""
        return "gap in a call" in self.on

    def __str__(self) -> str:
        faults = ", ".join(sorted(self.on)) or "no faults"
        return (
            f"mode {self.mode}, {self.members} member(s), {'team route' if self.team_route else 'own routes'}, "
            f"pages of {self.page}, our clock {self.skew:+} s, {self.steps} steps, subject {self.template!r}"
            f"{', previewed' * self.preview}{', with emails and calls' * self.logs}"
            f"{', no status Not Started' * bool(self.statuses)}"
            f"{', with unsubscribes' * self.unsubscribes}{', small calls' * self.small_calls}; {faults}"
        )


def draw_swarm(tape: Tape) -> Swarm:
    """The mixture that this tape begins with."""
    mode: Literal["A", "B"] = "B" if tape.below(2) else "A"
    density = tape.below(4)  # 0 no faults, 3 many
    on: set[str] = set()
    if density:
        for name in FAULTS:
            since = _SINCE.get(name, 1)
            if since <= tape.edition and tape.below(8) < (0, 2, 3, 5)[density]:
                on.add(name)
    calls = tuple(name for name in CALLS if name in on)
    skew = tape.one_of((0, 240, -240, 3, -37)) if "clock skew" in on else 0
    return Swarm(
        on=frozenset(on),
        calls=calls,
        reads=tuple(name for name in READS if name in on),
        read_rate=tape.one_of((20, 8, 40)) if calls else 0,
        write_rate=tape.one_of((3, 2, 8)) if calls else 0,
        mode=mode,
        members=1 + tape.below(2),
        team_route=bool(tape.below(2)),
        page=1 + tape.below(3) if "small pages" in on else 2_000,
        skew=skew,
        worker_skew=tape.one_of((2, -2, 5, -5)) if "worker skew" in on else 0,
        steps=tape.below(140),
        template=tape.one_of((*TEMPLATES, DEFAULT_TEMPLATE, DEFAULT_TEMPLATE), since=2),
        preview=bool(tape.below(2, since=2)),
        logs=bool(tape.below(2, since=3)),
        statuses=WITHOUT_NOT_STARTED if tape.below(16, since=3) == 15 else frozenset(),
        unsubscribes=tape.below(4, since=4) == 3,
        small_calls=tape.below(4, since=4) == 3,
    )
