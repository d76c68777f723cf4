"""Small problems shared by tests. What they are compared with is in `oracles`."""

import numpy as np

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.algebra.weyl import WeylTransform
from wigner.equations import HarmonicForm, Moyal, OperatorForm, Schrodinger
from wigner.models import Hamiltonian
from wigner.states import DensityFactor, WignerFunction
from wigner.steppers import COMPOSITIONS, Chebyshev, Spectral, Splitting, WaveFunctions


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


def moved(method, h, state, t_end, steps=1, t_start=0.0):
    """The state's components after `steps` steps of any method."""
    dt = (t_end - t_start) / steps
    if method == "splitting":
        return evolve(h, state, t_end, steps, t_start=t_start).data
    data = np.full_like(state.data, np.nan)
    if method == "spectral":
        stepper = Spectral(h, state, data)
    elif method == "harmonics":
        stepper = Chebyshev(HarmonicForm(h, state, data))
    elif method == "chebyshev":
        factor = DensityFactor.full_rank(state, WeylTransform(h.space))
        stepper = Chebyshev(OperatorForm(h, factor, data))
    else:
        factor = DensityFactor.low_rank(state, WeylTransform(h.space), 1000)
        assert factor is not None
        if method == "wave_functions":
            stepper = WaveFunctions(Schrodinger(h).flows(factor), COMPOSITIONS[1], factor, data)
        else:
            stepper = Chebyshev(OperatorForm(h, factor, data))
    stepper.prepare(dt, (steps,))
    stepper.advance(t_start, dt, steps)
    stepper.settle()
    return data
