"""Electrons and holes against Landau–Zener states level by level, closed forms, and dense matrices."""

import numpy as np
import pytest
from nouns import exact_unitary, rotated, rotated_field
from problems import evolve, hamiltonian, matched_space
from scipy.integrate import solve_ivp

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.algebra.star import moyal_product
from wigner.diagnostics import SpectralFlow
from wigner.errors import MeasurementError
from wigner.models import UniformFields, WeylLattice
from wigner.models.hamiltonian import Hamiltonian
from wigner.states import Fermi, WignerFunction


def weight(h, spec):
    return MatrixFormula.parse(spec, variables=(*h.space.names, "t"))


def measured(h, state, t=0.0, spec="1", **settings):
    found = SpectralFlow({"r": weight(h, spec)}, **settings).prepare(h)(state, t)
    return [found[f"{kind}_r"] for kind in ("electrons", "holes", "excess")]


def random_state(h, seed=0):
    return WignerFunction(h.space, np.random.default_rng(seed).normal(size=(h.bands**2, *h.space.shape)))


def test_where_all_axes_commute_the_local_bands_count():
    """One Landau–Zener passage at each momentum: both numbers from the wave function."""
    axis = Axis("k", "zone", -np.pi, np.pi, 32)
    h = hamiltonian(PhaseSpace((axis,), 0.8), "sin(k + 0.9*t)*sigma_z + 0.3*sigma_x")
    final = evolve(h, Fermi(0.0, 0.0).wigner_function(h), 2.0, 400)
    electrons = 0.0
    for k in axis.values:

        def matrix(t, k=k):
            s = np.sin(k + 0.9 * t)
            return np.array([[s, 0.3], [0.3, -s]])

        start = np.linalg.eigh(matrix(0.0))[1][:, 0].astype(complex)
        moved = solve_ivp(
            lambda t, y, matrix=matrix: -1j / 0.8 * matrix(t) @ y, (0, 2), start, rtol=1e-11, atol=1e-12
        ).y[:, -1]
        electrons += abs(np.linalg.eigh(matrix(2.0))[1][:, 1] @ moved) ** 2
    electrons *= axis.spacing / (2 * np.pi * 0.8)
    found = measured(h, final, 2.0)
    assert electrons > 0.1
    assert np.max(np.abs(found - np.array([electrons, electrons, 0.0]))) <= 1e-8


@pytest.mark.parametrize(("b", "chirality"), [(0.5, 1), (0.5, -1), (-0.5, 1)])
def test_one_level_is_carried_across(b, chirality):
    """Without H in time: a sea filled to another level has one electron a flux quantum for each level between."""
    width = np.sqrt(np.pi * abs(b) * 40) / 2
    axes = [Axis(n, "box", -width, width, 40) for n in ("kx", "ky")]
    space = PhaseSpace((*axes, Axis("kz", "box", -0.9, 1.1, 4)), 1.0, (("kx", "ky", b),))
    h = hamiltonian(space, f"{chirality}*(kx*sigma_x + ky*sigma_y + kz*sigma_z)")
    # kz = −0.9, −0.4, 0.1, 0.6 and the levels ±√(1 + kz²), χ kz sgn b; the disc keeps the levels of the ends out.
    disc = "exp(-((kx**2 + ky**2)/2.9**2)**8)"
    quantum = abs(b) / (2 * np.pi) * 0.5 / (2 * np.pi)
    filled = Fermi(0.7, 0.0, star=True).wigner_function(h)
    electrons, holes, excess = np.array(measured(h, filled, spec=disc)) / quantum
    count = 2 if chirality * b > 0 else 1
    assert abs(electrons - count) <= 2e-3
    assert abs(holes) <= 2e-3
    assert abs(excess - count) <= 2e-3
    kept = measured(h, filled, spec=f"{disc}*step(kz)")[0] / quantum
    assert abs(kept - (2 if chirality * b > 0 else 0)) <= 2e-3
    assert (
        abs(
            measured(h, filled, spec=disc, energy=0.3, window=(-1.2, 0.5))[0] / quantum
            - 1 * (chirality * b < 0)
        )
        <= 2e-3
    )


@pytest.mark.parametrize("hbar", [1.0, 0.7])
def test_production_at_the_nodes_of_a_lattice(hbar):
    """∓bE/4π²ħ² a node and time, to rounding, when the force has moved kz by whole spacings; nothing in all."""
    force, flux = 0.3, 6
    axes = [Axis(n, "zone", -np.pi * hbar, np.pi * hbar, 2 * flux) for n in ("kx", "ky")]
    shift = np.pi * hbar / 16
    space = PhaseSpace((*axes, Axis("kz", "zone", shift - np.pi * hbar, np.pi * hbar + shift, 16)), hbar)
    b = 2 * np.pi * hbar / flux
    fields = UniformFields.parse(force=(0, 0, force), magnetic=(0, 0, b))
    h = Hamiltonian(space, WeylLattice(2.2).symbol(space), fields)
    # Three spacings in three steps: no shift falls between the samples where the occupation jumps.
    t_end = 3 * 2 * shift / force
    final = evolve(h, Fermi(0.0, 0.0, star=True).wigner_function(h), t_end, 3, "strang")
    production = b * force * t_end / (2 * np.pi * hbar) ** 2
    for spec, wanted in (("step(kz)", -1), ("step(-kz)", 1), ("1", 0)):
        assert abs(measured(h, final, spec=spec)[2] / production - wanted) <= 1e-10


def test_weights_that_do_not_commute_count_symmetrically():
    """½∫tr F (w ⋆ P + P ⋆ w) with the slow star product, of projectors from a dense matrix."""
    space = matched_space(16, 9.0, 0.8, kind=("ring", "zone"))
    turn = f"0.4*sin(2*pi*k/{space.axis('k').extent!r})"
    h = hamiltonian(space, f"cos(2*pi*x/9)*sigma_x + {turn}*sigma_y + 0.3*sigma_z")
    state, spec = random_state(h), "1 + cos(2*pi*x/9)/2"
    flow = SpectralFlow({"r": weight(h, spec)}, 0.1)
    above, below = flow._sides(np.broadcast_to(h.values(), (2, 2, *space.shape)), flow.transform(space))
    one = np.eye(2)[:, :, None, None]
    assert np.max(np.abs(above + below - one)) <= 1e-12
    assert np.max(np.abs(flow.transform(space).product(above, above) - above)) <= 1e-12
    w = np.broadcast_to(weight(h, spec)(**space.coordinates()), (1, 1, *space.shape)) * one
    symbol = 0.5 * (moyal_product(w, above, space) + moyal_product(above, w, space))
    found = flow.prepare(h)(state, 0.0)
    assert abs(found["electrons_r"] - state.expectation(symbol)) <= 1e-10
    full = state.expectation(w)
    assert abs(found["excess_r"] - (full - np.einsum("aaxk,xk->", below, w[0, 0]).real * space.cell)) <= 1e-10


def test_does_not_see_the_basis():
    h = hamiltonian(
        matched_space(16, 9.0, kind=("ring", "zone")), "sigma_x*cos(2*pi*x/9) + 0.4*sigma_z + x*sigma_y/9"
    )
    state, unitary = random_state(h), exact_unitary(2, seed=3)
    turned = WignerFunction.from_matrix(h.space, rotated_field(state.matrix(), unitary))
    one, two = measured(h, state, energy=0.05), measured(rotated(h, unitary), turned, energy=0.05)
    assert np.max(np.abs(np.subtract(one, two))) <= 1e-12


def test_follows_a_hamiltonian_in_time():
    axis = Axis("k", "zone", -np.pi, np.pi, 8)
    h = hamiltonian(PhaseSpace((axis,), 1.0), "cos(k) + t")
    state = WignerFunction(h.space, np.ones((1, 8)))
    assert [round(8 * measured(h, state, t)[0]) for t in (0.1, -2.0, 2.0)] == [5, 0, 8]


def test_a_grid_without_operators_is_refused():
    h = hamiltonian(PhaseSpace((Axis("x", "box", -4, 4, 8), Axis("k", "box", -1, 1, 8))), "x*sigma_x")
    with pytest.raises(MeasurementError, match="matched grid"):
        SpectralFlow({"r": weight(h, "1")}).prepare(h)
