"""Fixtures shared by all tests."""

import pytest
from problems import hamiltonian, matched_space

from wigner.states import Packet


@pytest.fixture
def barrier():
    """A massive Dirac packet in front of a smooth barrier, small enough for dense twins."""
    space = matched_space(128, 28.0)
    h = hamiltonian(space, "v*k*sigma_x + m*sigma_z + V*exp(-x**2)*sigma_0", v=1.0, m=1.0, V=0.8)
    return h, Packet(position=-4.0, momentum=1.5, width=1.1, band=1).wigner_function(h)
