"""Shared problems. Helpers here build wigner objects; `oracles` holds what they are compared with."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.equations import Moyal
from wigner.models import Hamiltonian
from wigner.states import WignerFunction
from wigner.steppers import COMPOSITIONS, Splitting


def matched_space(points=64, length=20.0, hbar=1.0, kind=("box", "box")):
    """dx·dk = πħ/N, centred on zero."""
    k = np.pi * hbar * points / (2 * length)
    return PhaseSpace(
        (Axis("x", kind[0], -length / 2, length / 2, points), Axis("k", kind[1], -k, k, points)), hbar
    )


def hamiltonian(space, spec, **parameters):
    return Hamiltonian(space, MatrixFormula.parse(spec, variables=(*space.names, "t"), parameters=parameters))


def evolve(h, state, t_end, steps, composition="blanes_moan", t_start=0.0, **engine):
    """The state after `steps` steps, in a new array."""
    equation = Moyal(h)
    data = equation.allocate()
    flows = equation.flows(data, **engine)
    data[:] = state.data
    scheme = next(c for c in COMPOSITIONS if c.name == composition)
    Splitting(flows, scheme).advance(t_start, (t_end - t_start) / steps, steps)
    return WignerFunction(h.space, data)


@pytest.fixture
def barrier():
    """A massive Dirac packet in front of a smooth barrier, small enough for dense twins."""
    from wigner.states import Packet

    space = matched_space(128, 28.0)
    h = hamiltonian(space, "v*k*sigma_x + m*sigma_z + V*exp(-x**2)*sigma_0", v=1.0, m=1.0, V=0.8)
    return h, Packet(position=-4.0, momentum=1.5, width=1.1, band=1).wigner_function(h)
