"""What it means: the numbers, figures and reports of a run."""
