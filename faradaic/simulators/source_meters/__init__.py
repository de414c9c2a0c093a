"""Source-measure units beside the 2450, at the end of a wire, on a cell."""
