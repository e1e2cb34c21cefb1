"""Workers that are watched: what each uses of processor and memory, and what becomes of them when they are killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.processes import environment

TICKS = os.sysconf("SC_CLK_TCK")


class Watched:
    """`tandem worker` processes, started again when they are killed, as an operator's supervisor does."""

    def __init__(self, count: int, threads: int) -> None:
        self._count = count
        self._command = [sys.executable, "-m", "tandem", "worker", "--threads", str(threads)]
        self._running: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()
        self._watching = threading.Event()
        self._cpu: dict[int, float] = {}
        self._before: dict[int, float] = {}
        self._peak = 0.0
        self._began = 0.0
        self.killed = 0

    def start(self) -> None:
        self._running = [self._one() for _ in range(self._count)]
        threading.Thread(target=self._watch, daemon=True).start()

    def begin(self) -> None:
        """What was used until now does not count."""
        with self._lock:
            self._look()
            self._before = dict(self._cpu)
            self._began = time.time()

    def kill_every(self, seconds: int, stopping: threading.Event, seed: int) -> None:
        """`kill -9` one of them now and then, and start another at once. 0: never."""
        draw = random.Random(seed)
        while seconds and not stopping.wait(seconds):
            with self._lock:
                place = draw.randrange(len(self._running))
                self._look()
                self._running[place].kill()
                self._running[place].wait()
                self._running[place] = self._one()
                self.killed += 1

    def used(self) -> dict[str, Any]:
        """Processor seconds a second and megabytes, for each worker on average and at most."""
        with self._lock:
            self._look()
            seconds = time.time() - self._began
            spent = sum(self._cpu.values()) - sum(self._before.values())
        return {
            "seconds": seconds,
            "cores_per_worker": spent / seconds / self._count,
            "peak_mb": self._peak,
        }

    def end(self) -> None:
        self._watching.set()
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()

    def _one(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=environment(), stdout=subprocess.DEVNULL)

    def _watch(self) -> None:
        while not self._watching.wait(1.0):
            with self._lock:
                self._look()

    def _look(self) -> None:
        for process in self._running:
            stat = Path(f"/proc/{process.pid}/stat")
            try:
                words = stat.read_text().rsplit(")", 1)[1].split()
                status = Path(f"/proc/{process.pid}/status").read_text()
            except (FileNotFoundError, ProcessLookupError, IndexError):
                continue
            self._cpu[process.pid] = (int(words[11]) + int(words[12])) / TICKS
            resident = next(
                (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")), "0"
            )
            self._peak = max(self._peak, int(resident) / 1024)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and the most, in seconds; how many there were."""
    if not values:
        return {"count": 0}
    ordered = sorted(values)
    at = {f"p{p}": ordered[min(len(ordered) - 1, len(ordered) * p // 100)] for p in (50, 95, 99)}
    return {"count": len(ordered), **at, "most": ordered[-1]}
