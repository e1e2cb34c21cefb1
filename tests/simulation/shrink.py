"""What is the shortest tape on which the same promise is broken?

Drop chunks of choices, then make single choices calmer; keep whatever still breaks the same invariant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Breaks = Callable[[Sequence[int]], str | None]
"""A tape -> the invariant that breaks on it, or None."""


def shrink(tape: Sequence[int], breaks: Breaks, *, most_tries: int = 4_000) -> list[int]:
    """A shorter, calmer tape that breaks what this one breaks."""
    wanted = breaks(tape)
    if wanted is None:
        raise ValueError("nothing breaks on this tape")
    best = list(tape)
    tries = 0

    def better(candidate: list[int]) -> bool:
        nonlocal best, tries
        tries += 1
        if tries > most_tries or breaks(candidate) != wanted:
            return False
        best = candidate
        return True

    improved = True
    while improved and tries < most_tries:
        improved = False
        size = max(len(best) // 2, 1)
        while size:
            place = 0
            while place < len(best) and tries < most_tries:
                if better(best[:place] + best[place + size :]):
                    improved = True
                else:
                    place += size
            size //= 2
        for place in range(len(best)):
            for calmer in (0, best[place] // 2, best[place] - 1):
                if 0 <= calmer < best[place] and better([*best[:place], calmer, *best[place + 1 :]]):
                    improved = True
                    break
    return best
