"""Kinetic momenta in a uniform magnetic field without positions: rotations, dense solutions, orders, reversal."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import evolve, hamiltonian
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.spatial.transform import Rotation

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.star import moyal_bracket, moyal_product
from wigner.equations import Moyal, TruncatedMoyal
from wigner.models import UniformFields
from wigner.states import WignerFunction
from wigner.steppers import COMPOSITIONS, Splitting


def box(points, reach, names=("kx", "ky", "kz"), hbar=0.9):
    return PhaseSpace(tuple(Axis(n, "box", -reach, reach, points) for n in names), hbar)


def zone(points, hbar=0.7):
    """Odd numbers of points have no Nyquist line, where the slow star product has no definite meaning."""
    axes = zip(("kx", "ky"), points, strict=True)
    return PhaseSpace(tuple(Axis(n, "zone", 0.0, 2 * np.pi, m) for n, m in axes), hbar)


# --- rotations ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "magnetic, angle",
    [
        ((0.5, -0.7, 0.9), lambda t: t),
        (("cos(2*t)", "-1.4*cos(2*t)", "1.8*cos(2*t)"), lambda t: np.sin(2 * t)),
    ],
    ids=["constant", "driven"],
)
def test_parabolic_electrons_turn_rigidly_about_the_field(magnetic, angle):
    """dk/dt = k × b for H = k²/2: F(k, t) = F(R⁻¹k, 0), b along no axis; a changing b has no other effect."""
    space = box(32, 4.8)
    h = hamiltonian(space, "(kx**2 + ky**2 + kz**2)/2", UniformFields.parse(magnetic=magnetic))

    def bump(k):
        return np.exp(-((k - np.array([0.6, -0.3, 0.5])) ** 2 @ [1.2, 1.0, 0.9]))

    k = np.stack(np.broadcast_arrays(*(space.coordinate(n) for n in space.names)), axis=-1)
    t_end = 0.8
    final = evolve(h, WignerFunction(space, bump(k)[None]), t_end, 40).data[0]
    # k × b = −b × k: clockwise about b.
    turn = Rotation.from_rotvec(-angle(t_end) * np.array([0.5, -0.7, 0.9]))
    expected = bump(turn.inv().apply(k.reshape(-1, 3))).reshape(space.shape)
    assert np.max(np.abs(expected - bump(k))) > 0.2
    assert np.max(np.abs(final - expected)) <= 2e-7


def test_crossed_fields_drift():
    """dk/dt = f + k b × z with H = k²/2: the whole F follows the orbit of its centre, which turns about k₀ = f × z/b."""
    space = box(48, 6.0, ("kx", "ky"))
    h = hamiltonian(space, "(kx**2 + ky**2)/2", UniformFields.parse(force=(0.4, -0.2), magnetic=0.8))
    kx, ky = space.coordinate("kx"), space.coordinate("ky")
    start = np.array([0.9, 0.3])
    state = WignerFunction(space, np.exp(-((kx - start[0]) ** 2) - (ky - start[1]) ** 2)[None])
    final = evolve(h, state, 2.0, 80).data[0]
    orbit = solve_ivp(
        lambda t, k: [0.4 + 0.8 * k[1], -0.2 - 0.8 * k[0]], (0, 2), start, rtol=1e-12, atol=1e-13
    )
    x, y = orbit.y[:, -1]
    assert np.hypot(x - start[0], y - start[1]) > 1
    assert np.max(np.abs(final - np.exp(-((kx - x) ** 2) - (ky - y) ** 2))) <= 1e-8


# --- dense ----------------------------------------------------------------------------------------------------


def hermitian(rng, bands):
    m = rng.normal(size=(bands, bands)) + 1j * rng.normal(size=(bands, bands))
    return 0.3 * (m + m.conj().T)


def random_harmonics(rng, bands):
    """Random Hermitian A + B cos kx + C sin kx + D cos ky + E sin(2 ky), as a formula."""
    waves = ("1", "cos(kx)", "sin(kx)", "cos(ky)", "sin(2*ky)")
    parts = [hermitian(rng, bands) for _ in waves]
    return [
        [
            " + ".join(
                f"({m[a, b].real:.17g} + ({m[a, b].imag:.17g})*i)*{w}"
                for m, w in zip(parts, waves, strict=True)
            )
            for b in range(bands)
        ]
        for a in range(bands)
    ]


def spectral_derivative(field, space, name):
    axis = space.index(name) - len(space.axes)
    shape = [1] * field.ndim
    shape[axis] = -1
    wave = 2 * np.pi * np.fft.fftfreq(field.shape[axis], space.axis(name).spacing)
    return np.fft.ifft(1j * wave.reshape(shape) * np.fft.fft(field, axis=axis), axis=axis)


def random_state(rng, bands, space):
    matrix = rng.normal(size=(bands, bands, *space.shape)) + 1j * rng.normal(
        size=(bands, bands, *space.shape)
    )
    return matrix + np.swapaxes(matrix, 0, 1).conj()


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 3), st.integers(0, 10**6), st.floats(0.2, 1.0), st.booleans())
def test_random_harmonics_against_a_dense_superoperator(bands, seed, b, forced):
    """Every component of a random F, from `expm` of the dense F → (H ⋆ F − F ⋆ H)/iħ − f·∂_kF."""
    rng = np.random.default_rng(seed)
    space = zone((7, 5))
    force = rng.normal(size=2) if forced else np.zeros(2)
    fields = UniformFields.parse(magnetic=b, force=tuple(force))
    h = hamiltonian(space, random_harmonics(rng, bands), fields)
    symbol = np.broadcast_to(h.values(), (bands, bands, *space.shape))
    brackets = PhaseSpace(space.axes, space.hbar, brackets=(("kx", "ky", b),))
    field = random_state(rng, bands, space)
    # Columns are images of plane waves: one harmonic each, which the slow product likes.
    phases = np.exp(1j * np.einsum("ia,ja->ij", *_lattices(space))).reshape(-1, *space.shape)
    columns = []
    for a in range(bands):
        for c in range(bands):
            for wave in phases:
                unit = np.zeros_like(field)
                unit[a, c] = wave
                rate = moyal_product(symbol, unit, brackets) - moyal_product(unit, symbol, brackets)
                rate = rate / (1j * space.hbar)
                for f, name in zip(force, ("kx", "ky"), strict=True):
                    rate = rate - f * spectral_derivative(unit, space, name)
                columns.append(rate.ravel())
    waves = phases.reshape(len(phases), -1).T
    basis = np.kron(np.eye(bands**2), waves)
    generator = np.array(columns).T @ np.linalg.inv(basis)
    expected = (expm(0.5 * generator) @ field.ravel()).reshape(field.shape)
    state = WignerFunction.from_matrix(space, field)
    finals = [evolve(h, state, 0.5, n).matrix() for n in (40, 80)]
    # Of order 4: two step sizes extrapolated.
    best = finals[1] + (finals[1] - finals[0]) / 15
    assert np.max(np.abs(best - expected)) <= 1e-10 * np.max(np.abs(field))


def _lattices(space):
    """Wave vectors and grid points, each (points, 2)."""
    modes = np.meshgrid(*(np.rint(axis.frequencies) for axis in space.axes), indexing="ij")
    points = np.meshgrid(*(axis.values for axis in space.axes), indexing="ij")
    return np.stack(modes, -1).reshape(-1, 2), np.stack(points, -1).reshape(-1, 2)


DRIVEN = {"force": ("0.5*cos(3*t)", "t/3"), "magnetic": "0.6*sin(2*t + 0.5)"}


def driven_crystal(order=None):
    """A two-band crystal, a random state, fields that all depend on t; and the exact rate of change, slowly."""
    rng = np.random.default_rng(5)
    space = zone((7, 9))
    spec = "sin(kx)*sigma_x + sin(ky)*sigma_y + (0.3 + cos(kx) + cos(ky))*sigma_z"
    h = hamiltonian(space, spec, UniformFields.parse(**DRIVEN))
    field = random_state(rng, 2, space)
    symbol = np.broadcast_to(h.values(), field.shape)

    def rate(t, flat):
        now = flat.reshape(field.shape)
        b = 0.6 * np.sin(2 * t + 0.5)
        there = PhaseSpace(space.axes, space.hbar, brackets=(("kx", "ky", b),))
        moved = moyal_bracket(symbol, now, there, order=order)
        for f, name in ((0.5 * np.cos(3 * t), "kx"), (t / 3, "ky")):
            moved = moved - f * spectral_derivative(now, space, name)
        return moved.ravel()

    return h, field, rate


@pytest.mark.parametrize("order", [None, 0, 1, 2, 3])
def test_driven_fields_against_the_slow_star_product(order):
    """The exact equation and every truncation of it, b(t) and f(t) together, from an ODE solver."""
    h, field, rate = driven_crystal(order)
    expected = solve_ivp(rate, (0, 0.6), field.ravel(), method="DOP853", rtol=1e-10, atol=1e-10).y[:, -1]
    equation = Moyal(h) if order is None else TruncatedMoyal(h, order)
    data = equation.allocate()
    stepper = Splitting(equation.flows(data), COMPOSITIONS[1])
    data[:] = WignerFunction.from_matrix(h.space, field).data
    stepper.advance(0.0, 0.6 / 80, 80)
    final = WignerFunction(h.space, data).matrix()
    assert np.max(np.abs(final - expected.reshape(field.shape))) <= 2e-9 * np.max(np.abs(field))


@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda c: c.name)
def test_order_in_dt_with_driven_fields(composition):
    h, field, _ = driven_crystal()
    state = WignerFunction.from_matrix(h.space, field)
    reference = evolve(h, state, 1.0, 320).data
    coarse = {2: 20, 4: 8}[composition.order]
    errors = [
        np.linalg.norm(evolve(h, state, 1.0, n, composition.name).data - reference)
        for n in (coarse, 2 * coarse, 4 * coarse)
    ]
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(slopes - composition.order) <= 0.15), slopes


# --- what holds exactly ---------------------------------------------------------------------------------------


def test_motion_reversed():
    """Motion reversal: F(−k)* moves under H(−k)*, f(T − t) and −b(T − t) back to where it came from."""
    space = zone((10, 12))
    spec = "sin(kx)*sigma_x + 0.7*sin(ky)*sigma_y + (0.3 + cos(kx) + cos(ky))*sigma_z"
    mirrored = "-sin(kx)*sigma_x + 0.7*sin(ky)*sigma_y + (0.3 + cos(kx) + cos(ky))*sigma_z"
    there = UniformFields.parse(force=("cos(3*t)", "t/3"), magnetic="0.6*sin(2*t + 0.5)")
    back = UniformFields.parse(force=("cos(3*(1 - t))", "(1 - t)/3"), magnetic="-0.6*sin(2*(1 - t) + 0.5)")
    start = random_state(np.random.default_rng(3), 2, space)

    def reversed_(field):
        return np.roll(field[:, :, ::-1, ::-1], (1, 1), axis=(2, 3)).conj()

    # The grid is 0 … 2π: the mirror image of point n is point −n.
    middle = evolve(hamiltonian(space, spec, there), WignerFunction.from_matrix(space, start), 1.0, 20)
    state = WignerFunction.from_matrix(space, reversed_(middle.matrix()))
    final = evolve(hamiltonian(space, mirrored, back), state, 1.0, 20)
    assert np.max(np.abs(middle.matrix() - start)) > 0.5
    assert np.max(np.abs(reversed_(final.matrix()) - start)) <= 1e-10


def test_number_and_purity_are_kept_with_full_nyquist_lines():
    """On even grids and random data, over thousands of steps; running back retrieves the start."""
    space = zone((8, 6))
    h = hamiltonian(space, "sin(kx)*sigma_x + cos(ky)*sigma_z", UniformFields.parse(**DRIVEN))
    state = WignerFunction.from_matrix(space, random_state(np.random.default_rng(4), 2, space))
    final = evolve(h, state, 20.0, 1000, "strang")
    assert abs(final.trace() - state.trace()) <= 1e-11
    assert abs(final.purity() / state.purity() - 1) <= 1e-11
    back = evolve(h, final, 0.0, 1000, "strang", t_start=20.0)
    assert np.max(np.abs(back.data - state.data)) <= 1e-10


def test_a_plan_is_made_for_each_field_and_kept_for_a_while():
    h = hamiltonian(zone((8, 6)), "cos(kx) + cos(ky)", UniformFields.parse(magnetic="sin(t)"))
    flow = Moyal(h).flows(Moyal(h).allocate())[0]
    first = flow.at(0.3)
    assert flow.at(0.3) is first
    for t in (0.4, 0.5, 0.3, 0.6, 0.7, 0.3):
        flow.at(t)
    assert flow.at(0.3) is first
    for t in (1.1, 1.2, 1.3, 1.4):
        flow.at(t)
    assert flow.at(0.3) is not first
    # Without a field for a moment nothing is left to transform: H(k) at rest.
    assert flow.at(0.0).product.transforms_per_sweep == 0
