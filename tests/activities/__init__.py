"""Sentences about emails and calls on their way to Salesforce."""
