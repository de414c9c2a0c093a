"""What other programs wrote: data sets, the readers of vendors' files, joining."""
