"""The preparative cell: its numbers as arrays, the kernels that move them, and its books."""
