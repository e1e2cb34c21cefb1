"""Which seed does this run draw its chances from? A fresh one, unless SEED names the one to play again."""

from __future__ import annotations

import os
import random


def seed() -> int:
    """SEED of the environment, else a new one; whoever asks prints it, so that a failure can be played again."""
    given = os.environ.get("SEED")
    return int(given) if given else random.SystemRandom().randrange(1_000_000)
