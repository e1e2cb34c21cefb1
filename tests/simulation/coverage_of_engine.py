"""Which branches of the engine do the histories reach, by themselves?

python -m tests.simulation.coverage_of_engine                 seeds 0 to 9,999 and the saved tapes
python -m tests.simulation.coverage_of_engine HISTORIES=500

Ends with 1 below 95 % of branches; docs/invariants.md says why each branch that is left over is left over.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from coverage import Coverage

# What only Django needs is reached over the Django store; `told` words a report, and what `tally` sums up only pages read.
_LEFT_OUT = (
    "apps",
    "models/*",
    "link_rows",
    "routes",
    "questions",
    "services",
    "store",
    "activity_rows",
    "activity_store",
    "allowance",
    "cures",
    "opt_out_store",
    "versions",
    "told",
    "tally",
    "beginning",
    "orgs",
    "story",
    "ties",
    "migrations/*",
    "templatetags/*",
)
ENOUGH = 95.0


def main(arguments: Sequence[str]) -> int:
    """The command above."""
    given = dict(argument.split("=", 1) for argument in arguments)
    measured = Coverage(
        data_file=None,
        branch=True,
        concurrency=["greenlet"],
        source=["tandem.sync"],
        omit=[f"*/tandem/sync/{name}{'' if '*' in name else '.py'}" for name in _LEFT_OUT],
    )
    measured.start()
    # Only now: what a module does while it is imported counts, too.
    from tests.simulation.simulate import tally
    from tests.simulation.story import FOUND, broken, found_tape
    from tests.simulation.world import World

    found = tally(range(int(given.get("HISTORIES", "10000")))).broken
    for path in sorted(FOUND.glob("*.json")):
        broken(World(found_tape(path)))
    measured.stop()
    measured.report(show_missing=True, skip_covered=False)
    with TemporaryDirectory() as folder:
        measured.json_report(outfile=f"{folder}/coverage.json")
        totals = json.loads(Path(folder, "coverage.json").read_text())["totals"]
    share = 100 * totals["covered_branches"] / totals["num_branches"]
    print(f"{totals['covered_branches']} of {totals['num_branches']} branches: {share:.1f} %")
    for seed, invariant, what in found:
        print(f"seed {seed} broke {invariant}: {what}")
    return 0 if share >= ENOUGH and not found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
