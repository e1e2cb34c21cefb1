"""The calls of sales: with whom, when, what came of it."""
