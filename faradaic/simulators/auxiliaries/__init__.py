"""Emulators of what stands around the cell: their makers' words, one world behind them."""
