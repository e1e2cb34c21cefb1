"""What every page shares: the frame, the look, the keys, the error pages."""
