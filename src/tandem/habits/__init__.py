"""How a member likes their pages: keys, columns, searches that are kept."""
