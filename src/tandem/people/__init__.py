"""Who are the people we sell to, and which records in Salesforce are they?"""
