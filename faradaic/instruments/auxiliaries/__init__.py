"""Drivers of what stands around the cell; each speaks the protocol of its maker's manual."""
