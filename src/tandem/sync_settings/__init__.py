"""The seed's page: what of a team's work goes to Salesforce, who decided it, and when."""
