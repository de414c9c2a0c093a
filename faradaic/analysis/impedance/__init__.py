"""Impedance spectra: their consistency, circuits fitted to them, and the ohmic resistance.

Z = Z' + j Z'' with Z'' negative for a capacitive cell; a Nyquist plot shows -Z'' upwards.
"""
