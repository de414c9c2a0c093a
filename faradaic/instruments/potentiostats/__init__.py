"""Potentiostats that are asked for each reading."""
