"""Finite differences in one dimension, for any mechanism: the general voltammetric engine."""
