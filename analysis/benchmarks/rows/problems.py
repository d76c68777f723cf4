"""The problems of all rows: grids, Hamiltonians, states, and a step of the engine on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.algebra.phase_space import AxisKind
from wigner.equations import Moyal
from wigner.models import Dirac, Hamiltonian
from wigner.states import Packet, WignerFunction
from wigner.steppers import COMPOSITIONS, Splitting

__all__ = [
    "BARRIER",
    "BARRIER_WIDTH",
    "LENGTH",
    "MASS",
    "PACKET",
    "T_END",
    "Step",
    "barrier_1d",
    "barrier_2d",
    "four_bands",
    "matched_space",
    "one_band",
    "packet",
    "scheme",
    "splitting",
    "step",
]

# A massive Dirac packet on a smooth barrier that its energy just exceeds, as in runs/quickstart.toml; ħ = v = 1.
# At T_END it is split in two, clear of the barrier and of the ends; 128 sites resolve it to 1e-6.
LENGTH, MASS, BARRIER, BARRIER_WIDTH, T_END = 64.0, 1.0, 0.9, 1.5, 28.0
PACKET = {"position": -10.0, "momentum": 1.3, "width": 2.0}
_HEIGHT = {"V": BARRIER, "w": BARRIER_WIDTH}
_POTENTIAL = "V*exp(-({})/(2*w**2))"


class Step(NamedTuple):
    """One Strang step with neighbours merged, what it moves, and the bytes held."""

    run: Callable[[], None]
    data: np.ndarray
    held: int


def matched_space(
    points: int, dimensions: int = 1, length: float = LENGTH, kind: AxisKind = "box"
) -> PhaseSpace:
    """Positions in a box or on a ring of this length, the same number of points on every axis, Δr Δk = πħ/N."""
    k = np.pi * points / (2 * length)
    positions = [Axis(name, kind, -length / 2, length / 2, points) for name in "xyz"[:dimensions]]
    momenta = ["k"] if dimensions == 1 else [f"k{axis.name}" for axis in positions]
    return PhaseSpace((*positions, *(Axis(name, "box", -k, k, points) for name in momenta)))


def _sum(space: PhaseSpace, bands: int, kinetic: MatrixFormula, potential: str) -> Hamiltonian:
    names = tuple(axis.name for axis in space.positions)
    formula = MatrixFormula.parse(potential, variables=names, parameters=_HEIGHT)
    return Hamiltonian(space, kinetic + (formula.promoted(bands) if formula.size == 1 else formula))


def barrier_1d(points: int, kind: AxisKind = "box") -> Hamiltonian:
    """H = kσx + mσz + V e^{−x²/2w²}."""
    space = matched_space(points, kind=kind)
    return _sum(space, 2, Dirac(MASS).symbol(space), _POTENTIAL.format("x**2"))


def barrier_2d(points: int) -> Hamiltonian:
    """H = kxσx + kyσy + mσz + V e^{−(x²+y²)/2w²}."""
    space = matched_space(points, 2, 16.0)
    return _sum(space, 2, Dirac(MASS).symbol(space), _POTENTIAL.format("x**2 + y**2"))


def one_band(points: int) -> Hamiltonian:
    """H = k²/2 + V e^{−x²/2w²}."""
    space = matched_space(points)
    kinetic = MatrixFormula.parse("k**2/2", variables=("k",))
    return _sum(space, 1, kinetic, _POTENTIAL.format("x**2"))


def four_bands(points: int) -> Hamiltonian:
    """Two Dirac cones mixed by a matrix potential: neither term is a multiple of the identity."""
    space = matched_space(points)
    kinetic = [["1", "k", "0", "0"], ["k", "-1", "0", "0"], ["0", "0", "1/2", "-k"], ["0", "0", "-k", "-1/2"]]
    mixing = [
        [_POTENTIAL.format("x**2") if (a - b) % 4 in (0, 2) else "0" for b in range(4)] for a in range(4)
    ]
    variables = MatrixFormula.parse(kinetic, variables=("k",))
    potential = MatrixFormula.parse(mixing, variables=("x",), parameters=_HEIGHT)
    return Hamiltonian(space, variables + potential)


def packet(hamiltonian: Hamiltonian) -> WignerFunction:
    """The packet of upper-band electrons, or of the one band."""
    return Packet(**PACKET, band=hamiltonian.bands - 1).wigner_function(hamiltonian)


def scheme(name: str) -> int:
    """Number of a composition."""
    return [composition.name for composition in COMPOSITIONS].index(name)


def splitting(hamiltonian: Hamiltonian, data: np.ndarray, name: str, threads: int = 1) -> Splitting:
    """A splitting of the exact Moyal motion of `data`."""
    return Splitting(Moyal(hamiltonian).flows(data, threads=threads), COMPOSITIONS[scheme(name)])


def step(hamiltonian: Hamiltonian, dt: float, threads: int = 1) -> Step:
    """The step that a long run repeats: every flow once, for dt."""
    equation = Moyal(hamiltonian)
    data = equation.allocate()
    stepper = Splitting(equation.flows(data, threads=threads), COMPOSITIONS[scheme("strang")])
    for flow in stepper.flows:
        flow.prepare(dt)

    def run() -> None:
        for flow in stepper.flows:
            flow.apply(dt, 0.0)

    return Step(run, data, data.nbytes + sum(flow.product.nbytes for flow in stepper.flows))
