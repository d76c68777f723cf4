"""One star-diagonalised band: what defines h and Ω, by dense operators; densities and states there and back."""

import numpy as np
import pytest
from band_dynamics import DenseBand, profile, slopes, torus
from nouns import exact_unitary, rotated
from problems import hamiltonian

from wigner.algebra.derivatives import spectral_derivative
from wigner.algebra.phase_space import Axis, PhaseSpace
from wigner.algebra.star import moyal_product
from wigner.bands import (
    density_of_band,
    driven_projector_series,
    grid_geometry,
    star_band,
    star_bands,
    state_of_band,
    time_derivatives,
)

TEXTURE = "sin(k)*sigma_x + (4 - cos(k))*sigma_z + 0.4*cos(x)*sigma_0 + 0.5*sin(x)*sigma_y"
THREE = [
    ["2.6 + 0.3*cos(x)", "0.5*sin(k)", "0.3*i*sin(x)"],
    ["0.5*sin(k)", "0.2*cos(k)", "0.5*cos(x + k)"],
    ["-0.3*i*sin(x)", "0.5*cos(x + k)", "0.2*sin(k) - 2.5"],
]
DRIVEN = [
    ["2.6 + 0.3*cos(x + t)", "0.5*sin(k)", "0.3*i*sin(x)"],
    ["0.5*sin(k)", "0.2*cos(k - 2*t)", "0.5*cos(x + k + t)"],
    ["-0.3*i*sin(x)", "0.5*cos(x + k + t)", "0.2*sin(k) - 2.5"],
]


def full(h, t=0.0):
    return np.broadcast_to(h.values(t), (h.bands, h.bands, *h.space.shape))


def summed(series, hbar):
    return np.cumsum([hbar**j * c for j, c in enumerate(series)], axis=0)


@pytest.mark.parametrize(
    ("spec", "band", "window"), [(TEXTURE, 0, (-9, 0)), (THREE, 1, (-1.2, 1.2))], ids=["two bands", "three"]
)
def test_compression_and_curvature_of_the_exact_band(spec, band, window):
    """|P̂ĥP̂ − P̂ĤP̂| ~ ħ^{n+1}; Ω from commutators of the exact projector; ∫fh the energy of a state in the band."""
    sizes, found = (64, 80, 96), []
    for points in sizes:
        dense = DenseBand(spec, points, window)
        space, p, one = dense.space, dense.projector, np.eye(dense.h.bands)[..., None, None]
        series = star_band((full(dense.h),), space, band, 3)
        compressed = p @ dense.operator(0.0) @ p
        row = []
        for h in summed(series.energy, space.hbar):
            row.append(np.max(np.abs(p @ dense.weyl.operators(one * h) @ p - compressed)))
        symbol = dense.symbol(p)
        x, k = (dense.weyl.operators(spectral_derivative(symbol, space, a)) for a in (0, 1))
        exact = np.einsum("aa...->...", -1j * dense.symbol(p @ (x @ k - k @ x))).real
        row += [np.max(np.abs(c[0, 1] - exact)) for c in summed(series.curvature[:2], space.hbar)]
        found.append(row)
        # ∫ fh is the energy of a state in the band.
        energy = np.mean([np.trace(m).real for m in dense.state @ dense.operator(0.0)]) / dense.weyl.sites
        level = summed(series.energy, space.hbar)[3]
        assert abs(np.mean(dense.density(dense.state) * level) - energy) <= 20 * space.hbar**4
    orders = slopes(np.array(found), 4 * np.pi / np.array(sizes))
    assert np.all(np.abs(orders - [1, 2, 3, 4, 1, 2]) <= [0.2, 0.2, 0.2, 0.2, 0.3, 0.2]), orders


def test_lowest_orders_are_the_geometry_of_local_bands():
    """h¹ = −½JM, Ω⁰ the opposite of A = i⟨u|∂u⟩'s, g⁰, and their components along time."""
    h = hamiltonian(torus(40, 1.0), DRIVEN)
    derivatives = [full(h, 0.3)]
    symbol = h.symbol
    for _ in range(2):
        symbol = symbol.derivative("t")
        derivatives.append(np.broadcast_to(symbol(t=0.3, **h.space.coordinates()), derivatives[0].shape))
    geometry = grid_geometry(h.symbol, h.space, 0.3)
    step = 1e-3
    near = [grid_geometry(h.symbol, h.space, 0.3 + s * step).quantum_metric for s in (-2, -1, 1, 2)]
    metric_rate = (near[0] - 8 * near[1] + 8 * near[2] - near[3]) / (12 * step)
    for band in range(3):
        found = star_band(derivatives, h.space, band, 2)
        assert np.max(np.abs(found.energy[0] - geometry.energies[band])) <= 1e-13
        assert np.max(np.abs(found.energy[1] - geometry.energy_shift(h.space)[band])) <= 1e-9
        assert np.max(np.abs(found.energy[1])) > 1e-3
        assert np.max(np.abs(found.curvature[0] + geometry.berry_curvature[band, :2, :2])) <= 1e-9
        assert np.max(np.abs(found.curvature_in_time[0] + geometry.berry_curvature[band, 2, :2])) <= 1e-9
        assert np.max(np.abs(found.metric - geometry.quantum_metric[band, :2, :2])) <= 1e-9
        assert np.max(np.abs(found.metric_rate - metric_rate[band, :2, :2])) <= 1e-8


def test_driven_projectors_move_with_the_hamiltonian():
    """Defects of P ⋆ P = P and iħ∂_tP = [H, P]_⋆ fall as ħ^{n+1}; rates are derivatives of the series in t."""
    h = hamiltonian(torus(32, 1.0), DRIVEN)

    def derivatives(t, count):
        symbol, out = h.symbol, []
        for _ in range(count):
            out.append(np.broadcast_to(symbol(t=t, **h.space.coordinates()), (3, 3, 32, 32)))
            symbol = symbol.derivative("t")
        return out

    table = driven_projector_series(derivatives(0.4, 4), h.space, (1,), 3)
    assert [len(rows) for rows in table] == [4, 3, 2, 1]
    step = 2e-3
    near = [driven_projector_series(derivatives(0.4 + s * step, 4), h.space, (1,), 3) for s in (-2, -1, 1, 2)]
    for n in range(3):
        for j in range(3 - n):
            a, b, c, d = (table_[n][j] for table_ in near)
            slope = (a - 8 * b + 8 * c - d) / (12 * step)
            assert np.max(np.abs(slope - table[n][j + 1])) <= 1e-7
            assert np.max(np.abs(slope)) > 1e-2
    hbars, idempotency, motion = (0.1, 0.05), [], []
    for hbar in hbars:
        space = torus(32, hbar)
        sums = summed([rows[0] for rows in table[:3]], hbar)
        rates = summed([rows[1] for rows in table[:3]], hbar)
        idempotency.append([np.max(np.abs(moyal_product(p, p, space) - p)) for p in sums])
        row = []
        for p, rate in zip(sums, rates, strict=True):
            product = moyal_product(derivatives(0.4, 1)[0], p, space)
            commutator = product - np.swapaxes(product, 0, 1).conj()
            row.append(np.max(np.abs(commutator - 1j * hbar * rate)))
        motion.append(row)
    assert np.all(np.abs(slopes(idempotency, hbars) - [1, 2, 3]) <= 0.2)
    assert np.all(np.abs(slopes(motion, hbars) - [1, 2, 3]) <= 0.2)


def test_states_and_densities():
    """f of the exact state in a band, and the state of that f, each right through its order; bands share tr F."""
    sizes, there, back = (64, 80, 96), [], []
    for points in sizes:
        dense = DenseBand(THREE, points, (-1.2, 1.2))
        state, f = dense.symbol(dense.state), dense.density(dense.state)
        rows = [], []
        for order in (0, 1, 2):
            p = star_band((full(dense.h),), dense.space, 1, order).projector
            rows[0].append(np.max(np.abs(density_of_band(state, p, dense.space) - f)))
            formed = state_of_band(f, p, dense.space)
            rows[1].append(np.max(np.abs(formed - state)))
            assert np.max(np.abs(np.einsum("aa...->...", formed) - f)) <= 1e-13
        there.append(rows[0])
        back.append(rows[1])
    hbars = 4 * np.pi / np.array(sizes)
    for errors in (there, back):
        assert np.all(np.abs(slopes(errors, hbars) - [1, 2, 3]) <= 0.15), slopes(errors, hbars)
    rng = np.random.default_rng(1)
    field = profile(dense.space) * rng.normal(size=(3, 3))[..., None, None]
    field = field + np.swapaxes(field, 0, 1)
    parts = [
        density_of_band(field, star_band((full(dense.h),), dense.space, n, 2).projector, dense.space)
        for n in range(3)
    ]
    assert np.max(np.abs(sum(parts) - np.einsum("aa...->...", field))) <= 1e-8


def test_a_constant_rotation_of_the_basis_changes_nothing():
    h = hamiltonian(torus(24, 1.0), THREE)
    other = rotated(h, exact_unitary(3, seed=4))
    for band in range(3):
        here, there = (star_band((full(s),), h.space, band, 1) for s in (h, other))
        for a, b in zip((*here.energy, *here.curvature), (*there.energy, *there.curvature), strict=True):
            assert np.max(np.abs(a - b)) <= 1e-12


def test_rephased_eigenvectors_change_nothing(monkeypatch):
    h = hamiltonian(torus(24, 1.0), THREE)
    here = star_band((full(h),), h.space, 1, 2)
    solver, rng = np.linalg.eigh, np.random.default_rng(5)

    def rephased(matrix):
        levels, vectors = solver(matrix)
        return levels, vectors * np.exp(2j * np.pi * rng.random((*levels.shape[:-1], 1, levels.shape[-1])))

    monkeypatch.setattr(np.linalg, "eigh", rephased)
    there = star_band((full(h),), h.space, 1, 2)
    for a, b in zip((*here.energy[:2], *here.curvature), (*there.energy[:2], *there.curvature), strict=True):
        assert np.max(np.abs(a - b)) <= 1e-11
    assert np.max(np.abs(here.energy[2] - there.energy[2])) <= 1e-10


def test_every_hbar_shares_the_bands_and_no_other_problem_does():
    def bands(hbar=1.0, points=24, order=1, t=0.0, spec=DRIVEN):
        h = hamiltonian(torus(points, hbar), spec)
        return star_bands(time_derivatives(h.symbol, order), h.space, t, order), h

    first, _ = bands()
    assert bands(hbar=0.3)[0][0].energy[1] is first[0].energy[1]
    for change in ({"points": 32}, {"order": 2}, {"t": 0.4}, {"spec": THREE}):
        found, h = bands(**change)
        assert found[1].energy[1] is not first[1].energy[1]
        rates = [s(t=change.get("t", 0.0), **h.space.coordinates()) for s in time_derivatives(h.symbol, 1)]
        wanted = star_band(rates, h.space, 1, 1)
        for one, other in zip(found[1].energy[:2], wanted.energy, strict=True):
            assert np.max(np.abs(one - other)) <= 1e-13
    with pytest.raises(ValueError, match="read-only"):
        first[0].energy[1][0] = 0.0


def test_a_scalar_symbol_is_its_own_energy():
    h = hamiltonian(torus(16, 1.0), "-cos(k) + 0.6*cos(x)")
    found = star_band((full(h),), h.space, 0, 2)
    assert np.max(np.abs(found.energy[0] - h.values()[0, 0].real)) <= 1e-14
    for zero in (*found.energy[1:], *found.curvature, found.metric):
        assert np.max(np.abs(zero)) <= 1e-14


@pytest.mark.parametrize("order", [1, 2])
def test_what_varies_along_few_axes_gives_what_the_whole_grid_does(order):
    """T(k) + M(r) in the plane: with noise of 1e-12 in H nothing is constant, and every field is computed everywhere."""
    axes = [Axis(n, "ring", 0, 2 * np.pi, 12) for n in ("x", "y")]
    axes += [Axis(n, "zone", 0, 2 * np.pi, 6) for n in ("kx", "ky")]
    space = PhaseSpace(tuple(axes), 0.3, brackets=(("kx", "ky", 0.2),))
    h = hamiltonian(
        space, "(cos(kx) + cos(ky + 1))*sigma_0 + (5 + cos(x))*sigma_z + sin(y)*sigma_x + sin(x)*sigma_y"
    )
    rng = np.random.default_rng(3)
    noise = 1e-12 * rng.normal(size=(2, 2, *space.shape))
    noisy = full(h) + noise + np.swapaxes(noise, 0, 1)
    f = 1 + np.cos(space.coordinate("kx")) * np.ones(space.shape)
    for band in (0, 1):
        short, whole = (star_band([field], space, band, order) for field in (full(h), noisy))
        for name in ("projector", "energy", "curvature"):
            for one, other in zip(getattr(short, name), getattr(whole, name), strict=True):
                assert one.shape == other.shape
                assert np.max(np.abs(one - other)) <= 1e-9 * max(1, np.max(np.abs(other)))
        states = [state_of_band(f, found.projector, space) for found in (short, whole)]
        assert np.max(np.abs(states[0] - states[1])) <= 1e-9
        densities = [density_of_band(state, short.projector, space) for state in states]
        assert np.max(np.abs(densities[0] - densities[1])) <= 1e-9
    assert not state_of_band(np.zeros(space.shape), short.projector, space).any()
