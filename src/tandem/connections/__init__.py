"""Connections: who may act for whom in which Salesforce org."""
