"""What goes wrong in a cell, seen in its readings alone: streaming detectors D01 to D23.

Plain floats in, `Diagnosis` out: no clock, no disk, no instrument, constant memory. A run feeds its
readings as they come (`runner/diagnosing.py`), a file its rows (`studies/run/diagnosed_file.py`).
"""
