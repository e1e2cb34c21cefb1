"""Is Email to Salesforce set up for a member, and what did Salesforce make of the copies that went there?"""
