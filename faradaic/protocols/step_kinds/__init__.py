"""The step kinds, one file each; every module is read, and what it registers is known everywhere.

`faradaic.protocols.step_kind` says what a kind may state of itself.
"""
