"""What a voltammogram says: peaks, diffusion, rate constants, onsets, Tafel slopes, capacitance."""
