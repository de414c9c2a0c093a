"""Doing it: the engine, the device host, limits and the bench configuration."""
