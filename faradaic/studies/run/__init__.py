"""One run: its numbers, figures, report."""
