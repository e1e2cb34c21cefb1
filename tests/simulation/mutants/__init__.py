"""Would the harness notice? Each mutant removes one guard of the production engine; each has to break a promise."""

from tests.simulation.mutants import deciding, logging, nights, reading, since, writing
from tests.simulation.mutants.mutant import MUTANTS, Mutant, first_kill

__all__ = ["MUTANTS", "Mutant", "deciding", "first_kill", "logging", "nights", "reading", "since", "writing"]
