"""Small problems shared by tests. What they are compared with is in `oracles`."""

import numpy as np

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


def hamiltonian(space, spec, fields=None, **parameters):
    symbol = MatrixFormula.parse(spec, variables=(*space.names, "t"), parameters=parameters)
    return Hamiltonian(space, symbol, fields)


def evolve(h, state, t_end, steps, composition="blanes_moan", t_start=0.0, **engine):
    """The state after `steps` steps, in a new array."""
    equation = Moyal(h)
    data = equation.allocate()
    flows = equation.flows(data, **engine)
    data[:] = state.data
    scheme = next(c for c in COMPOSITIONS if c.name == composition)
    Splitting(flows, scheme).advance(t_start, (t_end - t_start) / steps, steps)
    return WignerFunction(h.space, data)
