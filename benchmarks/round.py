"""One round of an org in a process of its own: how long, how much of a processor, how much memory?   python -m benchmarks.round ORG"""

from __future__ import annotations

import json
import resource
import sys
import time

from benchmarks import stage  # noqa: F401  first: it sets Django up
from tandem.config import wiring


def main() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    report = wiring.run(int(sys.argv[1]))
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    calls = report.calls if report is not None else None
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": after.ru_maxrss / 1024, "calls": calls}))


if __name__ == "__main__":
    main()
