"""Geometry of bands: closed forms, plaquettes of wave functions, invariances, sum rules, reversals."""

from itertools import product

import numpy as np
import pytest
import sympy
from nouns import as_array, exact_unitary
from problems import hamiltonian

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.bands import GEOMETRIC_QUANTITIES, band_geometry, grid_geometry
from wigner.errors import ModelError
from wigner.models import QiWuZhang

TENSORS = ("berry_curvature", "quantum_metric", "moment", "t_tensor")
NAMES = ("x", "k", "t")


def formula(spec, variables=NAMES, **parameters):
    return MatrixFormula.parse(spec, variables=variables, parameters=parameters)


def random_symbol(bands, seed):
    """H(x, k, t) of a few harmonics with a gap kept open by the diagonal."""
    rng = np.random.default_rng(seed)

    def wave():
        a, b, c, d, phase = rng.uniform(-0.6, 0.6, size=5)
        return (
            f"({a:.6f}*cos(x + {phase:.4f}) + {b:.6f}*sin(k + 0.3*t) + {c:.6f}*cos(x - k) + {d:.6f}*sin(2*t))"
        )

    rows = [["0"] * bands for _ in range(bands)]
    for n in range(bands):
        rows[n][n] = f"{3 * n} + {wave()}"
        for m in range(n):
            real, imag = wave(), wave()
            rows[n][m], rows[m][n] = f"{real} + i*{imag}", f"{real} - i*{imag}"
    return formula(rows)


def points(seed, count=4):
    rng = np.random.default_rng(seed)
    return dict(zip(NAMES, rng.uniform(-3, 3, size=(3, count)), strict=True))


def eigenvector(symbol, place, band):
    return np.linalg.eigh(np.moveaxis(symbol(**place), -1, 0))[1][..., band]


# --- what wave functions say -------------------------------------------------------------------------------------


@pytest.mark.parametrize("bands", [2, 3, 4])
def test_curvature_and_metric_of_plaquettes(bands):
    """Berry's phase around a small square and the overlap along its sides, of vectors with random phases.

    Centred, so that both are right to the square of the side; Richardson takes that away."""
    symbol, place = random_symbol(bands, bands), points(7)
    found = band_geometry(symbol, place)
    rng = np.random.default_rng(0)

    def phased(at, band):
        v = eigenvector(symbol, at, band)
        return v * np.exp(2j * np.pi * rng.random((len(v), 1)))

    def overlap(a, b):
        return np.sum(a.conj() * b, axis=-1)

    for band, (i, j) in product(range(bands), [(0, 1), (0, 2), (1, 2)]):
        curvature, metric = [], []
        for side in (2e-2, 1e-2):
            corners = []
            for di, dj in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                at = dict(place)
                at[NAMES[i]] = at[NAMES[i]] + di * side / 2
                at[NAMES[j]] = at[NAMES[j]] + dj * side / 2
                corners.append(phased(at, band))
            loop = np.prod([overlap(corners[n], corners[(n + 1) % 4]) for n in range(4)], axis=0)
            # A = i⟨u|∂u⟩: the phase of ⟨u(z)|u(z + dz)⟩ is −A·dz.
            curvature.append(-np.angle(loop) / side**2)
            diagonal = [1 - np.abs(overlap(corners[n], corners[n + 2])) ** 2 for n in (0, 1)]
            metric.append((diagonal[0] - diagonal[1]) / (4 * side**2))
        wanted = [(4 * fine - coarse) / 3 for coarse, fine in (curvature, metric)]
        assert np.max(np.abs(found.berry_curvature[band, i, j] - wanted[0])) <= 2e-6
        assert np.max(np.abs(found.quantum_metric[band, i, j] - wanted[1])) <= 2e-6
        assert np.max(np.abs(wanted[0])) > 1e-3


@pytest.mark.parametrize("bands", [2, 3, 4])
def test_moment_and_t_tensor_of_differences(bands):
    """From derivatives of vectors in one smooth gauge, parallel to those in the middle."""
    symbol, place = random_symbol(bands, bands), points(8)
    found = band_geometry(symbol, place)
    matrix = np.moveaxis(symbol(**place), -1, 0)
    levels, vectors = np.linalg.eigh(matrix)
    step = 1e-3
    for band in range(bands):
        middle = vectors[..., band]
        slopes = []
        for name in NAMES:
            sides = []
            for s in (-2, -1, 1, 2):
                v = eigenvector(symbol, place | {name: place[name] + s * step}, band)
                turn = np.sum(v.conj() * middle, axis=-1, keepdims=True)
                sides.append(v * turn / np.abs(turn))
            slopes.append((sides[0] - 8 * sides[1] + 8 * sides[2] - sides[3]) / (12 * step))
        gaps = levels[:, band, None] - levels
        inverse = np.divide(1, gaps, out=np.zeros_like(gaps), where=np.abs(gaps) > 1e-9)
        for i, j in product(range(3), repeat=2):
            outside = [np.einsum("pam,pa->pm", vectors.conj(), slopes[n]) for n in (i, j)]
            pair = outside[0].conj() * outside[1]
            moment = np.sum(pair * gaps, axis=-1).imag
            t_tensor = -2 * np.sum(pair * inverse, axis=-1).real
            assert np.max(np.abs(found.moment[band, i, j] - moment)) <= 1e-8
            assert np.max(np.abs(found.t_tensor[band, i, j] - t_tensor)) <= 1e-8


@pytest.mark.parametrize("bands", [2, 3, 4])
def test_sum_rules_and_projectors(bands):
    """Σ Ω = 0, Σ T = 0, Ω = i tr P[∂P, ∂P] and g = ½ tr ∂P∂P of differences of projectors."""
    symbol, place = random_symbol(bands, 10 + bands), points(9)
    found = band_geometry(symbol, place)
    for total in (found.berry_curvature.sum(axis=0), found.t_tensor.sum(axis=0)):
        assert np.max(np.abs(total)) <= 1e-12
    assert np.max(np.abs(found.moment.sum(axis=0))) > 1e-2
    step, slopes = 1e-3, []
    for name in NAMES:
        ends = [
            band_geometry(symbol, place | {name: place[name] + s * step}).projectors for s in (-2, -1, 1, 2)
        ]
        slopes.append((ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * step))
    for i, j in product(range(3), repeat=2):
        product_ = np.einsum("sabp,sbcp,scap->sp", found.projectors, slopes[i], slopes[j])
        assert np.max(np.abs(found.berry_curvature[:, i, j] + 2 * product_.imag)) <= 1e-9
        half = 0.5 * np.einsum("sabp,sbap->sp", slopes[i], slopes[j]).real
        assert np.max(np.abs(found.quantum_metric[:, i, j] - half)) <= 1e-9


# --- closed forms ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mass", [0.7, -0.4])
def test_massive_dirac(mass):
    """Ω_± = ∓m/2E³, F = m/E³, moment m/2E² of both bands, T_± = ∓g/E."""
    rng = np.random.default_rng(1)
    place = {"kx": rng.normal(size=6), "ky": rng.normal(size=6)}
    found = band_geometry(
        formula("kx*sigma_x + ky*sigma_y + m*sigma_z", ("kx", "ky"), m=mass), place, names=("kx", "ky")
    )
    energy = np.sqrt(place["kx"] ** 2 + place["ky"] ** 2 + mass**2)
    for band, sign in ((0, -1), (1, 1)):
        assert np.allclose(found.energies[band], sign * energy, rtol=1e-13)
        assert np.allclose(found.berry_curvature[band, 0, 1], -sign * mass / (2 * energy**3), rtol=1e-12)
        assert np.allclose(found.moment[band, 0, 1], mass / (2 * energy**2), rtol=1e-12)
        wanted = -sign * found.quantum_metric[band] / energy
        assert np.allclose(found.t_tensor[band], wanted, rtol=1e-12, atol=1e-14)
    assert np.allclose(found.pseudospin_curvature()[0, 1], mass / energy**3, rtol=1e-12)
    # The Bloch vector moves on a sphere: g = ¼ ∂_I m · ∂_J m.
    m = np.array([place["kx"], place["ky"], np.full(6, mass)]) / energy
    slope = np.array([(np.eye(3)[:, [a]] - m * m[a]) / energy for a in (0, 1)])
    assert np.allclose(found.quantum_metric[1], 0.25 * np.einsum("iap,jap->ijp", slope, slope), atol=1e-13)


def test_the_gap_in_time_makes_a_momentum_space_faraday_field():
    """m(t): 𝓔 = F_tk = ṁk/E³ up to direction, peak 0.384900 ṁ/m² at k = m/√2."""
    rate, mass = 0.3, 0.8
    k = np.array([0.0, mass / np.sqrt(2), 1.3])
    symbol = formula("kx*sigma_x + ky*sigma_y + (m + c*t)*sigma_z", ("kx", "ky", "t"), m=mass, c=rate)
    place = {"kx": k, "ky": np.zeros(3), "t": np.zeros(3)}
    field = band_geometry(symbol, place).pseudospin_curvature()[2]
    size = np.hypot(field[0], field[1])
    assert np.allclose(size, rate * k / (k**2 + mass**2) ** 1.5, atol=1e-14)
    assert abs(size[1] - 0.3849001794597505 * rate / mass**2) <= 1e-13


@pytest.mark.parametrize(("mass", "chern"), [(-1.0, 1), (-1.7, 1), (0.6, -1), (1.5, -1), (2.6, 0), (-3.0, 0)])
def test_chern_numbers_of_qi_wu_zhang(mass, chern):
    space = PhaseSpace(tuple(Axis(n, "zone", -np.pi, np.pi, 80) for n in ("kx", "ky")))
    h = hamiltonian(space, "0*sigma_0")
    found = band_geometry(QiWuZhang(mass=mass).symbol(space), h.space.coordinates())
    cell = np.prod([axis.spacing for axis in space.axes])
    total = found.berry_curvature[:, 0, 1].sum(axis=(-2, -1)) * cell / (2 * np.pi)
    assert np.max(np.abs(total - [chern, -chern])) <= 1e-6


def test_pseudospin_curvature_of_a_texture():
    """F_IJ = m·(∂_I m × ∂_J m) from the unit vector, for every pair of position, momentum and time."""
    rng = np.random.default_rng(3)
    place = dict(zip(NAMES, rng.uniform(-3, 3, size=(3, 5)), strict=True))
    x, k, t = (place[n] for n in NAMES)
    symbol = formula("(sin(x) + t)*sigma_x + cos(k + t)*sigma_y + (2 + cos(x - k))*sigma_z + k*sigma_0")
    d = np.array([np.sin(x) + t, np.cos(k + t), 2 + np.cos(x - k)])
    zero = np.zeros(5)
    slopes = np.array(
        [
            [np.cos(x), zero, -np.sin(x - k)],
            [zero, -np.sin(k + t), np.sin(x - k)],
            [zero + 1, -np.sin(k + t), zero],
        ]
    )
    length = np.linalg.norm(d, axis=0)
    found = band_geometry(symbol, place).pseudospin_curvature()
    for i, j in product(range(3), repeat=2):
        wanted = np.sum(d * np.cross(slopes[i], slopes[j], axis=0), axis=0) / length**3
        assert np.max(np.abs(found[i, j] - wanted)) <= 1e-13


# --- invariances -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bands", [2, 3])
def test_a_constant_rotation_of_the_basis_changes_nothing(bands):
    symbol, place = random_symbol(bands, 20 + bands), points(11)
    unitary = exact_unitary(bands, seed=2)
    adjoint = unitary.T.applyfunc(lambda entry: entry.xreplace({sympy.I: -sympy.I}))
    entries = (unitary * sympy.Matrix(symbol.entries) * adjoint).applyfunc(sympy.expand)
    here, there = (band_geometry(s, place) for s in (symbol, MatrixFormula.from_entries(entries)))
    for name in ("energies", *TENSORS):
        assert np.max(np.abs(getattr(here, name) - getattr(there, name))) <= 1e-12
    u = as_array(unitary)
    turned = np.einsum("ab,nbcp,dc->nadp", u, here.projectors, u.conj())
    assert np.max(np.abs(turned - there.projectors)) <= 1e-12


def test_rephased_eigenvectors_change_nothing(monkeypatch):
    """A random phase on every vector that the eigensolver returns."""
    symbol, place = random_symbol(3, 31), points(12)
    here = band_geometry(symbol, place)
    solver, rng = np.linalg.eigh, np.random.default_rng(5)

    def rephased(matrix):
        levels, vectors = solver(matrix)
        return levels, vectors * np.exp(2j * np.pi * rng.random((*levels.shape[:-1], 1, levels.shape[-1])))

    monkeypatch.setattr(np.linalg, "eigh", rephased)
    there = band_geometry(symbol, place)
    for name in ("energies", "projectors", *TENSORS):
        assert np.max(np.abs(getattr(here, name) - getattr(there, name))) <= 1e-12


@pytest.mark.parametrize("quantity", GEOMETRIC_QUANTITIES, ids=lambda q: q.name)
def test_behaviour_under_reversals(quantity):
    """H*(x, −k, −t) and H(−x, −k, t) beside H, for every component."""
    symbol, place = random_symbol(3, 41), points(13)
    here = getattr(band_geometry(symbol, place), quantity.name)
    back = {"x": place["x"], "k": -place["k"], "t": -place["t"]}
    mirrored = {"x": -place["x"], "k": -place["k"], "t": place["t"]}

    def substituted(signs, conjugate):
        entries = sympy.Matrix(symbol.entries)
        entries = entries.subs({s: signs[s.name] * s for s in entries.free_symbols}, simultaneous=True)
        if conjugate:
            entries = entries.applyfunc(lambda e: e.xreplace({sympy.I: -sympy.I}))
        return MatrixFormula.from_entries(entries)

    time = getattr(band_geometry(substituted({"x": 1, "k": -1, "t": -1}, True), back), quantity.name)
    space = getattr(band_geometry(substituted({"x": -1, "k": -1, "t": 1}, False), mirrored), quantity.name)
    assert np.max(np.abs(here)) > 1e-2
    for indices in product(range(3), repeat=quantity.rank):
        names = [NAMES[i] for i in indices]
        component = (slice(None), *indices)
        assert np.allclose(time[component], quantity.under_time_reversal(names) * here[component], atol=1e-12)
        assert np.allclose(space[component], quantity.under_inversion(names) * here[component], atol=1e-12)


# --- sets --------------------------------------------------------------------------------------------------------


def test_a_degenerate_set_is_one_block():
    """Two copies of a two-band symbol, mixed by a constant unitary: each level twice, Ω, g, M and T doubled."""
    symbol, place = random_symbol(2, 51), points(14)
    unitary = exact_unitary(4, seed=3)
    adjoint = unitary.T.applyfunc(lambda entry: entry.xreplace({sympy.I: -sympy.I}))
    doubled = sympy.kronecker_product(sympy.Matrix(symbol.entries), sympy.eye(2))
    mixed = MatrixFormula.from_entries((unitary * doubled * adjoint).applyfunc(sympy.expand))
    one, two = band_geometry(symbol, place), band_geometry(mixed, place, sets=((0, 1), (2, 3)))
    assert np.max(np.abs(one.energies - two.energies)) <= 1e-12
    for name in TENSORS:
        assert np.max(np.abs(2 * getattr(one, name) - getattr(two, name))) <= 1e-11
    with pytest.raises(ModelError, match="gap around the bands 0, got one that closes at x = "):
        band_geometry(mixed, place)
    with pytest.raises(ModelError, match="expected sets of one band"):
        two.energy_shift(PhaseSpace((Axis("x", "ring", 0, 1, 4), Axis("k", "zone", 0, 1, 4))))


def test_sets_of_separate_bands_add_up():
    symbol, place = random_symbol(4, 61), points(15)
    bands = band_geometry(symbol, place)
    joint = band_geometry(symbol, place, sets=((3, 0), (1, 2)))
    added = bands.berry_curvature[0] + bands.berry_curvature[3]
    assert joint.sets == ((0, 3), (1, 2))
    assert np.max(np.abs(joint.berry_curvature[0] - added)) <= 1e-12
    assert np.max(np.abs(joint.projectors[0] - bands.projectors[0] - bands.projectors[3])) <= 1e-12


def test_refusals_name_the_place():
    axes = (Axis("x", "ring", 0, 2 * np.pi, 16), Axis("k", "zone", 0, 2 * np.pi, 16))
    h = hamiltonian(PhaseSpace(axes), "sin(k)*sigma_x + sin(x)*sigma_y")
    with pytest.raises(ModelError, match=r"bands 0, got one that closes at x = 0, k = 0, t = 0; open"):
        grid_geometry(h.symbol, h.space)
    assert grid_geometry(h.symbol, h.space, sets=((0, 1),)).berry_curvature.shape == (1, 2, 2, 16, 16)
    symbol = random_symbol(3, 1)
    for sets in (((0,), (1,)), ((0, 1), (1, 2)), ((0, 1, 2), ())):
        with pytest.raises(ModelError, match="each of the bands 0 … 2 once"):
            band_geometry(symbol, points(1), sets=sets)
    with pytest.raises(ModelError, match="expected two bands, got 3"):
        band_geometry(symbol, points(1)).pseudospin_curvature()
    kk = band_geometry(symbol, points(1), names=("k",))
    with pytest.raises(ModelError, match="none along x"):
        kk.energy_shift(PhaseSpace(axes))


def test_a_driven_hamiltonian_has_components_along_time():
    axes = (Axis("x", "ring", 0, 2 * np.pi, 8), Axis("k", "zone", 0, 2 * np.pi, 8))
    h = hamiltonian(PhaseSpace(axes), "sin(k)*sigma_x + (2 + cos(x - t))*sigma_z + sin(x + t)*sigma_y")
    found = grid_geometry(h.symbol, h.space, 0.4)
    assert found.names == ("x", "k", "t")
    assert np.max(np.abs(found.berry_curvature[0, 2, 1])) > 0.05
