"""PalmSens instruments that speak MethodSCRIPT: EmStat4 LR and HR, Nexus, EmStat Pico."""
