"""Tandem keeps a sales team's tasks, emails and calls in step with Salesforce."""
