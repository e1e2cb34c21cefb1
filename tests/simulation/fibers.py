"""How does the simulation run the engine one step at a time? As a fiber that pauses at every port call.

The engine is plain blocking Python. A fiber runs it until its next pause; there the scheduler may do something else
first, or let the process die where it stands. Greenlets are fast; threads that pass a baton show that the histories do
not depend on greenlets.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Semaphore, Thread
from typing import Protocol

from greenlet import getcurrent, greenlet


class Crash(BaseException):
    """The process dies here: nothing after this line happens, `finally` blocks included (their port calls die too)."""


class Fiber(Protocol):
    """One process that runs engine code."""

    name: str
    at: str
    done: bool

    def step(self) -> None:
        """Run to the next pause, or to the end."""
        ...

    def crash(self) -> None:
        """Let it die at the pause where it stands."""
        ...

    def doom(self) -> None:
        """Called from inside: every further port call of this process dies."""
        ...

    def pause(self, label: str) -> None:
        """Called by the ports from inside: wait here until stepped again."""
        ...


FiberKind = Callable[[str, Callable[[], None]], Fiber]


class GreenletFiber:
    """A fiber on a greenlet."""

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        self.name = name
        self.at = "start"
        self.done = False
        self._dead = False
        self._run = run
        self._greenlet = greenlet(self._body)
        # Where an event loop runs in this thread, as Playwright's does after a browser test, Django keeps its
        # connections by context: each fiber would have one of its own, and that the wrong one.
        self._greenlet.gr_context = getcurrent().gr_context

    def _body(self) -> None:
        try:
            self._run()
        except Crash:
            pass
        finally:
            self.done = True

    def step(self) -> None:
        self._greenlet.switch()

    def crash(self) -> None:
        self._dead = True
        if self.at == "start":
            self.done = True
            return
        self._greenlet.switch()

    def doom(self) -> None:
        self._dead = True

    def pause(self, label: str) -> None:
        if not self._dead:
            self.at = label
            self._greenlet.parent.switch()
        if self._dead:
            raise Crash


class ThreadFiber:
    """A fiber on a thread that holds a baton while it runs: slow, and without any dependency."""

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        self.name = name
        self.at = "start"
        self.done = False
        self._dead = False
        self._run = run
        self._mine = Semaphore(0)
        self._theirs = Semaphore(0)
        self._failure: BaseException | None = None
        self._thread: Thread | None = None

    def _body(self) -> None:
        self._mine.acquire()
        try:
            self._run()
        except Crash:
            pass
        except BaseException as failure:
            self._failure = failure
        finally:
            self.done = True
            self._theirs.release()

    def step(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._body, daemon=True)
            self._thread.start()
        self._mine.release()
        self._theirs.acquire()
        if self._failure is not None:
            raise self._failure

    def crash(self) -> None:
        self._dead = True
        if self._thread is None:
            self.done = True
            return
        self.step()

    def doom(self) -> None:
        self._dead = True

    def pause(self, label: str) -> None:
        if not self._dead:
            self.at = label
            self._theirs.release()
            self._mine.acquire()
        if self._dead:
            raise Crash
