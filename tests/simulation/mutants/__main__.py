"""Print on what each mutant dies: the table of docs/faults.md. Names narrow it.

python -m tests.simulation.mutants
python -m tests.simulation.mutants M19 "no back-off"
"""

import multiprocessing
import sys

from tests.simulation.mutants import MUTANTS, first_kill


def row(number: int) -> str:
    """One line of the table."""
    mutant = MUTANTS[number]
    where, what = first_kill(mutant) or ("**survives**", "–")
    return f"| {mutant.name} | {mutant.rule} | {mutant.guard} | {mutant.budget:,} | {where} | {what} |"


def main(names: list[str]) -> None:
    """The command above, on all cores."""
    wanted = [number for number, mutant in enumerate(MUTANTS) if not names or mutant.name in names]
    print("| mutant | what goes wrong | the guard it removes | dies within | first kill | breaks |")
    print("|---|---|---|---|---|---|")
    with multiprocessing.get_context("fork").Pool() as pool:
        for line in pool.imap(row, wanted):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
