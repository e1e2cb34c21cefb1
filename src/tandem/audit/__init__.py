"""Who changed what that a team relies on: its settings, its Salesforce app, its connections."""
