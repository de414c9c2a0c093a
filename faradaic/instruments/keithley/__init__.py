"""Drivers of Keithley source-measure units."""
