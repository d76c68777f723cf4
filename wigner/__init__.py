"""wigner."""
