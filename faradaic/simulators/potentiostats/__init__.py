"""Potentiostats beside those of PalmSens, at the end of a wire, on a cell."""
