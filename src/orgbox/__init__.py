"""A Salesforce org in a box: stands alone, imports nothing of Tandem."""
