"""A magnetic field that changes, with positions: kinetic momenta against wave functions of canonical ones."""

from itertools import pairwise

import numpy as np
import pytest
from problems import evolve, hamiltonian
from scipy.integrate import solve_ivp

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics.current import Current
from wigner.equations import Moyal
from wigner.models import Hamiltonian, UniformFields
from wigner.states import Packet, WignerFunction
from wigner.steppers import COMPOSITIONS, Splitting

POINTS = 28
HBAR = 0.9


def plane(points=POINTS, reach=None, hbar=HBAR):
    reach = np.sqrt(np.pi * hbar * points) / 2 if reach is None else reach
    momentum = np.pi * hbar * points / (4 * reach)
    axes = [Axis(n, "box", -reach, reach, points) for n in "xy"]
    axes += [Axis(n, "box", -momentum, momentum, points) for n in ("kx", "ky")]
    return PhaseSpace(tuple(axes), hbar)


def wave_density(matrix_of_p, potential, field, push, origin, psi, reach, t_end):
    """|ψ(x, y, t)|² of H = T(p − qA(r, t)) + V(r) − f(t)·r in the symmetric gauge, A = (b/2) ẑ × (r − r₀).

    `matrix_of_p` is T of commuting numbers as (constant, linear (2, N, N), quadratic coefficient): a polynomial is all that
    a Taylor expansion of T(p − qA) needs, symmetrically ordered. An ODE solver moves ψ.
    """
    constant, linear, quadratic = matrix_of_p
    points = psi.shape[1]
    x = -reach + 2 * reach / points * np.arange(points)
    p = HBAR * 2 * np.pi * np.fft.fftfreq(points, 2 * reach / points)
    gx, gy = np.meshgrid(x, x, indexing="ij")
    v = potential(gx, gy)

    def momentum(field_, axis):
        shape = [1, 1, 1]
        shape[axis] = -1
        return np.fft.ifft(p.reshape(shape) * np.fft.fft(field_, axis=axis), axis=axis)

    def rate(t, flat):
        now = flat.reshape(psi.shape)
        b = field(t)
        a = (-0.5 * b * (gy - origin[1]), 0.5 * b * (gx - origin[0]))
        kinetic = [momentum(now, n + 1) - a[n] * now for n in (0, 1)]
        out = (v - push(t)[0] * gx - push(t)[1] * gy) * now + np.einsum("ab,bxy->axy", constant, now)
        for n in (0, 1):
            out = out + np.einsum("ab,bxy->axy", linear[n], kinetic[n])
            if quadratic:
                out = out + quadratic * (momentum(kinetic[n], n + 1) - a[n] * kinetic[n])
        return (-1j / HBAR * out).ravel()

    moved = solve_ivp(rate, (0, t_end), psi.ravel(), method="DOP853", rtol=1e-9, atol=1e-11).y[:, -1]
    return np.sum(np.abs(moved.reshape(psi.shape)) ** 2, axis=0)


def packet_wave(points, reach, position, momentum, width, spinor):
    x = -reach + 2 * reach / points * np.arange(points)
    parts = [
        (2 * np.pi * width**2) ** -0.25 * np.exp(-((x - r) ** 2) / (4 * width**2) + 1j * k * (x - r) / HBAR)
        for r, k in zip(position, momentum, strict=True)
    ]
    return np.multiply.outer(np.array(spinor, dtype=complex), np.multiply.outer(*parts))


ZERO = np.zeros((1, 1))
PARABOLA = (ZERO, (ZERO, ZERO), 0.5)
SX, SY, SZ = (np.array(m) for m in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]))
DIRAC = (0.5 * SZ, (0.5 * SX, 0.5 * SY), 0.0)
WELL = "((x**2 + y**2)/2 + x*y/6)"


def well(x, y):
    return (x**2 + y**2) / 2 + x * y / 6


@pytest.mark.parametrize(
    "kinetic, polynomial, spinor",
    [
        ("(kx**2 + ky**2)/2", PARABOLA, (1,)),
        ("0.5*(kx*sigma_x + ky*sigma_y) + 0.5*sigma_z", DIRAC, (0.8, 0.6)),
    ],
    ids=["parabola", "dirac"],
)
def test_driven_fields_against_a_wave_function(kinetic, polynomial, spinor):
    """b(t), its induced field about r₀ and a force f(t): kinetic F against ψ in the symmetric gauge; b(0) = 0."""
    space, t_end, origin = plane(), 0.7, (0.4, -0.6)
    fields = UniformFields.parse(magnetic="sin(2*t)", force=("0.2*cos(t)", "-0.1"), origin=origin)
    potential = WELL + ("*sigma_0" if len(spinor) > 1 else "")
    h = hamiltonian(space, f"{kinetic} + {potential}", fields)
    width = np.sqrt(HBAR / 2)
    start = Packet((0.2, -0.1), (0.0, 0.2), width, spinor=spinor).wigner_function(h)
    final = evolve(h, start, t_end, 6).density()

    # Twice as wide: ψ is the square root of what fits into the grid of F.
    reach, inner = 2 * space.axis("x").stop, slice(POINTS // 2, -POINTS // 2)
    wave = packet_wave(2 * POINTS, reach, (0.2, -0.1), (0.0, 0.2), width, spinor)
    expected = wave_density(
        polynomial,
        well,
        lambda t: np.sin(2 * t),
        lambda t: (0.2 * np.cos(t), -0.1),
        origin,
        wave,
        reach,
        t_end,
    )[inner, inner]
    assert np.max(np.abs(final - expected)) <= 1e-6 * expected.max()

    # The same without the flow that carries the induced field and the force, and with the force alone.
    for left in (None, UniformFields.parse(force=("0.2*cos(t)", "-0.1"))):
        other = evolve_without_induced(h, start, t_end, left)
        assert np.max(np.abs(other - expected)) >= 1e-2 * expected.max()


def evolve_without_induced(h, start, t_end, fields):
    """The density if b(t) only turned momenta, with the forces of `fields` as the only shift."""
    equation = Moyal(h)
    data = equation.allocate()
    flows = equation.flows(data)[:-1]
    if fields is not None:
        flows += Moyal(Hamiltonian(h.space, h.symbol, fields)).flows(data)[-1:]
    data[:] = start.data
    Splitting(flows, COMPOSITIONS[1]).advance(0.0, t_end / 6, 6)
    return WignerFunction(h.space, data).density()


@pytest.mark.parametrize("kinetic", ["parabola", "dirac"])
def test_two_gauges_of_a_constant_field(kinetic):
    """b as a bracket of kinetic momenta, and as the vector potential (0, bx) of canonical ones: one density, one current."""
    space, b = plane(POINTS if kinetic == "parabola" else 32), 0.3
    spec = {
        "parabola": ("kx**2/2 + ({})**2/2", ""),
        "dirac": ("0.5*kx*sigma_x + 0.5*({})*sigma_y + 0.4*sigma_z", "*sigma_0"),
    }[kinetic]
    bands = 1 if kinetic == "parabola" else 2
    x, y, kx, ky = (space.coordinate(n) for n in space.names)
    spinor = np.array([[1.0]]) if bands == 1 else np.outer([0.8, 0.6j], [0.8, -0.6j])
    densities, currents = [], []
    for text, shear, fields in (
        ("ky", b, UniformFields.parse(magnetic=b)),
        (f"ky - {b}*x", 0.0, None),
    ):
        h = hamiltonian(space, f"{spec[0].format(text)} + {WELL}{spec[1]}", fields)
        p = (kx, ky + shear * x)
        bump = np.exp(-((x - 0.2) ** 2 + y**2 + (p[0] - 0.1) ** 2 + p[1] ** 2) / HBAR)
        start = WignerFunction.from_matrix(space, np.multiply.outer(spinor, bump))
        final = evolve(h, start, 0.6, 8)
        densities.append(final.density())
        currents.append(Current().prepare(h)(final, 0.6))
        assert abs(final.trace() / start.trace() - 1) <= 1e-12
    one, two = densities
    assert np.max(np.abs(one - start.density())) > 0.01 * one.max()
    assert np.max(np.abs(one - two)) <= 1e-8 * one.max()
    for name, found in currents[0].items():
        assert np.max(np.abs(found)) > 0.01 * one.max()
        assert np.max(np.abs(found - currents[1][name])) <= 1e-8 * one.max()


def test_one_position_of_two():
    """A state the same all along y: the induced field is b˙ (x − x₀) along y, all of it, and each p_y moves alone."""
    hbar, x0, t_end = 0.9, 0.5, 1.0
    axes = (
        Axis("x", "box", -4.8, 4.8, 32),
        Axis("kx", "box", -4.7, 4.7, 32),
        Axis("ky", "box", -5.0, 6.0, 40),
    )
    space = PhaseSpace(axes, hbar)
    fields = UniformFields.parse(magnetic="0.8*sin(2*t)", origin=x0)
    h = hamiltonian(space, "(kx**2 + ky**2)/2 + x**2/2", fields)
    x, kx, ky = (space.coordinate(n) for n in space.names)
    w = hbar / 2
    # A pure state in x for every p_y, weighted by a Gaussian of p_y.
    start = WignerFunction(
        space, (2 * np.exp(-((x - 0.3) ** 2) / (2 * w) - kx**2 / (2 * w) - (ky - 0.5) ** 2))[None]
    )
    final = evolve(h, start, t_end, 12)

    points, reach = 64, 9.6
    grid = -reach + 2 * reach / points * np.arange(points)
    momentum = hbar * 2 * np.pi * np.fft.fftfreq(points, 2 * reach / points)
    psi = (2 * np.pi * w) ** -0.25 * np.exp(-((grid - 0.3) ** 2) / (4 * w)).astype(complex)
    p_y = np.linspace(-4.5, 5.5, 60)

    def rate(t, flat):
        now = flat.reshape(len(p_y), points)
        kinetic = np.fft.ifft(momentum**2 / 2 * np.fft.fft(now, axis=1), axis=1)
        k_y = p_y[:, None] - 0.8 * np.sin(2 * t) * (grid - x0)
        return (-1j / hbar * (kinetic + (k_y**2 / 2 + grid**2 / 2) * now)).ravel()

    waves = np.tile(psi, (len(p_y), 1)).ravel()
    moved = solve_ivp(rate, (0, t_end), waves, method="DOP853", rtol=1e-10, atol=1e-12).y[:, -1]
    weights = np.exp(-((p_y - 0.5) ** 2)) * (p_y[1] - p_y[0]) / (2 * np.pi * hbar)
    expected = (weights @ np.abs(moved.reshape(len(p_y), points)) ** 2)[16:48]
    assert np.max(np.abs(final.density() - expected)) <= 1e-7 * expected.max()


# --- orders and reversal, on a small grid with one position -------------------------------------------------


SMALL = PhaseSpace(
    (
        Axis("x", "box", -4.2, 4.2, 14),
        # An odd number of samples, as many above zero as below: the mirror image of the grid is the grid.
        Axis("kx", "box", -3.0, 3.5, 13),
        Axis("ky", "box", -3.0, 3.5, 13),
    ),
    0.9,
)
KINETIC = "0.5*kx*sigma_x + 0.6*ky*sigma_y + 0.4*sigma_z + x**2/3*sigma_0 + 0.3*exp(-x**2)*sigma_x"


def small_state(h):
    x, kx, ky = (SMALL.coordinate(n) for n in SMALL.names)
    bump = np.exp(-((x - 0.4) ** 2) - (kx + 0.3) ** 2 - (ky - 0.2) ** 2)
    return WignerFunction.from_matrix(h.space, np.multiply.outer(np.outer([1, 0.5j], [1, -0.5j]), bump))


@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda c: c.name)
def test_order_in_dt(composition):
    fields = UniformFields.parse(magnetic="sin(2*t)", force=("0.4*cos(3*t)", "t/3"), origin=0.3)
    h = hamiltonian(SMALL, KINETIC, fields)
    state = small_state(h)
    coarse = {2: 10, 4: 9}[composition.order]
    results = [evolve(h, state, 1.0, coarse * 2**n, composition.name).data for n in range(4)]
    errors = [np.linalg.norm(one - two) for one, two in pairwise(results)]
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(slopes - composition.order) <= 0.15), slopes


def test_motion_reversed():
    """F(r, −k)* under H(r, −k)*, f(T − t) and −b(T − t) goes back to where F came from, induced field included."""
    there = UniformFields.parse(magnetic="sin(2*t) + 0.2", force=("0.4*cos(3*t)", "t/3"), origin=0.3)
    back = UniformFields.parse(
        magnetic="-sin(2*(1 - t)) - 0.2", force=("0.4*cos(3*(1 - t))", "(1 - t)/3"), origin=0.3
    )
    h = hamiltonian(SMALL, KINETIC, there)
    mirrored = hamiltonian(
        SMALL,
        "-0.5*kx*sigma_x + 0.6*ky*sigma_y + 0.4*sigma_z + x**2/3*sigma_0 + 0.3*exp(-x**2)*sigma_x",
        back,
    )
    start = small_state(h)

    def reversed_(field):
        return field[..., ::-1, ::-1].conj()

    middle = evolve(h, start, 1.0, 10)
    final = evolve(mirrored, WignerFunction.from_matrix(SMALL, reversed_(middle.matrix())), 1.0, 10)
    assert np.max(np.abs(middle.matrix() - start.matrix())) > 0.3
    assert np.max(np.abs(reversed_(final.matrix()) - start.matrix())) <= 1e-10
