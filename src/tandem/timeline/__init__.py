"""What happened to one task, here and in Salesforce, and which version holds where both sides changed it."""
