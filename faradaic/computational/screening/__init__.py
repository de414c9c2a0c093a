"""Stability screening: from a pool of cations to energies above the hull."""
