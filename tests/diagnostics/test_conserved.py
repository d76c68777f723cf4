"""Trace, energy and purity against dense operators."""

import numpy as np
import pytest
from oracles import dense_hamiltonian, gaussian, pure_density_matrix
from problems import hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics import BandPopulations, Moments
from wigner.diagnostics.conserved import Conserved
from wigner.states import Packet, WignerFunction


@pytest.mark.parametrize("hbar", [1.0, 0.6])
@pytest.mark.parametrize("t", [0.0, 0.7])
def test_energy_is_that_of_the_operator(hbar, t):
    """Tr(ρĤ) of the dense operator, for non-commuting matrix T(k) and V(x) with explicit time."""
    space = matched_space(96, 24.0, hbar)
    spec = "k**4/8*sigma_0 + 0.7*k*sigma_x + (x**2/5 + t)*sigma_0 + exp(-x**2)*sigma_y + 0.3*cos(t)*sigma_z"
    h = hamiltonian(space, spec)
    state = Packet(0.6, -0.5, 1.1, spinor=(0.6, "0.8j")).wigner_function(h)
    x = space.axis("x").values
    psi = np.multiply.outer(np.array([0.6, 0.8j]), gaussian(x, 0.6, -0.5, 1.1, hbar))
    one = np.eye(2)
    sx, sy, sz = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
    dense = dense_hamiltonian(
        lambda k: np.multiply.outer(one, k**4 / 8) + np.multiply.outer(sx, 0.7 * k),
        lambda x: (
            np.multiply.outer(one, x**2 / 5 + t)
            + np.multiply.outer(sy, np.exp(-(x**2)))
            + np.multiply.outer(0.3 * np.cos(t) * sz, np.ones_like(x))
        ),
        x,
        hbar,
    )
    rho = pure_density_matrix(psi, x[1] - x[0]).reshape(len(dense), len(dense))
    found = Conserved().prepare(h)(state, t)
    assert np.isclose(found["energy"], np.trace(rho @ dense).real, rtol=1e-10)
    assert abs(found["trace"] - 1) <= 1e-13
    assert abs(found["purity"] - 1) <= 1e-10


def test_mixtures_and_particle_number():
    """Purity Σp² of a mixture of far packets; trace counts particles."""
    space = matched_space(96, 24.0)
    h = hamiltonian(space, "k**2/2")
    left, right = (Packet(x, 0.0, 0.8).wigner_function(h) for x in (-5.0, 5.0))
    both = WignerFunction(space, 1.5 * left.data + 0.5 * right.data)
    found = Conserved().prepare(h)(both, 0.0)
    assert np.isclose(found["trace"], 2.0)
    assert np.isclose(found["purity"], 1.5**2 + 0.5**2)


def test_static_terms_are_not_confused_with_each_other():
    """A second measurement, and one of another time, give the energy of their own time."""
    space = matched_space(48, 16.0)
    h = hamiltonian(space, "t*k**2/2 + x**2")
    state = Packet(0.5, 0.5, 1.0).wigner_function(h)
    measure = Conserved().prepare(h)
    values = [measure(state, t)["energy"] for t in (0.0, 1.0, 2.0, 1.0)]
    assert np.isclose(values[0], 0.25 + 1.0)
    assert np.allclose(np.diff(values), [0.25, 0.25, -0.25])
    nothing = hamiltonian(space, "0*k")
    assert Conserved().prepare(nothing)(state, 0.0)["energy"] == 0.0


@pytest.mark.parametrize(
    ("names", "volume"), [(("kx",), "/length"), (("kx", "ky"), "/length^2"), (("x", "kx"), "")]
)
def test_without_positions_a_unit_of_volume_is_counted(names, volume):
    """∫d^dk/(2πħ)^d alone is a density, and its label says so."""
    axes = tuple(Axis(name, "ring" if name == "x" else "zone", 0, 2 * np.pi, 8) for name in names)
    h = hamiltonian(PhaseSpace(axes), "sigma_z")
    units = {q.name: q.units for q in Conserved().quantities(h)}
    assert units == {"trace": f"1{volume}", "energy": f"energy{volume}", "purity": f"1{volume}"}
    assert {q.units for q in BandPopulations().quantities(h) if not set(q.dims) & set(names)} == {
        f"1{volume}"
    }
    (momentum,) = {q.units for q in Moments().quantities(h) if q.name == "mean_kx"}
    assert momentum == f"momentum{volume}"
