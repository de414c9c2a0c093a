"""Keithley source-measure units, as they answer on the wire."""
