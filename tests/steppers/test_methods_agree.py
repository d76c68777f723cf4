"""Every method against one dense matrix for the whole of phase space, on random Hamiltonians and states."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import twisted_superoperator
from problems import hamiltonian, matched_space, moved
from scipy.linalg import expm

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.algebra.weyl import WeylTransform
from wigner.models import Hamiltonian
from wigner.states import Packet, WignerFunction, pack, unpack

ANY_SYMBOL = ("spectral", "chebyshev", "harmonics")
SEPARABLE = ("splitting", "wave_functions")


def grid(kind, points, hbar=0.8):
    """Matched periodic grids: a ring of sites; a crystal in a field along z, with or without k_z; a torus of two pairs."""
    if kind == "ring":
        return matched_space(points, 5.0, hbar, kind=("ring", "zone"))
    if kind == "torus":
        k = np.pi * hbar * points / 6.0
        axes = [Axis(n, "ring", -1, 2, points) for n in "xy"]
        return PhaseSpace((*axes, *(Axis(n, "zone", -k, k, points) for n in ("kx", "ky"))), hbar)
    b = -0.3 if kind == "crystal" else 0.4
    height = np.pi * hbar * abs(b) * points / 4.0
    axes = [Axis("kx", "zone", -1.3, 2.7, points), Axis("ky", "zone", 0.4, 0.4 + height, points)]
    if kind == "crystal_kz":
        axes.append(Axis("kz", "zone", 0, 2, 4))
    return PhaseSpace(tuple(axes), hbar, brackets=(("kx", "ky", b),))


def random_hamiltonian(space, bands, rng, separable=False):
    """H = Σ C e^{iw·(z − z₀)} + Hermitian conjugate: the harmonics, and the same as a formula. Nyquist lines included."""
    harmonics, entries = [], [["0"] * bands for _ in range(bands)]
    for number in range(4):
        wave = rng.integers(-2, 3, size=len(space.axes))
        if separable:
            wave[np.arange(len(wave)) != number % len(wave)] = 0
        matrix = 0.4 * (rng.normal(size=(bands, bands)) + 1j * rng.normal(size=(bands, bands)))
        harmonics += [(tuple(wave), matrix), (tuple(-wave), matrix.conj().T)]
        angle = " + ".join(
            f"{2 * np.pi * int(m) / axis.extent!r}*({axis.name} - ({axis.start!r}))"
            for m, axis in zip(wave, space.axes, strict=True)
            if m
        )
        for a in range(bands):
            for b in range(bands):
                even, odd = matrix[a, b] + matrix[b, a].conj(), 1j * (matrix[a, b] - matrix[b, a].conj())
                for part, wave_form in ((even, "cos"), (odd, "sin")):
                    entries[a][b] += f" + ({part.real!r} + ({part.imag!r})*i)*{wave_form}({angle or '0'})"
    spec = entries if bands > 1 else entries[0][0]
    spec = spec.replace("np.float64", "") if isinstance(spec, str) else spec
    formula = MatrixFormula.parse(
        [[entry.replace("np.float64", "") for entry in row] for row in entries] if bands > 1 else spec,
        variables=space.names,
    )
    return harmonics, Hamiltonian(space, formula)


def dense(harmonics, h, state, t):
    """The state by scipy's exponential of the whole superoperator."""
    space, axes = h.space, tuple(range(2, 2 + len(h.space.axes)))
    generator = twisted_superoperator(
        harmonics, space.shape, tuple(a.extent for a in space.axes), space.poisson_tensor, space.hbar
    )
    waves = np.fft.fftn(unpack(state.data), axes=axes)
    final = (expm(generator * t) @ waves.ravel()).reshape(waves.shape)
    return pack(np.fft.ifftn(final, axes=axes))


def random_state(space, bands, rng, rank=None):
    """Any Hermitian field; or a positive one of this rank in every set of matrix elements."""
    if rank is None:
        return WignerFunction(space, rng.normal(size=(bands**2, *space.shape)))
    weyl = WeylTransform(space)
    columns = rng.normal(size=(2, weyl.sets, weyl.size(bands), rank))
    columns = columns[0] + 1j * columns[1]
    return WignerFunction.from_matrix(space, weyl.symbol(columns @ columns.conj().swapaxes(1, 2)))


@settings(max_examples=24, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    shape=st.sampled_from([(1, 6), (2, 6), (3, 4), (4, 4)]),
    kind=st.sampled_from(["ring", "crystal", "crystal_kz"]),
    method=st.sampled_from(ANY_SYMBOL),
)
def test_random_symbols(seed, shape, kind, method):
    (bands, points), rng = shape, np.random.default_rng(seed)
    bands = min(bands, 2) if kind == "crystal_kz" else bands
    space = grid(kind, points)
    harmonics, h = random_hamiltonian(space, bands, rng)
    state = random_state(space, bands, rng)
    wanted = dense(harmonics, h, state, 0.9)
    assert np.max(np.abs(wanted - state.data)) > 1e-3
    assert np.max(np.abs(moved(method, h, state, 0.9) - wanted)) <= 1e-10


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    shape=st.sampled_from([(1, 6), (2, 6), (3, 4), (4, 4)]),
    kind=st.sampled_from(["ring", "crystal", "crystal_kz"]),
    method=st.sampled_from(SEPARABLE),
)
def test_random_sums_of_commuting_terms(seed, shape, kind, method):
    (bands, points), rng = shape, np.random.default_rng(seed)
    bands = min(bands, 2) if kind == "crystal_kz" else bands
    space = grid(kind, points)
    harmonics, h = random_hamiltonian(space, bands, rng, separable=True)
    state = random_state(space, bands, rng, rank=2)
    wanted = dense(harmonics, h, state, 0.9)
    assert np.max(np.abs(wanted - state.data)) > 1e-3
    assert np.max(np.abs(moved(method, h, state, 0.9, steps=300) - wanted)) <= 1e-10 * np.max(np.abs(wanted))


@pytest.mark.parametrize("method", [*ANY_SYMBOL, "chebyshev_low_rank"])
def test_two_pairs(method):
    rng = np.random.default_rng(5)
    space = grid("torus", 4)
    harmonics, h = random_hamiltonian(space, 1, rng)
    state = random_state(space, 1, rng, rank=1)
    wanted = dense(harmonics, h, state, 0.9)
    assert np.max(np.abs(moved(method, h, state, 0.9) - wanted)) <= 1e-10 * np.max(np.abs(wanted))


@cache
def many_bands(bands, separable):
    """A problem of many bands and its state at 0.6, by the exponential of the whole superoperator."""
    rng = np.random.default_rng(bands)
    space = grid("ring", 4)
    harmonics, h = random_hamiltonian(space, bands, rng, separable=separable)
    state = random_state(space, bands, rng, rank=3)
    return h, state, dense(harmonics, h, state, 0.6)


@pytest.mark.parametrize("bands", [6, 8])
@pytest.mark.parametrize("method", [*ANY_SYMBOL, *SEPARABLE])
def test_many_bands(bands, method):
    h, state, wanted = many_bands(bands, method in SEPARABLE)
    final = moved(method, h, state, 0.6, steps=300 if method in SEPARABLE else 1)
    assert np.max(np.abs(wanted - state.data)) > 1e-3
    assert np.max(np.abs(final - wanted)) <= 1e-10 * np.max(np.abs(wanted))


DRIVEN = (
    "(k**2/2 + x**2/8)*sigma_0 + 0.7*k*sigma_y + sin(2*t)*exp(-x**2/4)*(0.9*sigma_x + 0.4*cos(0.5*k)*sigma_z)"
)


@pytest.mark.parametrize("method", ["chebyshev", "chebyshev_low_rank"])
def test_order_four_for_driven_textures(method):
    """H(x, k, t) that does not separate; slopes against a run of many more steps."""
    space = matched_space(48, 18.0)
    h = hamiltonian(space, DRIVEN)
    state = Packet(-0.6, 0.5, 1.0, spinor=(0.6, "0.8*i")).wigner_function(h)
    state = moved("spectral", hamiltonian(space, "0*k*sigma_0"), state, 1.0)  # as the operator form holds it
    state = WignerFunction(space, state)
    if method == "chebyshev_low_rank":
        weyl = WeylTransform(space)
        operators = weyl.operators(unpack(state.data))
        levels, vectors = np.linalg.eigh(operators)
        pure = vectors[..., -1:] @ vectors[..., -1:].conj().swapaxes(1, 2) * levels[:, -1:, None]
        state = WignerFunction.from_matrix(space, weyl.symbol(pure))
    fine = moved(method, h, state, 1.5, 96, t_start=0.3)
    errors = [np.linalg.norm(moved(method, h, state, 1.5, n, t_start=0.3) - fine) for n in (6, 12, 24)]
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(slopes - 4) <= 0.2), slopes


def test_driven_methods_agree():
    space = matched_space(8, 5.0, 0.8, kind=("ring", "zone"))
    a, c = 2 * np.pi / 5.0, 2 * np.pi / space.axis("k").extent
    h = hamiltonian(
        space,
        "cos(c*k)*sigma_0 + sin(c*k)*sigma_y + cos(t)*cos(a*x)*sigma_x + sin(2*t)*sin(a*x)*sigma_z",
        a=a,
        c=c,
    )
    state = random_state(space, 2, np.random.default_rng(0), rank=2)
    wanted = moved("splitting", h, state, 1.7, 800, t_start=0.2)
    for method in ("chebyshev", "chebyshev_low_rank", "harmonics"):
        final = moved(method, h, state, 1.7, 200, t_start=0.2)
        assert np.max(np.abs(final - wanted)) <= 1e-8 * np.max(np.abs(wanted)), method
    final = moved("wave_functions", h, state, 1.7, 800, t_start=0.2)
    assert np.max(np.abs(final - wanted)) <= 1e-12 * np.max(np.abs(wanted))


def test_harmonics_on_a_grid_that_is_not_matched():
    """A crystal in a field of any size: joint hops by the commutator, sums of cosines by splitting too."""
    axes = (Axis("kx", "zone", 0, 2 * np.pi, 32), Axis("ky", "zone", -1, 2 * np.pi - 1, 27))
    space = PhaseSpace(axes, 0.9, (("kx", "ky", 0.21),))
    h = hamiltonian(space, "cos(kx)*sigma_x + sin(ky)*sigma_y + (1 + cos(kx) + cos(ky))*sigma_z")
    start = "(0.4 + 0.2*cos(kx - ky))*sigma_0 + 0.3*sin(kx)*sigma_x"
    state = WignerFunction.from_matrix(space, hamiltonian(space, start).values())
    wanted = moved("splitting", h, state, 1.0, 300)
    final = moved("harmonics", h, state, 1.0)
    assert np.max(np.abs(final - wanted)) <= 1e-9
    # Trace and purity to rounding, and back again.
    state = WignerFunction(space, np.random.default_rng(2).normal(size=state.data.shape))
    moved_random = WignerFunction(space, moved("harmonics", h, state, 1.0))
    assert abs(moved_random.trace() / state.trace() - 1) <= 1e-11
    assert abs(moved_random.purity() / state.purity() - 1) <= 1e-12
    back = moved("harmonics", h, moved_random, -1.0)
    assert np.max(np.abs(back - state.data)) <= 1e-11


@pytest.mark.parametrize("b", [0.7, -0.7])
def test_a_field_beside_positions(b):
    """The phases of the vector potential, against the shifted arguments of splitting, as far as a small box allows."""
    points, length = 28, 12.0
    k = np.pi * points / (2 * length)
    axes = [Axis(n, "box", -length / 2, length / 2, points) for n in "xy"]
    axes += [Axis(n, "box", -k, k, points) for n in ("kx", "ky")]
    plane = PhaseSpace(tuple(axes))
    spec = "(kx**2 + ky**2)/2*sigma_0 + (x**2 + 1.3*y**2)/2*sigma_0 + 0.4*cos(0.7*x)*sigma_x"
    state = Packet((-0.4, 0.2), (0.3, -0.4), 0.75, spinor=(0.6, "0.8*i")).wigner_function(
        hamiltonian(plane, spec)
    )
    space = PhaseSpace(tuple(axes), 1.0, (("kx", "ky", b),))
    opposite = PhaseSpace(tuple(axes), 1.0, (("kx", "ky", -b),))
    state = WignerFunction(space, state.data)
    wanted = moved("splitting", hamiltonian(space, spec), state, 1.0, 12)
    final = moved("spectral", hamiltonian(space, spec), state, 1.0)
    wrong = moved("spectral", hamiltonian(opposite, spec), WignerFunction(opposite, state.data), 1.0)
    assert np.max(np.abs(final - wanted)) <= 0.06
    assert np.max(np.abs(wrong - wanted)) >= 1.0
