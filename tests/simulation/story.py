"""What happened in this history? A tape told as a story, from the swarm it drew to the promise it broke.

python -m tests.simulation.story 4105               tell a seed
python -m tests.simulation.story 4105 --shrink      tell its shortest form
python -m tests.simulation.story 4105 --save        keep that form among the tapes that replay for ever
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from tests.simulation.promises import Violation
from tests.simulation.shrink import shrink
from tests.simulation.tape import EDITION, Tape, recorded, seeded
from tests.simulation.world import World

_QUIET = ("Report()", "no rows", "answers no rows", "ids=[]")
FOUND = Path(__file__).parent / "found"


def broken(world: World) -> tuple[str, str] | None:
    """Run a history: (invariant, what broke), or None. An exception of the engine counts as broken, too."""
    try:
        world.run()
    except Violation as violation:
        return violation.invariant, str(violation)
    except Exception as error:
        return type(error).__name__, "".join(traceback.format_exception(error)[-6:])
    return None


def save(seed: int, invariant: str, tape: Sequence[int]) -> Path:
    """Keep a tape among those that replay for ever."""
    path = FOUND / f"{invariant}-{seed}.json"
    told = {"seed": seed, "invariant": invariant, "edition": EDITION, "tape": list(tape)}
    path.write_text(json.dumps(told) + "\n")
    return path


def found_tape(path: Path) -> Tape:
    """A tape that was saved."""
    told = json.loads(path.read_text())
    return recorded(told["tape"], told["edition"])


def breaks(tape: Sequence[int]) -> str | None:
    """Which invariant breaks on this tape."""
    found = broken(World(recorded(tape)))
    return found[0] if found else None


def tell(tape: Tape, *, ports: bool = False) -> str:
    """The whole story of a tape; with every port call of the workers, or only with what came of them."""
    told: list[str] = []
    found = broken(World(tape, told=told))
    ending = found[1] if found else "every promise was kept"
    lines = told if ports else [line for line in told if "   " not in line and not line.endswith(_QUIET)]
    return "\n".join([*lines, "", ending])


def main(arguments: Sequence[str]) -> None:
    """The command above."""
    seed = int(arguments[0])
    tape = seeded(seed)
    if "--shrink" in arguments or "--save" in arguments:
        found = broken(World(tape))
        if found is None:
            print("every promise was kept")
            return
        short = shrink(tape.taken, breaks)
        print(f"seed {seed}: {len(tape.taken)} choices -> {len(short)}")
        if "--save" in arguments:
            print(f"saved as {save(seed, found[0], short).name}")
        tape = recorded(short)
    print(tell(tape, ports="--ports" in arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
