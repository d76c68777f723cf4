"""Charges of two bands: eigenvectors point by point, and seas that are filled exactly, at several ħ and b."""

import numpy as np
import pytest
from nouns import exact_unitary, line, momenta, rotated, rotated_field
from problems import hamiltonian

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.diagnostics import BandCharge, band_charge
from wigner.errors import MeasurementError
from wigner.models import UniformFields
from wigner.states import Fermi, WignerFunction

TEXTURE = "sin(k)*sigma_x + 0.6*sin(x)*sigma_y + (2.4 + 0.5*cos(k) + 0.3*cos(x))*sigma_z + 0.2*cos(x)*sigma_0"
QWZ = "sin(kx)*sigma_x + sin(ky)*sigma_y + (-1 + cos(kx) + cos(ky))*sigma_z"


def random_state(h, seed=0):
    return WignerFunction(h.space, np.random.default_rng(seed).normal(size=(4, *h.space.shape)))


def weight(text, space):
    return {"r": MatrixFormula.parse(text, variables=space.names)}


def ring(points):
    """2π × 2π, Δx Δk = πħ/points."""
    axes = Axis("x", "ring", 0.0, 2 * np.pi, points), Axis("k", "zone", -np.pi, np.pi, points)
    return PhaseSpace(axes, 4 * np.pi / points)


def torus(points):
    """A zone of 2π either way in the field 4π/points."""
    axes = tuple(Axis(k, "zone", -np.pi, np.pi, points) for k in ("kx", "ky"))
    return PhaseSpace(axes, 1.0, brackets=(("kx", "ky", 4 * np.pi / points),))


def test_local_bands_of_any_state():
    h = hamiltonian(line(hbar=0.7), "k*sigma_x + exp(-x**2)*sigma_y + t*sigma_z + k*x*sigma_0")
    state, t = random_state(h), 0.4
    found = BandCharge(weight("1 + 0.3*cos(x)*sin(k)", h.space)).prepare(h)(state, t)
    x, k = h.space.coordinate("x"), h.space.coordinate("k")
    matrices = np.zeros((*h.space.shape, 2, 2), dtype=complex)
    matrices[..., 0, 1] = k - 1j * np.exp(-(x**2))
    matrices[..., 1, 0] = k + 1j * np.exp(-(x**2))
    matrices[..., 0, 0], matrices[..., 1, 1] = k * x + t, k * x - t
    _, u = np.linalg.eigh(matrices)
    bands = np.einsum("xyan,abxy,xybn->nxy", u.conj(), state.matrix(), u).real
    expected = np.sum((1 + 0.3 * np.cos(x) * np.sin(k)) * bands, axis=(1, 2)) * h.space.cell
    assert np.allclose(found["band_charge_r"], expected, rtol=1e-11)


def test_a_sea_filled_exactly_is_in_one_star_band():
    """F = θ(−H)_⋆ of a texture: the upper band is empty to ħ², the lower holds all; of local bands to ħ."""
    upper, star = [], []
    for points in (128, 256):
        h = hamiltonian(ring(points), TEXTURE)
        state = Fermi(temperature=0, star=True).wigner_function(h)
        found = BandCharge(weight("exp(cos(x - 0.3) + sin(k))", h.space)).prepare(h)(state, 0.0)
        # Particles times 2πħ, a mean over phase space.
        upper.append(found["band_charge_r"][1] * h.space.hbar)
        star.append(found["star_band_charge_r"][1] * h.space.hbar)
        assert np.isclose(found["star_band_charge_r"].sum(), found["band_charge_r"].sum(), rtol=1e-12)
    assert np.log2(upper[0] / upper[1]) == pytest.approx(1, abs=0.03)
    assert np.log2(star[0] / star[1]) == pytest.approx(2, abs=0.15)


def test_a_chern_insulator_in_a_field():
    """Of −C/2π a unit of b each local band takes half, and the lower star-projected one all, to the next power of b."""
    apart = []
    for points in (32, 64):
        h = hamiltonian(torus(points), QWZ)
        state = Fermi(temperature=0, star=True).wigner_function(h)
        found, b = BandCharge().prepare(h)(state, 0.0), 4 * np.pi / points
        assert found["band_charge"].sum() == pytest.approx(1 - b / (2 * np.pi), abs=1e-12)
        local = (found["band_charge"] - [1, 0]) / b + 1 / (4 * np.pi)
        star = (found["star_band_charge"] - [1, 0]) / b + [1 / (2 * np.pi), 0]
        apart.append([*local, *star])
    assert np.all(np.abs(apart[0]) < 8e-3)
    assert np.allclose(np.log2(np.abs(apart[0]) / np.abs(apart[1])), 1, atol=0.1)


def test_a_field_that_depends_on_time_is_read_at_its_time():
    space = PhaseSpace(torus(16).axes, 1.0)
    driven = hamiltonian(space, QWZ, UniformFields.parse(magnetic="2*t", force=[0, 0]))
    still = hamiltonian(PhaseSpace(space.axes, 1.0, brackets=(("kx", "ky", 0.6),)), QWZ)
    state = random_state(still)
    one = BandCharge().prepare(driven)(WignerFunction(space, state.data), 0.3)
    two = BandCharge().prepare(still)(state, 0.0)
    for name, value in one.items():
        assert np.allclose(value, two[name], rtol=1e-12)


def test_slabs_basis_and_names(monkeypatch):
    h = hamiltonian(line(points=30), TEXTURE)
    state, unitary = random_state(h), exact_unitary(2, seed=3)
    turned = WignerFunction.from_matrix(h.space, rotated_field(state.matrix(), unitary))
    one = BandCharge(weight("1 + x", h.space)).prepare(h)(state, 0.0)
    two = BandCharge(weight("1 + x", h.space)).prepare(rotated(h, unitary))(turned, 0.0)
    monkeypatch.setattr(band_charge, "_SLAB", 7 * 30)
    three = BandCharge(weight("1 + x", h.space)).prepare(h)(state, 0.0)
    assert set(one) == {q.name for q in BandCharge(weight("1 + x", h.space)).quantities(h)}
    for name, value in one.items():
        assert np.allclose(value, two[name], rtol=1e-11)
        assert np.allclose(value, three[name], rtol=1e-12)


@pytest.mark.parametrize(
    ("space", "matrix", "text"),
    [
        (line(), "k**2/2", "expected two bands, got 1; leave it out"),
        (line(), "step(k)*sigma_x + sigma_z", "or leave band_charge out"),
    ],
)
def test_what_it_refuses(space, matrix, text):
    with pytest.raises(MeasurementError, match=text):
        BandCharge().prepare(hamiltonian(space, matrix))


def test_bands_that_touch_are_refused():
    h = hamiltonian(momenta(), "kx*sigma_x + ky*sigma_y")
    with pytest.raises(MeasurementError, match="expected two bands apart"):
        BandCharge().prepare(h)(random_state(h), 0.0)
