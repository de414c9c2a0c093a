"""Instruments that only their maker's library reaches, each library in a process of its own."""
