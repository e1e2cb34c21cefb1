"""Who knowingly replaced whose value? The graph of every text and date that people wrote.

Every text and date that a person writes is a token nobody wrote before. Writing one over what the person saw puts an
edge into the graph: that value was *knowingly* replaced. Deleting kills the values seen, un-deleting revives them. What
nobody knowingly replaced or killed is a *head*: it must be somebody's final value, or be named among the conflicts.
"""

from __future__ import annotations

from tandem.sync.pair import Values

# The fields that hold tokens; status and priority have too few words for it.
TOKENS = ("name", "due", "details")


class Graph:
    """Who knowingly replaced whose value."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}
        self.replaced: set[str] = set()
        self.chosen_anew: set[str] = (
            set()
        )  # replaced, and brought back with the pair's life: may stand, need not
        self.killed_here: set[str] = set()
        self.killed_there: set[str] = set()

    def wrote(self, seen: str, new: str) -> None:
        """Somebody saw one value and wrote another."""
        if new and new not in self.parent:
            self.parent[new] = seen
            if seen in self.parent:
                self.replaced.add(seen)

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` was written by people who had (in steps) replaced `old`."""
        while new in self.parent:
            new = self.parent[new]
            if new == old:
                return old in self.replaced and old not in self.chosen_anew
        return False

    @property
    def killed(self) -> set[str]:
        """The values that somebody saw and deleted, on either side, and nobody brought back."""
        return (self.killed_here | self.killed_there) & self.parent.keys()

    def heads(self) -> list[str]:
        """The values that nobody knowingly replaced or deleted."""
        killed = self.killed
        return [token for token in self.parent if token not in self.replaced and token not in killed]


def tokens(values: Values) -> list[str]:
    """The tokens among the values of one side."""
    return [values[name] for name in TOKENS if values[name]]
