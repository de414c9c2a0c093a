"""Diffusion to an electrode without a grid: the semi-integral as a sum of exponentials."""
