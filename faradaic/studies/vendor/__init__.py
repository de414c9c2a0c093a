"""uPlot 1.6.32 (https://github.com/leeoniya/uPlot, MIT): its script, its style, its licence."""
