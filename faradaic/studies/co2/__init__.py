"""A study of CO2 reduction at gas-diffusion electrodes."""
