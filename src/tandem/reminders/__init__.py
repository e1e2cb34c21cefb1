"""Reminders, which people see as tasks: what they are, who may change them, and the pages that show them."""
