"""How few rows may a call or a transaction take? A world of six tasks has to have calls of its own size, to need several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from tandem.sync import (
    activity_batches,
    activity_log,
    activity_match,
    activity_send,
    audit,
    inbound,
    opt_outs,
    outbound,
    removal,
    resolve,
    sweep,
)

# The names under which each module of the engine has the sizes of ports.py and round.py, and its own.
_FEW: Mapping[Any, Mapping[str, Any]] = {
    inbound: {"CHUNK": 2, "READ_IDS": 2},
    outbound: {"CHUNK": 2, "INSERTS": 3, "_SIZES": {"delete": 1, "create": 2, "update": 1}},
    resolve: {"CHUNK": 2, "INSERTS": 2, "DELETES": 2},
    removal: {"CHUNK": 2},
    sweep: {"DELETES": 2},
    audit: {"CHUNK": 1, "INSERTS": 2, "READ_IDS": 2},
    activity_log: {"_CHUNK": 2, "_MOST_NAMES": 2},
    activity_match: {"_MOST_NAMES": 2, "QUESTIONS": 2},
    activity_send: {"AMENDS": 1, "COLLECTIONS": 2, "LOOKS": 2, "ROWS": 1},
    activity_batches: {"COLLECTIONS": 2, "ROWS": 1, "_MOST_BYTES": 40},
    opt_outs: {"CHUNK": 2},
}


@contextmanager
def few_rows() -> Iterator[None]:
    """While a history runs in which no call and no transaction takes more."""
    with ExitStack() as stack:
        for module, sizes in _FEW.items():
            stack.enter_context(patch.multiple(module, **sizes))
        yield
