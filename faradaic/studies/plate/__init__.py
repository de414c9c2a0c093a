"""A plate that was run: the results of its wells in one table, maps of them, a report."""
