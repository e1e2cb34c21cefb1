"""The HTTP API: what other tools may tell Tandem, and ask of it."""
