"""Bench supplies that speak lines of text: one driver, and a profile for each family."""
