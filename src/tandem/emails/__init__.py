"""The emails of sales: written here, relayed, told by other tools, or found in a mailbox; one record each."""
