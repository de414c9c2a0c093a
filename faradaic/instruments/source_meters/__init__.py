"""Source-measure units as galvanostats and cell-voltage sources of either sign."""
