"""Many rows at once, later: the jobs behind Bulk API 1 and 2 (docs/salesforce.md §3). Knows nothing of HTTP."""
