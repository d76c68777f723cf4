"""The operator form of the star product against the slow product, and spectra that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import hamiltonian, matched_space
from scipy.integrate import quad

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.star import moyal_product
from wigner.algebra.weyl import WeylTransform
from wigner.bands import star_projector
from wigner.errors import PhaseSpaceError


def crystal(points=12, b=0.3, hbar=0.7):
    """No positions: kx and ky made conjugate by a field, on a matched grid with an origin of its own."""
    width = 4.0
    height = np.pi * hbar * abs(b) * points / width
    axes = (Axis("kx", "zone", -1.3, -1.3 + width, points), Axis("ky", "zone", 0.4, 0.4 + height, points))
    return PhaseSpace(axes, hbar, brackets=(("kx", "ky", b),))


def random_symbol(space, bands, rng, hermitian=False):
    """All harmonics below the Nyquist lines, which alone have no sign the slow product could use."""
    shape = (bands, bands, *space.shape)
    spectrum = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    spectrum[:, :, space.shape[0] // 2] = 0
    spectrum[:, :, :, space.shape[1] // 2] = 0
    field = np.fft.ifftn(spectrum, axes=(2, 3))
    return field + np.swapaxes(field, 0, 1).conj() if hermitian else field


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    bands=st.integers(1, 3),
    points=st.sampled_from([6, 8, 12]),
    b=st.sampled_from([0.3, -0.3, None]),
)
def test_operator_product_is_the_star_product(seed, bands, points, b):
    rng = np.random.default_rng(seed)
    space = matched_space(points, 5.0, 0.8, kind=("ring", "zone")) if b is None else crystal(points, b)
    # Few enough harmonics that products do not fold back over the Nyquist lines, where the slow product has no rule.
    fields = []
    for _ in range(2):
        spectrum = np.fft.fftn(random_symbol(space, bands, rng), axes=(2, 3))
        for axis in (2, 3):
            high = np.abs(np.fft.fftfreq(points) * points) >= points / 4
            spectrum[(slice(None),) * axis + (high,)] = 0
        fields.append(np.fft.ifftn(spectrum, axes=(2, 3)))
    a, c = fields
    weyl = WeylTransform(space)
    slow = moyal_product(a, c, space)
    assert np.max(np.abs(weyl.product(a, c) - slow)) <= 1e-12 * max(1, np.max(np.abs(slow)))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), bands=st.integers(1, 3), b=st.sampled_from([0.3, -0.4]))
def test_round_trip_dagger_and_trace(seed, bands, b):
    space, rng = crystal(8, b), np.random.default_rng(seed)
    a = random_symbol(space, bands, rng)
    weyl = WeylTransform(space)
    operators = weyl.operators(a)
    assert np.max(np.abs(weyl.symbol(operators) - a)) <= 1e-13
    dagger = weyl.operators(np.swapaxes(a, 0, 1).conj())
    assert np.max(np.abs(dagger - operators.conj().swapaxes(-1, -2))) <= 1e-13
    # Tr Â is ∫tr A over cells of 2πħ|c|, N/2 of them on N² points, in each of the four representations.
    total = np.trace(operators, axis1=-2, axis2=-1).sum()
    assert np.isclose(total / 4, np.einsum("aaxy->", a) * 4 / 64)


def test_harmonic_levels():
    """(n + ½)ħω in each of the four representations."""
    space = matched_space(96, 20.0, 0.8)
    h = hamiltonian(space, "k**2/2 + 0.7**2*x**2/2")
    levels = WeylTransform(space).spectrum(h.values())
    wanted = 0.8 * 0.7 * (np.arange(8) + 0.5)
    assert np.max(np.abs(levels[..., :8] - wanted)) <= 1e-10


def test_non_separable_levels():
    """The Weyl symbol x²k² is ¼(x̂²k̂² + 2x̂k̂²x̂ + k̂²x̂²), added to an oscillator; against a truncated ladder basis."""
    space = matched_space(128, 24.0)
    h = hamiltonian(space, "k**2/2 + x**2/2 + 0.05*x**2*k**2")
    levels = WeylTransform(space).spectrum(h.values())[0, :6]
    ladder = np.diag(np.sqrt(np.arange(1.0, 120)), 1)
    x, k = (ladder + ladder.T) / np.sqrt(2), (ladder - ladder.T) / (1j * np.sqrt(2))
    mixed = (x @ x @ k @ k + 2 * x @ k @ k @ x + k @ k @ x @ x) / 4
    dense = (k @ k + x @ x) / 2 + 0.05 * mixed
    wanted = np.linalg.eigvalsh(dense[:100, :100])[:6]
    assert np.max(np.abs(levels - wanted)) <= 1e-8


def test_landau_levels_of_a_parabola_in_a_field():
    """H = k²/2 with {kx, ky} = b has levels ħ|b|(n + ½), for both signs of b."""
    for b in (0.5, -0.5):
        points, width = 96, 6.5
        height = np.pi * abs(b) * points / (4 * width)
        axes = (Axis("kx", "box", -width, width, points), Axis("ky", "box", -height, height, points))
        space = PhaseSpace(axes, 1.0, brackets=(("kx", "ky", b),))
        levels = WeylTransform(space).spectrum(hamiltonian(space, "kx**2/2 + ky**2/2").values())
        assert np.max(np.abs(levels[..., :6] - 0.5 * (np.arange(6) + 0.5))) <= 1e-9


@pytest.mark.parametrize("m", [1.0, -1.0])
@pytest.mark.parametrize("b", [0.5, -0.5])
def test_filled_dirac_sea_in_a_field(m, b):
    """The star-projector on the lower Landau levels against the closed form n = (1 − S)/2, S a Laplace integral of the
    star-exponential of H ⋆ H.

    The box ends the continuum; a mass that grows there keeps its edge states away, and a thousandth remains. The part of S
    proportional to the identity, ±0.21 at k = 0, has the sign of mb: a star product with the wrong sign would be off by 0.2.
    """
    points, width = 128, 7.0
    height = np.pi * abs(b) * points / (4 * width)
    axes = (Axis("kx", "box", -width, width, points), Axis("ky", "box", -height, height, points))
    space = PhaseSpace(axes, 1.0, brackets=(("kx", "ky", b),))
    cutoff = f"{20 * m}*((kx/{width})**12 + (ky/{height})**12)"
    h = hamiltonian(space, f"kx*sigma_x + ky*sigma_y + ({m} + {cutoff})*sigma_z").values()
    filled = WeylTransform(space).function(
        np.broadcast_to(h, (2, 2, points, points)), lambda e: (e < 0) * 1.0
    )

    def closed_form(kx, ky):
        def integrand(u, part):
            t = u * u
            turn = np.tanh(b * t)
            weight = 2 / np.sqrt(np.pi) * np.exp(-t * m * m - (kx**2 + ky**2) / b * turn)
            return weight * ((1 - turn**2) * kx, (1 - turn**2) * ky, m, m * turn)[part]

        x, y, z, one = (quad(integrand, 0, 12, args=(part,), epsabs=1e-12)[0] for part in range(4))
        return 0.5 * np.array([[1 - one - z, -(x - 1j * y)], [-(x + 1j * y), 1 - one + z]])

    for i, j in ((64, 64), (70, 68), (54, 72)):
        expected = closed_form(space.axis("kx").values[i], space.axis("ky").values[j])
        assert np.max(np.abs(filled[:, :, i, j] - expected)) <= 1.5e-3
    assert (1 - filled[:, :, 64, 64].trace().real) * np.sign(m * b) > 0.2


def test_star_exponential_of_an_oscillator():
    """e_⋆^{−βH} = sech(βħω/2) exp(−(2H/ħω) tanh(βħω/2))."""
    hbar, omega = 0.8, 0.7
    space = matched_space(96, 20.0, hbar)
    h = hamiltonian(space, f"k**2/2 + {omega**2}*x**2/2").values()
    for beta in (2.0, 4.0, 9.0):
        found = WeylTransform(space).function(h, lambda e, beta=beta: np.exp(-beta * e))
        half = beta * hbar * omega / 2
        expected = np.exp(-2 * h / (hbar * omega) * np.tanh(half)) / np.cosh(half)
        assert np.max(np.abs(found - expected)) <= 1e-10


@pytest.mark.parametrize("spec", ["cos(k) + 0.5*sin(x + k)", "sin(k)*sigma_x + cos(x)*sigma_y + 0.4*sigma_z"])
def test_star_exponential_solves_its_equation(spec):
    """∂_β G = −H ⋆ G = −G ⋆ H, with the slow product and a difference quotient of sixth order."""
    points = 32
    axes = (Axis("x", "ring", 0, 2 * np.pi, points), Axis("k", "zone", 0, 2 * np.pi, points))
    space = PhaseSpace(axes, 4 * np.pi / points)
    h = np.array(hamiltonian(space, spec).values())
    h = np.broadcast_to(h, (*h.shape[:2], *space.shape))
    weyl, step = WeylTransform(space), 0.02

    def g(beta):
        return weyl.function(h, lambda e: np.exp(-beta * e))

    weights = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    slope = sum(w * (g(0.8 + n * step) - g(0.8 - n * step)) for n, w in weights.items()) / step
    middle = g(0.8)
    for product in (moyal_product(h, middle, space), moyal_product(middle, h, space)):
        assert np.max(np.abs(slope + product)) <= 1e-9
    assert np.max(np.abs(slope + np.einsum("ab...,bc...->ac...", h, middle))) > 1e-3


def test_function_agrees_with_the_iterated_projector():
    points = 28
    space = matched_space(points, 2 * np.pi, 0.2, kind=("ring", "zone"))
    h = hamiltonian(
        space, f"sin(k*{2 * np.pi / space.axis('k').extent:.17g})*sigma_x + 2.5*sigma_z + 0.5*sin(x)*sigma_y"
    )
    full = np.broadcast_to(h.values(), (2, 2, points, points))
    direct = WeylTransform(space).function(full, lambda e: (e < 0) * 1.0)
    iterated = star_projector(full, space, 0.0, tolerance=1e-10)
    assert np.max(np.abs(direct - iterated)) <= 1e-9


def torus(pairs, points=4, parameter=False, hbar=0.7, b=0.4):
    """Rings and zones on a matched grid: (x, kx), also (y, ky); or kx and ky in a field, also with a kz that commutes."""
    if pairs == "crystal":
        space = crystal(points, b, hbar)
        axes = (*space.axes, Axis("kz", "zone", 0, 2, 4)) if parameter else space.axes
        return PhaseSpace(axes, hbar, space.brackets)
    names = "xy"[:pairs]
    k = np.pi * hbar * points / 6.0
    momenta = ["k"] if pairs == 1 else [f"k{n}" for n in names]
    axes = [Axis(n, "ring", -1, 2, points) for n in names] + [Axis(n, "zone", -k, k, points) for n in momenta]
    return PhaseSpace(tuple(axes), hbar)


def few_harmonics(space, bands, rng):
    """Wave numbers −1, 0 and 1 along every axis, so that a product stays below the Nyquist lines of six points."""
    spectrum = np.zeros((bands, bands, *space.shape), dtype=complex)
    for _ in range(6):
        wave = tuple(rng.integers(-1, 2, size=len(space.axes)))
        spectrum[(slice(None), slice(None), *wave)] += rng.normal(size=(bands, bands))
    return np.fft.ifftn(spectrum, axes=range(2, 2 + len(space.axes)), norm="forward")


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    bands=st.integers(1, 3),
    space=st.sampled_from(
        [torus(2, 6), torus("crystal", 6, parameter=True), torus("crystal", 6, True, b=-0.4), torus(1, 6)]
    ),
)
def test_products_of_several_pairs_and_beside_commuting_axes(seed, bands, space):
    rng = np.random.default_rng(seed)
    a, c = few_harmonics(space, bands, rng), few_harmonics(space, bands, rng)
    slow = moyal_product(a, c, space)
    weyl = WeylTransform(space)
    assert np.max(np.abs(weyl.symbol(weyl.operators(a)) - a)) <= 1e-13
    assert np.max(np.abs(weyl.product(a, c) - slow)) <= 1e-12 * max(1, np.max(np.abs(slow)))


@pytest.mark.parametrize(
    "space", [torus(1, 6), torus(2, 6), torus("crystal", 6, True), torus("crystal", 6, b=-0.4)]
)
def test_eigenvalues_of_a_coordinate_are_its_grid_points(space):
    """Along the first axis of a pair they are diagonal; along the second, the spectrum of its operator."""
    weyl = WeylTransform(space)
    for name in space.names:
        operators = weyl.operators((space.coordinate(name) + 0j)[None, None])
        levels = np.linalg.eigvalsh(operators)
        repeats = levels.shape[1] // weyl.eigenvalues(name).shape[1]
        wanted = np.sort(np.repeat(weyl.eigenvalues(name), repeats, axis=1), axis=1)
        assert np.max(np.abs(levels - wanted)) <= 1e-12


@pytest.mark.parametrize("b", [0.7, -0.7])
def test_fock_darwin_levels(b):
    """A trap in a field beside positions: ħΩ(2n + |l| + 1) − ħbl/2, Ω² = ω² + b²/4."""
    points, length, omega = 40, 13.0, 0.8
    k = np.pi * points / (2 * length)
    axes = [Axis(n, "box", -length / 2, length / 2, points) for n in "xy"]
    axes += [Axis(n, "box", -k, k, points) for n in ("kx", "ky")]
    space = PhaseSpace(tuple(axes), 1.0, (("kx", "ky", b),))
    h = hamiltonian(space, "(kx**2 + ky**2)/2 + w**2*(x**2 + y**2)/2", w=omega)
    capital = np.hypot(omega, b / 2)
    fock_darwin = sorted(capital * (2 * n + abs(l) + 1) - b * l / 2 for n in range(5) for l in range(-9, 10))
    levels = WeylTransform(space).spectrum(h.values())[:, :8]
    assert np.max(np.abs(levels - np.array(fock_darwin[:8]))) <= 1e-6


def test_grids_without_an_operator_form_are_refused():
    with pytest.raises(PhaseSpaceError, match="matched"):
        WeylTransform(PhaseSpace((Axis("x", "box", -2, 2, 8), Axis("k", "box", -3, 3, 8))))
    momenta = tuple(Axis(n, "zone", 0, 1, 8) for n in ("kx", "ky", "kz"))
    with pytest.raises(PhaseSpaceError, match="the field along an axis"):
        WeylTransform(PhaseSpace(momenta, 1.0, (("kx", "ky", 0.3), ("ky", "kz", 0.2))))
    with pytest.raises(PhaseSpaceError, match="got kx, ky; the operator form needs a pair"):
        WeylTransform(PhaseSpace(momenta[:2]))
    plane = torus(2)
    with pytest.raises(PhaseSpaceError, match="fits around"):
        WeylTransform(PhaseSpace(plane.axes, plane.hbar, (("kx", "ky", 0.3),)))
