"""Seeded histories of two people who disagree, a network that fails, and processes that die, over the real engine."""
