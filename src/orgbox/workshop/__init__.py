"""Pages behind the org's back, below /orgbox: look at records and change them, see the traffic, make trouble, move the clock."""
