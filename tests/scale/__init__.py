"""PostgreSQL, real processes, real HTTP, and `kill -9`."""
