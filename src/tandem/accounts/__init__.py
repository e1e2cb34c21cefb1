"""Who works with Tandem: members, their roles, how they sign in, their time zone and language."""
