"""An admin looks at a colleague's lists, and the log says so (CC-8)."""
