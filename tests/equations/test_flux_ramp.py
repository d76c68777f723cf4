"""A flux ramped through a lattice on a torus, against its sites with Peierls phases in real space."""

from itertools import product

import numpy as np
from problems import hamiltonian
from scipy.integrate import solve_ivp

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.weyl import WeylTransform
from wigner.equations import OperatorForm, operator_form
from wigner.states import DensityFactor, Filled, WignerFunction
from wigner.steppers import Chebyshev

CELLS, U, RAMP = 6, -1.0, 1.5
FLUX = 2 * np.pi * 128 / 35 / CELLS


def potential(x, y, t):
    """A_y: a quantum of flux about (3/2, 3), and back about (9/2, 3)."""
    turn = 2 * np.pi / CELLS
    profile = (9 * np.sin(turn * (x - 1.5)) + np.sin(3 * turn * (x - 1.5))) / 16
    return FLUX * np.sin(np.pi * t / (2 * RAMP)) ** 2 * profile * np.cos(turn / 2 * (y - 3)) ** 8


AS_FORMULA = f"({float(FLUX)!r})*sin(pi*t/{2 * RAMP})**2*(9*sin(pi/3*(x - 1.5)) + sin(pi*(x - 1.5)))/16*cos(pi/6*(y - 3))**8"


def hops(twists):
    """Hops at rest to the next of 6 × 6 sites along x and along y, with sign −1 across a twisted end, and what stays."""
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    stay, along, across = np.zeros((3, CELLS, CELLS, 2, CELLS, CELLS, 2), dtype=complex)
    for i, j in product(range(CELLS), repeat=2):
        right, up = (i + 1) % CELLS, (j + 1) % CELLS
        stay[i, j, :, i, j] = U * pauli[2]
        along[i, j, :, right, j] = (pauli[0] / 2j + pauli[2] / 2) * (-1) ** (twists[0] * (right == 0))
        across[i, j, :, i, up] = (pauli[1] / 2j + pauli[2] / 2) * (-1) ** (twists[1] * (up == 0))
    return (each.reshape(2 * CELLS**2, -1) for each in (stay, along, across))


def occupations(offset):
    """Particles on each site i + offset after the ramp, the mean over periodic and antiperiodic ends, by an ODE solver."""
    place = np.arange(CELLS) + offset
    total = np.zeros((CELLS, CELLS))
    for twists in product((0, 1), repeat=2):
        stay, along, across = hops(twists)
        rest = stay + along + along.conj().T
        filled = np.linalg.eigh(rest + across + across.conj().T)[1][:, : CELLS**2]

        def rate(t, y, rest=rest, across=across, shape=filled.shape):
            peierls = np.exp(-1j * potential(place[:, None], place + 0.5, t))
            hop = np.repeat(peierls.ravel(), 2)[:, None] * across
            return (-1j * (rest + hop + hop.conj().T) @ y.reshape(shape)).ravel()

        final = solve_ivp(rate, (0, RAMP), filled.ravel(), method="DOP853", rtol=1e-10, atol=1e-12).y[:, -1]
        total += (np.abs(final.reshape(CELLS, CELLS, 2, -1)) ** 2).sum(axis=(2, 3)) / 4
    return total


def test_density_is_that_of_the_sites(monkeypatch):
    # So small a torus would be moved by dense products.
    monkeypatch.setattr(operator_form, "_SPARSE", 1.0)
    axes = [Axis(name, "ring", 0, CELLS, 2 * CELLS) for name in "xy"]
    axes += [Axis(name, "zone", -np.pi, np.pi, 2 * CELLS) for name in ("kx", "ky")]
    space = PhaseSpace(tuple(axes), 1.0)
    matrix = f"sin(kx)*sigma_x + (u + cos(kx))*sigma_z + sin(ky - {AS_FORMULA})*sigma_y + cos(ky - {AS_FORMULA})*sigma_z"
    h = hamiltonian(space, matrix, u=U)
    state = Filled().wigner_function(h)
    factor = DensityFactor.low_rank(state, WeylTransform(space), CELLS**2)
    assert factor.rank == CELLS**2
    data = np.empty_like(state.data)
    stepper = Chebyshev(OperatorForm(h, factor, data, threads=2))
    stepper.advance(0.0, RAMP / 50, 50)
    stepper.settle()
    moved = WignerFunction(space, data)
    assert abs(moved.trace() - CELLS**2) <= 1e-11
    density = moved.density()
    assert np.max(np.abs(density - 1)) > 0.1
    for half in (0, 1):
        wanted = occupations(half / 2)
        assert np.max(np.abs(density[half::2, half::2] - wanted)) <= 1e-8
