"""Pictures of a recorded run: Wigner functions with marginals, densities, drifts. The only importer of matplotlib."""
