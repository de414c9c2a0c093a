"""Runs beside each other: what differs in how they were done, and in what came out."""
