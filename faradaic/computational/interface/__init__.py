"""The electrified interface: potentials, free energies along a constrained coordinate, schemes."""
