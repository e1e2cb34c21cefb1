"""The heart: keeps Reminders and Salesforce Tasks in step, and loses and doubles nothing."""
