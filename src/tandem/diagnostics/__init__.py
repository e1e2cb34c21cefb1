"""Diagnostics: why something is in Salesforce or is not, and what a person can do about it."""
