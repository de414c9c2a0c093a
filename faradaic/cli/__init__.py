"""The command `faradaic`, a thin face over the rooms."""
