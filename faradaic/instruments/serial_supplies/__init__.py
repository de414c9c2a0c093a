"""Drivers of bench supplies that do not speak SCPI."""
