"""Bench supplies at the end of a wire, on a cell."""
