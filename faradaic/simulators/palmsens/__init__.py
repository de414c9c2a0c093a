"""PalmSens instruments that aren't there: a MethodSCRIPT interpreter on simulated electronics."""
