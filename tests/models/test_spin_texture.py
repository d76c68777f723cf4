"""Magnetic textures against solid angles, closed spectra and electrons on a lattice."""

import numpy as np
import pytest
from model_checks import SIGMA_X, SIGMA_Y, SIGMA_Z, check_derivatives, space_of

from wigner.algebra import Axis, PhaseSpace
from wigner.errors import ModelError
from wigner.models import Hamiltonian, SpinTexture

TEXTURES = [
    SpinTexture("domain_wall", exchange=0.7, mass=1.3, length=0.8, helicity=0.4, velocity=0.3),
    SpinTexture("helix", exchange=-0.7, mass=1.3, length=1.8, helicity=2.1, velocity=-0.3),
    SpinTexture("skyrmion_lattice", exchange=0.7, mass=1.3, length=1.8, helicity=0.9, velocity=0.3),
]
every_texture = pytest.mark.parametrize("model", TEXTURES, ids=lambda m: m.texture)


def magnetisation(model, x, y, t=0.0):
    """m(x, y, t), read from H at k = 0, where T vanishes."""
    h = model.symbol(space_of("x", "y", "kx", "ky"))(x=x, y=y, kx=0.0 * x, ky=0.0 * x, t=t)
    return np.array([np.einsum("ab,ba...->...", s, h).real for s in (SIGMA_X, SIGMA_Y, SIGMA_Z)]) / (
        2 * model.exchange
    )


def points(count=20, seed=3):
    return np.random.default_rng(seed).normal(size=(2, count))


@every_texture
def test_is_a_unit_vector_that_moves_and_a_free_electron(model):
    x, y = points()
    m = magnetisation(model, x, y, t=0.6)
    assert np.allclose(np.sum(m**2, axis=0), 1.0, atol=1e-14)
    assert np.allclose(m, magnetisation(model, x - 0.6 * model.velocity, y), atol=1e-13)
    assert np.abs(m - magnetisation(model, x, y)).max() > 0.05
    space = space_of("x", "y", "kx", "ky")
    symbol = model.symbol(space)
    kx, ky = points(seed=4)
    kinetic = 0.5 * np.einsum("aa...->...", symbol(x=x, y=y, kx=kx, ky=ky, t=0.1)).real
    assert np.allclose(kinetic, (kx**2 + ky**2) / (2 * 1.3), atol=1e-14)
    check_derivatives(symbol, (*space.names, "t"))
    momenta = {name for term in Hamiltonian(space, symbol).terms for name in term.coordinates}
    assert momenta >= {"kx", "ky"} and symbol.is_hermitian()


def solid_angle(a, b, c):
    """Signed, of spherical triangles: van Oosterom and Strackee."""
    product = np.einsum("i...,i...->...", a, np.cross(b, c, axis=0))
    ab, bc, ca = (np.einsum("i...,i...->...", u, v) for u, v in ((a, b), (b, c), (c, a)))
    return 2 * np.arctan2(product, 1 + ab + bc + ca)


def charge(model, points=24):
    """Solid angle that m covers over one cell, in units of 4π: an integer whatever the grid."""
    side = model.length * np.arange(points + 1) / points
    m = magnetisation(model, *np.meshgrid(side, side, indexing="ij"))
    corners = m[:, :-1, :-1], m[:, 1:, :-1], m[:, 1:, 1:], m[:, :-1, 1:]
    total = solid_angle(*corners[:3]) + solid_angle(corners[0], corners[2], corners[3])
    return total.sum() / (4 * np.pi)


@pytest.mark.parametrize("helicity", [0.0, 0.9, np.pi / 2])
def test_a_cell_of_skyrmions_has_charge_minus_one(helicity):
    model = SpinTexture("skyrmion_lattice", length=1.8, helicity=helicity)
    assert abs(charge(model) + 1) <= 1e-12
    core, corner = magnetisation(model, np.array([0.0, 0.9]), np.array([0.0, 0.9])).T
    assert np.allclose(core, (0, 0, -1)) and np.allclose(corner, (0, 0, 1))
    # Néel's points away from the core or along it, Bloch's around it.
    right = magnetisation(model, np.array([0.3]), np.array([0.0]))[:, 0]
    assert np.allclose(right[:2] / np.hypot(*right[:2]), (np.cos(helicity), np.sin(helicity)))
    assert abs(charge(SpinTexture("helix", length=1.8))) <= 1e-12


def test_emergent_field_of_a_cell_is_one_flux_quantum():
    """∫ ½ m·(∂_xm × ∂_ym) = −2π by central differences; harmonics fall as the docstring says."""
    model, count, step = SpinTexture("skyrmion_lattice", length=1.8), 48, 1e-4
    x, y = np.meshgrid(*[1.8 * np.arange(count) / count] * 2, indexing="ij")
    dx, dy = (
        (magnetisation(model, x + ex, y + ey) - magnetisation(model, x - ex, y - ey)) / (2 * step)
        for ex, ey in ((step, 0), (0, step))
    )
    m = magnetisation(model, x, y)
    field = 0.5 * np.einsum("i...,i...->...", m, np.cross(dx, dy, axis=0))
    assert abs(field.mean() * 1.8**2 + 2 * np.pi) <= 1e-6
    spectrum = np.abs(np.fft.fft2(m, norm="forward")).max(axis=0)
    # At the highest waves of 16 and 24 points, where two of them fall together.
    assert np.allclose(2 * spectrum[[8, 12]].max(axis=1) / spectrum.max(), (5.3e-4, 2.1e-5), rtol=0.03)


def test_the_wall_and_the_pitch_of_the_helix():
    wall = SpinTexture("domain_wall", length=0.8, helicity=0.4)
    m = magnetisation(wall, np.array([-20.0, 0.0, 20.0]), np.zeros(3))
    assert np.allclose(m.T, [(0, 0, -1), (np.cos(0.4), np.sin(0.4), 0), (0, 0, 1)], atol=1e-8)
    screw = SpinTexture("helix", length=1.8, helicity=np.pi / 2)
    x = np.linspace(0, 1.8, 7)
    m = magnetisation(screw, x, 0 * x)
    assert np.allclose(m[0], 0, atol=1e-15)
    assert np.allclose(np.unwrap(np.arctan2(m[1], m[2])), 2 * np.pi * x / 1.8)


@pytest.mark.parametrize("hbar", [1.0, 0.6])
def test_levels_in_a_helix(hbar):
    """Turned into the frame of m, p²/2M + ħ²q²/8M ± √(J² + (ħqp/2M)²) at p = ħ(n + ½)q on a ring of one period."""
    model = SpinTexture("helix", exchange=0.9, mass=1.3, length=2.5, helicity=0.7)
    q, count = 2 * np.pi / 2.5, 32
    axes = (Axis("x", "ring", 0.0, 2.5, count), Axis("k", "box", -50.0, 50.0, 8))
    symbol = model.symbol(PhaseSpace(axes, hbar))
    x = 2.5 * np.arange(count) / count
    wave = np.exp(1j * q * np.outer(x, np.arange(count) - count // 2)) / np.sqrt(count)
    momenta = hbar * q * (np.arange(count) - count // 2)
    inside = np.einsum("ij,abj->abij", np.eye(count), symbol(x=x, k=0 * x))
    kinetic = np.broadcast_to((symbol(x=0 * x, k=momenta) - symbol(x=0 * x, k=0 * x))[0, 0].real, count)
    plane = np.einsum("ij,j,kj->ik", wave, kinetic, wave.conj())
    dense = inside + np.einsum("ab,ij->abij", np.eye(2), plane)
    found = np.linalg.eigvalsh(dense.transpose(0, 2, 1, 3).reshape(2 * count, 2 * count))
    p = hbar * q * (np.arange(-9, 9) + 0.5)
    gap = np.sqrt(0.9**2 + (hbar * q * p / 2.6) ** 2)
    expected = np.sort(np.concatenate([p**2 / 2.6 + (hbar * q) ** 2 / 10.4 + s * gap for s in (1, -1)]))
    assert np.allclose(found[:16], expected[:16], atol=1e-9)


def turned_on_a_lattice(sites, sign):
    """Velocity across, in units of (2πħ/Ma²)⟨v_x/m_y⟩t, of wave functions on one cell of a = `sites`² sites."""
    model = SpinTexture("skyrmion_lattice", exchange=sign * 12.0, length=float(sites))
    zone = [Axis(n, "zone", -np.pi, np.pi, sites) for n in ("kx", "ky")]
    space = PhaseSpace((*(Axis(n, "ring", 0.0, float(sites), sites) for n in "xy"), *zone), 1.0)
    symbol = model.symbol(space)
    x, y = (c.ravel().astype(float) for c in np.indices((sites, sites)))
    kx, ky = (2 * np.pi / sites * c for c in (x, y))
    kinetic = 0.5 * np.einsum("aa...->...", symbol(x=0 * x, y=0 * x, kx=kx, ky=ky)).real
    assert np.allclose(kinetic, 2 - np.cos(kx) - np.cos(ky), atol=1e-13)
    texture = symbol(x=x, y=y, kx=0 * x, ky=0 * x)
    wave = np.exp(1j * (np.outer(x, kx) + np.outer(y, ky))) / sites

    def of_momentum(values):
        return np.kron(np.eye(2), (wave * values) @ wave.conj().T)

    inside = np.einsum("abi,ij->aibj", texture, np.eye(sites**2))
    levels, vectors = np.linalg.eigh(of_momentum(kinetic) + inside.reshape(2 * sites**2, -1))
    # J is larger than the bandwidth, and the lower half of all levels is the star-projected band.
    assert levels[sites**2] - levels[sites**2 - 1] > 12.0
    band = vectors[:, : sites**2]
    weight = np.exp(4 * (np.cos(kx - 0.7) + np.cos(ky) - 2))
    state = band.conj().T @ of_momentum(weight) @ band
    across = band.conj().T @ of_momentum(np.sin(ky)) @ band
    t = 0.05 * sites
    phases = np.exp(-1j * levels[: sites**2] * t)
    moved = phases[:, None] * state * phases.conj()
    turned = np.sum((moved - state) * across.T).real / np.trace(state).real
    free = np.sum(weight * np.sin(kx) * np.cos(ky)) / weight.sum()
    return turned / (2 * np.pi / sites**2 * free * t)


def test_an_electron_on_a_lattice_turns_as_in_the_emergent_field():
    """The band with the spin along −m as with b = −2πħ a cell, the other the other way, but for a share of order a⁻²."""
    short, long = (1 - turned_on_a_lattice(sites, 1) for sites in (10, 16))
    assert 0 < long < 0.08
    assert abs(np.log(short / long) / np.log(1.6) - 2) <= 0.3
    assert abs(turned_on_a_lattice(10, -1) + 1 - short) <= 0.02


def test_where_it_does_not_apply():
    with pytest.raises(ModelError, match="expected the position axes x and y for 'skyrmion_lattice', got x;"):
        SpinTexture("skyrmion_lattice").symbol(space_of("x", "k"))
    with pytest.raises(ModelError, match="expected the position axes x for 'helix', got none;"):
        SpinTexture().symbol(space_of("kx", "ky"))
    ring = PhaseSpace((Axis("x", "ring", 0.0, 7.0, 8), Axis("k", "box", -4.0, 4.0, 8)), 1.0)
    with pytest.raises(ModelError, match=r"ring x to hold whole periods of 5, got 1\.4 of them;"):
        SpinTexture(length=5.0).symbol(ring)
    with pytest.raises(ModelError, match="expected a box for 'domain_wall', got the ring x"):
        SpinTexture("domain_wall").symbol(ring)
    SpinTexture(length=3.5).symbol(ring)
