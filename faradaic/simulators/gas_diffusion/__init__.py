"""A gas-diffusion cathode that reduces CO2 to CO, and its cell."""
