"""Steps of the potential or of the current, and rest: what a signal over time tells."""
