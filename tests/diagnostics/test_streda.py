"""Středa responses against slow star products, eigenvectors point by point, and the plaquette sum."""

import numpy as np
import pytest
from nouns import exact_unitary, rotated, rotated_field
from problems import hamiltonian

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.bands import star_projector
from wigner.diagnostics.streda import Streda
from wigner.errors import MeasurementError
from wigner.states import Fermi, WignerFunction

QWZ = "sin(kx)*sigma_x + sin(ky)*sigma_y + (-1.2 + cos(kx) + cos(ky))*sigma_z + 0.2*cos(kx)*sigma_0"


def zone(b=np.pi / 8, points=16, hbar=1.0):
    """Δkx Δky = πħ|b|/points."""
    across = hbar * abs(b) * points / 2
    axes = Axis("kx", "zone", -np.pi, np.pi, points), Axis("ky", "zone", -across / 2, across / 2, points)
    return PhaseSpace(axes, hbar, brackets=(("kx", "ky", b),))


def torus(quanta=1, points=16):
    """A zone of 2π either way."""
    axes = tuple(Axis(k, "zone", -np.pi, np.pi, points) for k in ("kx", "ky"))
    return PhaseSpace(axes, 1.0, brackets=(("kx", "ky", quanta * 4 * np.pi / points),))


def random_state(h, seed=0):
    return WignerFunction(h.space, np.random.default_rng(seed).normal(size=(h.bands**2, *h.space.shape)))


def weight(text, space):
    return MatrixFormula.parse(text, variables=space.names)


@pytest.mark.parametrize("sign", [1, -1])
def test_shares_of_any_state(sign):
    """The total, each local band and both star-projected ones, of a state without symmetry, with a weight."""
    space = torus(sign)
    h = hamiltonian(space, QWZ)
    state = random_state(h)
    matrix = state.matrix()
    w = 1 + 0.3 * np.cos(space.coordinate("kx")) * np.sin(space.coordinate("ky")) ** 2
    found = Streda(0.0, {"r": weight("1 + 0.3*cos(kx)*sin(ky)**2", space)}).prepare(h)(state, 0.0)
    per_field = (2 * np.pi / 16) ** 2 / (2 * np.pi) ** 2 / (sign * np.pi / 4)
    density = np.einsum("aaxy->xy", matrix).real
    assert np.isclose(found["streda_r"], np.sum(w * (density - 1)) * per_field, rtol=1e-12)
    _, vectors = np.linalg.eigh(np.moveaxis(h.values(), (0, 1), (-2, -1)))
    bands = np.einsum("xyan,abxy,xybn->nxy", vectors.conj(), matrix, vectors).real
    bands[0] -= 1
    assert np.allclose(found["streda_local_r"], np.sum(w * bands, axis=(1, 2)) * per_field, rtol=1e-10)
    below = np.einsum("abxy,baxy->xy", star_projector(h.values(), space, 0.0), matrix).real
    assert np.isclose(found["streda_below_r"], np.sum(w * (below - 1)) * per_field, rtol=1e-9)
    assert np.isclose(found["streda_above_r"], np.sum(w * (density - below)) * per_field, rtol=1e-9)


@pytest.mark.parametrize(("mass", "chern"), [(-1.0, 1), (1.0, -1), (3.0, 0)])
@pytest.mark.parametrize("sign", [1, -1])
def test_chern_insulator(mass, chern, sign):
    """A quantum of b binds −C, all of it in the star-projected band below; curvature gives the same without b."""
    space = torus(sign, 32)
    h = hamiltonian(space, f"sin(kx)*sigma_x + sin(ky)*sigma_y + ({mass} + cos(kx) + cos(ky))*sigma_z")
    state = Fermi(temperature=0, star=True).wigner_function(h)
    found = Streda().prepare(h)(state, 0.0)
    assert abs(found["streda"] + chern / (2 * np.pi)) <= 1e-12
    assert abs(found["streda_below"] + chern / (2 * np.pi)) <= 1e-12
    assert abs(found["streda_above"]) <= 1e-12
    assert abs(found["streda_curvature"] + chern / (2 * np.pi)) <= 1e-5


def test_does_not_see_the_basis_nor_hbar():
    """Per unit of b the response is that of the scaled problem: (ρ − ρ₀)/b ∝ 1/ħ at the same ħb."""
    h = hamiltonian(zone(), QWZ)
    state, unitary = random_state(h), exact_unitary(2, seed=1)
    turned = WignerFunction.from_matrix(h.space, rotated_field(state.matrix(), unitary))
    one = Streda().prepare(h)(state, 0.0)
    two = Streda().prepare(rotated(h, unitary))(turned, 0.0)
    small = hamiltonian(zone(b=np.pi / 4, hbar=0.5), QWZ)
    three = Streda().prepare(small)(WignerFunction(small.space, state.data), 0.0)
    for name, value in one.items():
        assert np.allclose(value, two[name], rtol=1e-10)
        assert np.allclose(np.asarray(value) * 2, three[name], rtol=1e-10)


def test_driven_hamiltonian_is_read_at_its_time():
    space = torus()
    driven, later = hamiltonian(space, f"{QWZ} + 0.1*t*sigma_z"), hamiltonian(space, f"{QWZ} + 0.03*sigma_z")
    state = random_state(driven)
    one, two = Streda().prepare(driven)(state, 0.3), Streda().prepare(later)(state, 0.0)
    for name, value in one.items():
        assert np.allclose(value, two[name], rtol=1e-10)


@pytest.mark.parametrize(
    ("space", "matrix", "energy", "text"),
    [
        (torus(), QWZ, 1.5, "expected a gap around energy = 1.5, got 1 to 2 bands below it"),
        (torus(0), QWZ, 0.0, "expected a field {kx, ky} = b, got b = 0"),
        (zone(points=16, b=0.3), QWZ, 9.0, "got 2 to 2 bands below it"),
        (
            PhaseSpace((Axis("x", "box", -1, 1, 8), Axis("k", "box", -1, 1, 8))),
            "k*sigma_x + sigma_z",
            0.0,
            "expected the momenta kx and ky and no positions, got x, k",
        ),
    ],
)
def test_what_it_cannot_measure(space, matrix, energy, text):
    with pytest.raises(MeasurementError) as caught:
        Streda(energy).prepare(hamiltonian(space, matrix))
    assert text in str(caught.value)
    assert ";" in str(caught.value)
