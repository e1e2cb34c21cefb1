"""The tour: edits on both sides, each shown as it arrives, with what it cost. Every line is checked, not recited."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from orgbox.server import RunningOrg
from tandem import clock
from tandem.accounts.models import Member
from tandem.accounts.services import create_member, sign_in_token
from tandem.config import wiring
from tandem.connections import services as connections
from tandem.connections.models import Connection
from tandem.demo.lifelike import ZONE, Rep
from tandem.demo.screen import Screen
from tandem.reminders import services as reminders
from tandem.reminders.days import Days, days
from tandem.reminders.models import Reminder
from tandem.reminders.values import checked
from tandem.sync import services
from tandem.sync.models import Conflict, Link, TaskSync
from tandem.sync.round import Report
from tandem.sync.told import previewed

# A version is not written upon within its own second (docs/engine.md §1, sentence 4); the tour steps over it.
_A_MOMENT = 2.2


class Tour:
    """One walk through the rules, over an org that really answers by HTTP."""

    def __init__(self, running: RunningOrg, reps: Sequence[Rep], screen: Screen) -> None:
        self.url = running.url
        self._running = running
        self._reps = reps
        self._screen = screen
        self._connections: dict[str, Connection] = {}
        self._good = True
        self._calls = 0

    def open(self) -> None:
        """Connect the members, look first, switch on, import."""
        screen = self._screen
        screen.title("Tandem: a task, there and back")
        screen.line(
            f"A Salesforce org in a box answers at {self.url}: 3 reps, 40 contacts and leads, 8 opportunities, 60 tasks."
        )
        app = self._running.app.state.oauth.app
        for rep in self._reps:
            member = create_member(email=rep.email, name=f"{rep.first} {rep.last}", time_zone=ZONE.key)
            token = self._running.call(partial(self._running.app.state.oauth.authorise, rep.user))
            self._connections[rep.first] = connections.connect(
                member, self.url, app.client_id, app.client_secret, token
            )
        anna = self._connections["Anna"]
        connections.read_for_team(anna)
        org = Connection.objects.select_related("org").get(pk=anna.pk).org
        mode = "a unique key (mode A)" if org.key_is_unique else "a plain key (mode B)"
        screen.line(f"Connected {len(self._reps)} members. Tasks are created with {mode}: {org.key_field}.")
        reminders.create(self._member("Anna").pk, checked(name="Made before sync: stays in Tandem (FS-2)"))

        screen.title("What would happen (nothing has moved yet)")
        for first, connection in self._connections.items():
            screen.line(f"  {first:6} {previewed(wiring.preview_for([connection]))}")

        screen.title("Switching on: the first sync")
        for connection in self._connections.values():
            services.switch_on(connection)
        report = self._first_round()
        self._calls += report.calls
        near = self._days()
        today = Reminder.objects.filter(
            due__in=(near.today, near.tomorrow), deleted_at=None, status="open"
        ).count()
        screen.line(
            f"Imported {report.imported} tasks in {report.calls} API calls; {today} of them are due today or tomorrow. "
            f"Sent: {report.created}."
        )
        self._good &= report.imported > 0 and report.created == 0

    def walk(self) -> bool:
        """All steps; True when each arrived and both sides end in step."""
        self._screen.title("Edits on both sides")
        self._made_here()
        self._made_there()
        self._edited_on_both_sides()
        self._in_conflict()
        self._richer_word()
        self._completed_and_deleted()
        self._answer_lost()
        self._many()
        return self._in_step()

    def sign_in_links(self) -> list[tuple[str, str]]:
        """(first name, sign-in token) of each member."""
        return [(first, sign_in_token(self._member(first))) for first in self._connections]

    def look(self) -> None:
        """Let the next round begin now, so that edits made in the org arrive in seconds."""
        from tandem import jobs

        jobs.wake("org-changed", self._connections["Anna"].org_id)

    # --- the steps ---

    def _made_here(self) -> None:
        task = reminders.create(
            self._member("Anna").pk,
            checked(name="Send Mara the proposal", due=self._days().today, priority="high"),
        )
        self._shown(
            "Anna makes a task in Tandem",
            lambda: (
                (self._task(task)["Subject"], self._task(task)["Priority"])
                == ("Send Mara the proposal", "High")
            ),
            "it is in Salesforce, hers, High",
        )

    def _made_there(self) -> None:
        ben = self._connections["Ben"]
        sf_id = self._running.call(
            lambda: self._running.org.insert("Task", {"Subject": "Call the notary", "OwnerId": ben.user})
        )
        self._shown(
            "Ben makes a task in Salesforce",
            lambda: self._twin(sf_id).owner_id == ben.member_id,
            "it is in his Command Center",
        )

    def _edited_on_both_sides(self) -> None:
        task = self._pair("Edited on both sides")
        reminders.edit(self._member("Anna").pk, task.pk, {"due": self._days().today + timedelta(days=3)})
        self._change(task, Description="The client prefers mornings.")
        time.sleep(_A_MOMENT)

        def both() -> bool:
            task.refresh_from_db()
            return (
                task.details == "The client prefers mornings."
                and self._task(task)["ActivityDate"] == task.due
            )

        self._shown("Date changed here, details changed there", both, "both changes are on both sides")

    def _in_conflict(self) -> None:
        task = self._pair("In conflict")
        reminders.edit(self._member("Anna").pk, task.pk, {"details": "Anna's words"})
        self._change(task, Description="Salesforce's words")
        time.sleep(_A_MOMENT)

        def kept() -> bool:
            task.refresh_from_db()
            lost = Conflict.objects.filter(
                link__reminder=task, value="Anna's words", won="Salesforce's words"
            )
            return task.details == "Salesforce's words" and lost.exists()

        self._shown(
            "The same field changed on both sides",
            kept,
            "Salesforce's value stands, Anna's is kept in the log",
        )

    def _richer_word(self) -> None:
        task = self._pair("With a richer word")
        self._change(task, Status="Waiting on someone else", Priority="Low")
        time.sleep(_A_MOMENT)
        self._rounds()
        reminders.edit(self._member("Anna").pk, task.pk, {"details": "An unrelated edit"})

        def survives() -> bool:
            there = self._task(task)
            return (there["Status"], there["Priority"], there["Description"]) == (
                "Waiting on someone else",
                "Low",
                "An unrelated edit",
            )

        self._shown(
            "Waiting and Low in Salesforce, details edited here",
            survives,
            "the edit arrives, both words survive",
        )

    def _completed_and_deleted(self) -> None:
        done, gone = self._pair("Completed there"), self._pair("Deleted here")
        self._change(done, Status="Completed")
        self._shown(
            "Completed in Salesforce", lambda: Reminder.objects.get(pk=done.pk).status == "done", "done here"
        )
        reminders.delete(self._member("Anna").pk, gone.pk)
        self._shown(
            "Deleted here (sent once Undo is over, ten seconds)",
            lambda: bool(self._task(gone)["IsDeleted"]),
            "in Salesforce's recycle bin",
        )

    def _answer_lost(self) -> None:
        faults = self._running.app.state.faults
        self._running.call(lambda: faults.add("reset_after_commit", path="composite"))
        reminders.create(self._member("Anna").pk, checked(name="Its answer gets lost"))

        def once() -> bool:
            found = self._running.call(
                lambda: [t for t in self._running.org.scan("Task") if t["Subject"] == "Its answer gets lost"]
            )
            return len(found) == 1 and Link.objects.filter(sf_id=found[0]["Id"]).exists()

        self._shown(
            "The connection breaks after Salesforce stored a task", once, "it is there once, and linked"
        )

    def _many(self) -> None:
        anna = self._member("Anna").pk
        made = [reminders.create(anna, checked(name=f"One of two hundred: {n}")) for n in range(200)]
        self._shown(
            "200 tasks made here", lambda: self._count("One of two hundred") == 200, "200 in Salesforce"
        )
        time.sleep(_A_MOMENT)
        for task in made:
            reminders.edit(anna, task.pk, {"priority": "high"})
        self._shown(
            "All 200 edited here",
            lambda: self._count("One of two hundred", Priority="High") == 200,
            "all 200 edited in Salesforce",
        )

    def _in_step(self) -> bool:
        report = self._rounds()
        idle = wiring.run(self._connections["Anna"].org_id) or report
        links = Link.objects.filter(closed=None, sf_id__isnull=False).count()
        same = self._same_on_both_sides()
        self._good &= idle.wrote == 0 and same
        self._screen.title("In step" if self._good else "Not in step")
        self._screen.line(
            f"{links} pairs in step · the whole tour cost {self._calls} API calls · an idle round costs {idle.calls} "
            f"and writes {idle.wrote}"
        )
        if self._good:
            self._screen.line("Tandem and Salesforce are in step.")
        return self._good

    # --- how ---

    def _shown(self, what: str, arrived: Callable[[], bool], words: str) -> None:
        report = self._rounds()
        good = arrived()
        self._good &= good
        self._screen.step(what, words if good else "it did NOT arrive", report.calls, good=good)

    def _rounds(self) -> Report:
        """Rounds until nothing waits; the sum of their calls."""
        org, calls = self._connections["Anna"].org_id, 0
        for _ in range(40):
            report = wiring.run(org)
            if report is not None:
                calls += report.calls
                if report.next_due is None and not report.trouble_code:
                    report.calls = calls
                    self._calls += calls
                    return report
                due = report.next_due or clock.now() + timedelta(seconds=1)
                time.sleep(max(0.05, (due - clock.now()).total_seconds()))
        raise RuntimeError("The demo's org does not come to rest.")

    def _first_round(self) -> Report:
        """The first round on a thread, with its progress on the screen."""
        org = self._connections["Anna"].org_id
        reports: list[Report] = []

        def work() -> None:
            from django.db import connection

            try:
                report = wiring.run(org)
                if report is not None:
                    reports.append(report)
            finally:
                connection.close()

        worker = threading.Thread(target=work)
        worker.start()
        self._screen.bar("Importing", _progress, lambda: _ended(worker))
        return reports[0]

    def _pair(self, name: str) -> Reminder:
        """A Reminder of Anna's and its Task, in step and a moment old."""
        task = reminders.create(self._member("Anna").pk, checked(name=name))
        self._rounds()
        time.sleep(_A_MOMENT)
        return task

    def _same_on_both_sides(self) -> bool:
        for link in Link.objects.filter(closed=None, sf_id__isnull=False).select_related("reminder"):
            there = self._running.call(partial(self._running.org.get, "Task", link.sf_id or ""))
            here = link.reminder
            if here is None or (here.name, here.due, here.details) != (
                there["Subject"],
                there["ActivityDate"],
                there["Description"] or "",
            ):
                return False
        return True

    def _count(self, start: str, **where: str) -> int:
        return self._running.call(
            lambda: sum(
                str(task["Subject"]).startswith(start) and all(task[k] == v for k, v in where.items())
                for task in self._running.org.scan("Task")
            )
        )

    def _task(self, reminder: Reminder) -> Any:
        sf_id = Link.objects.get(reminder=reminder).sf_id or ""
        return self._running.call(lambda: self._running.org.get("Task", sf_id, deleted=True))

    def _twin(self, sf_id: str) -> Reminder:
        return Reminder.objects.get(link__sf_id=sf_id)

    def _change(self, reminder: Reminder, **values: object) -> None:
        sf_id = Link.objects.get(reminder=reminder).sf_id or ""
        self._running.call(lambda: self._running.org.update("Task", sf_id, values))

    def _member(self, first: str) -> Member:
        return self._connections[first].member

    @staticmethod
    def _days() -> Days:
        """Today and tomorrow as the reps have them, wherever this machine stands."""
        return days(ZONE.key, clock.now())


def _progress() -> tuple[int, int | None]:
    rows = TaskSync.objects.values_list("import_done", "import_total")
    done = max((reached for reached, _ in rows), default=0)
    return done, max((total for _, total in rows if total is not None), default=None)


def _ended(worker: threading.Thread) -> bool:
    worker.join(timeout=0.1)
    return not worker.is_alive()
