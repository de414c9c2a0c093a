"""Readers of what the codes write about a constrained run and about the potential in the cell."""
