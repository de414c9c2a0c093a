"""Runs on a bench of which everything is drawn from a seed, held against what really happened.

`python -m tests.simulation --seeds N` tries seeds; a seed that breaks a promise is shrunk to what
is needed for it and printed as one command.
"""
