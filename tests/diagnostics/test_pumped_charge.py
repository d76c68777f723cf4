"""Polarisations against sums over occupied sets, overlaps of eigenvectors, integrated currents, and Chern numbers."""

from itertools import product

import numpy as np
import pytest
from nouns import line, momenta
from problems import hamiltonian
from scipy.integrate import solve_ivp

from wigner.algebra import Axis, PhaseSpace
from wigner.certify.claims import winding
from wigner.diagnostics.pumped_charge import PumpedCharge, polarisation
from wigner.models import UniformFields
from wigner.states import WignerFunction


def apart(one, two):
    """Distance modulo one."""
    return abs((one - two + 0.5) % 1 - 0.5)


def random_unitaries(points, bands, seed):
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(points, bands, bands)) + 1j * rng.normal(size=(points, bands, bands))
    return np.linalg.qr(raw)[0]


@pytest.mark.parametrize("points", [3, 4])
def test_a_mixture_is_the_sum_over_occupied_sets(points):
    """⟨e^{−2πiX̂/L}⟩ = Σ_sets ∏n ∏(1 − n) det⟨i|T|j⟩ over the sets of occupied orbitals, all 2^(2L)."""
    vectors = random_unitaries(points, 2, 3)
    shares = np.random.default_rng(4).uniform(0.1, 0.9, size=(points, 2))
    occupation = (vectors * shares[:, None, :]) @ vectors.conj().swapaxes(-1, -2)
    orbitals = np.zeros((points, 2, points, 2), dtype=complex)
    for k in range(points):
        orbitals[k, :, k, :] = vectors[k].T
    orbitals = orbitals.reshape(2 * points, points, 2)
    moved = np.roll(orbitals, -1, axis=1)
    # The same sign for each electron, so that one full band has the product of its overlaps.
    moved[:, -1] *= (-1) ** (points - 1)
    shift = orbitals.reshape(2 * points, -1).conj() @ moved.reshape(2 * points, -1).T
    total = 0.0
    for chosen in product([False, True], repeat=2 * points):
        full = np.array(chosen)
        weight = np.prod(np.where(full, shares.ravel(), 1 - shares.ravel()))
        total += weight * np.linalg.det(shift[np.ix_(full, full)])
    assert apart(polarisation(occupation), -np.angle(total) / (2 * np.pi)) <= 1e-12


@pytest.mark.parametrize("points", [7, 8])
@pytest.mark.parametrize("filled", [1, 2])
def test_full_bands_have_the_phase_of_their_overlaps(points, filled):
    u = random_unitaries(points, 3, points)[..., :filled]
    links = np.linalg.det(u.conj().swapaxes(-1, -2) @ np.roll(u, -1, 0))
    wanted = -np.angle(np.prod(links)) / (2 * np.pi)
    assert apart(polarisation(u @ u.conj().swapaxes(-1, -2)), wanted) <= 1e-12


def pumped_fast(points, hbar, times):
    """F and ∫j dt of a Rice–Mele chain driven as fast as its gap, from the wave function of each momentum."""
    k = 2 * np.pi * np.arange(points) / points - np.pi
    chain = np.zeros((2, 2, points), dtype=complex)

    def matrices(t, *, slope=False):
        one, other = 1 + 0.6 * np.cos(3 * t), 1 - 0.6 * np.cos(3 * t)
        hop = -1j * other * np.exp(-1j * k) if slope else one + other * np.exp(-1j * k)
        chain[0, 1], chain[1, 0] = hop, hop.conj()
        chain[0, 0] = 0.0 if slope else 0.9 * np.sin(3 * t)
        chain[1, 1] = -chain[0, 0]
        return np.moveaxis(chain, -1, 0)

    def rate(t, flat):
        u = flat[:-1].reshape(points, 2)
        moved = -1j / hbar * np.einsum("kab,kb->ka", matrices(t), u)
        current = np.einsum("ka,kab,kb->", u.conj(), matrices(t, slope=True), u) / points / hbar
        return np.append(moved.ravel(), current)

    start = np.append(np.linalg.eigh(matrices(times[0]))[1][..., 0].ravel(), 0j)
    y = solve_ivp(rate, times[[0, -1]], start, "DOP853", times, rtol=1e-11, atol=1e-12).y
    u = y[:-1].T.reshape(len(times), points, 2)
    return u[..., :, None] * u[..., None, :].conj(), y[-1].real


@pytest.mark.parametrize("hbar", [1.0, 0.4])
def test_its_rate_is_the_current_however_fast(hbar):
    """What is missed falls as Δk²."""
    times, errors = np.linspace(0, 1.8, 61), []
    for points in (32, 64, 128):
        space = PhaseSpace((Axis("k", "zone", -np.pi * hbar, np.pi * hbar, points),), hbar)
        measure = PumpedCharge().prepare(hamiltonian(space, "cos(k)*sigma_x"))
        matrices, charge = pumped_fast(points, hbar, times)
        states = [WignerFunction.from_matrix(space, np.moveaxis(f, 0, -1)) for f in matrices]
        found = [measure(state, t)["polarisation_x"] for state, t in zip(states, times, strict=True)]
        assert np.ptp(charge) > 0.1
        errors.append(np.max(np.abs(winding(np.array(found)) - charge)))
    slopes = -np.diff(np.log(errors)) / np.log(2)
    assert np.all(np.abs(slopes - 2) <= 0.1), (errors, slopes)


@pytest.mark.parametrize(("u", "chern"), [(-3.0, 0), (-1.0, 1), (1.0, -1)])
def test_winds_by_the_chern_number_over_the_other_momentum(u, chern):
    """Wannier centres of Qi–Wu–Zhang along x against ky: P_x winds by −C, P_y against kx by C, Ω = ∂_xA_y − ∂_yA_x."""
    space = momenta(points=24, hbar=0.7)
    spec = "sin(kx/hbar)*sigma_x + sin(ky/hbar)*sigma_y + (u + cos(kx/hbar) + cos(ky/hbar))*sigma_z"
    h = hamiltonian(space, spec, hbar=0.7, u=u)
    matrix = np.moveaxis(h.values(0.0), (0, 1), (-2, -1))
    lower = np.linalg.eigh(matrix)[1][..., :1]
    filled = np.moveaxis(lower @ lower.conj().swapaxes(-1, -2), (-2, -1), (0, 1))
    found = PumpedCharge().prepare(h)(WignerFunction.from_matrix(space, filled), 0.0)
    quantities = {q.name: q.dims for q in PumpedCharge().quantities(h)}
    assert quantities == {"polarisation_x": ("ky",), "polarisation_y": ("kx",)}
    around = {name: winding(np.append(values, values[0]))[-1] for name, values in found.items()}
    assert around == {"polarisation_x": pytest.approx(-chern), "polarisation_y": pytest.approx(chern)}


@pytest.mark.parametrize(
    "h",
    [
        lambda: hamiltonian(line(), "k**2"),
        lambda: hamiltonian(momenta(), "cos(kx)", UniformFields.parse(magnetic="sin(t)")),
        lambda: hamiltonian(PhaseSpace((*momenta().axes,), 0.9, (("kx", "ky", 0.3),)), "cos(kx)"),
        lambda: hamiltonian(PhaseSpace((Axis("k", "box", -1, 1, 8),)), "k**2"),
    ],
    ids=["position", "driven field", "field", "box"],
)
def test_only_crystals_are_polarised(h):
    h = h()
    assert PumpedCharge().quantities(h) == ()
    state = WignerFunction(h.space, np.ones((1, *h.space.shape)))
    assert PumpedCharge().prepare(h)(state, 0.0) == {}
