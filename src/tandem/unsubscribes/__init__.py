"""Unsubscribes: who wants no emails, and how Salesforce hears of it and says so."""
