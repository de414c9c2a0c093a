"""Emulators of bench supplies that do not speak SCPI: their makers' bytes, one output behind."""
