"""What happened: the journal, the run folder and the catalogue of runs."""
