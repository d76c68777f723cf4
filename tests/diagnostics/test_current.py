"""The current: continuity against exact evolution, and wave-function currents it must equal."""

import numpy as np
import pytest
from oracles import gaussian
from problems import evolve, hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics.current import Current
from wigner.errors import MeasurementError
from wigner.models import Hamiltonian, Lattice, UniformFields
from wigner.states import Packet, WignerFunction


def measured(h, state, t=0.0):
    return Current().prepare(h)(state, t)


def density_rate(h, state, tau, t=0.0):
    """∂_tρ by fourth-order differences of exact evolutions."""
    near, far = (
        evolve(h, state, t + s * tau, 2, t_start=t).density()
        - evolve(h, state, t - s * tau, 2, t_start=t).density()
        for s in (1, 2)
    )
    return (8 * near - far) / (12 * tau)


def divergence(space, currents):
    """Spectral Σ_a ∂_a j_a."""
    total = 0
    for number, axis in enumerate(space.positions):
        j = currents[f"current_{axis.name}"]
        w = axis.frequencies.copy()
        w[2 * np.arange(axis.points) == axis.points] = 0
        w = w.reshape([-1 if n == number else 1 for n in range(len(space.positions))])
        total = total + np.fft.ifft(1j * w * np.fft.fft(j, axis=number), axis=number).real
    return total


def check_continuity(h, state, tau, tolerance, t=0.0):
    rate = density_rate(h, state, tau, t)
    flow = divergence(h.space, measured(h, state, t))
    assert np.max(np.abs(rate)) > 1e-3
    assert np.max(np.abs(rate + flow)) <= tolerance * np.max(np.abs(rate))


@pytest.mark.parametrize("hbar", [1.0, 0.6])
@pytest.mark.parametrize(
    "spec, spinor",
    [
        ("k**2/2 + x**2/9", (1,)),
        ("k**4/40 - k**3/9 + exp(-x**2)", (1,)),
        ("sqrt(k**2 + 1) + x**2/9", (1,)),
        ("abs(k) + x/3", (1,)),
        ("cos(2*t + 0.3)*k**2/2 + t*k + x**2/9", (1,)),
        ("k*sigma_x + sigma_z + exp(-x**2)*sigma_0", (1, "0.5j")),
        ("k**2*sigma_0/2 + 0.6*k*sigma_y + exp(-x**2)*sigma_x + x/4*sigma_z", (1, "0.5j")),
        ("k**4*sigma_z/20 + k**2*sigma_x/4 + x**2/9*sigma_y", ("0.2", "i")),
        ([["k**2", "k", "0"], ["k", "x", "i*k**2/3"], ["0", "-i*k**2/3", "1"]], (1, "i", "-0.5")),
    ],
)
def test_continuity_in_one_dimension(spec, spinor, hbar):
    space = matched_space(96, 24.0, hbar)
    h = hamiltonian(space, spec)
    start = Packet(-0.7, 0.8, 1.2, spinor=spinor).wigner_function(h)
    state = evolve(h, start, 0.3, 30)
    check_continuity(h, state, 1e-3, 1e-7, t=0.3)


@pytest.mark.parametrize("chain", ["single", "ssh", "rice_mele"])
def test_continuity_on_a_zone(chain):
    hbar, a = 0.8, 1.0
    zone = np.pi * hbar / a
    space = PhaseSpace((Axis("x", "box", -16.0, 16.0, 128), Axis("k", "zone", -zone, zone, 32)), hbar)
    model = Lattice(chain, staggering=0.4 if chain == "rice_mele" else 0.0, spacing=a)
    h = Hamiltonian(
        space, model.symbol(space) + hamiltonian(space, "x/5").symbol.promoted(1 if chain == "single" else 2)
    )
    spinor = (1,) if chain == "single" else (1, "0.4j")
    state = Packet(0.4, 0.9, 1.5, spinor=spinor).wigner_function(h)
    check_continuity(h, state, 4e-3, 1e-7)


PLANE = PhaseSpace(
    (
        Axis("x", "box", -7.0, 7.0, 24),
        Axis("y", "ring", -6.0, 6.0, 20),
        Axis("kx", "box", -4.5, 4.5, 24),
        Axis("ky", "box", -4.5, 4.5, 22),
    ),
    0.9,
)


@pytest.mark.parametrize(
    "spec, spinor",
    [
        ("(kx**2 + ky**2)/2 + x*y/9", (1,)),
        ("(kx**2 + ky**2)**2/30 + kx*ky**2/9", (1,)),
        ("kx**2/2 + (ky - x/2)**2/2", (1,)),
        ("kx**2/2 + y**2/9", (1,)),
        ("(1 + x/9)*ky**2/2 + t*sin(ky)*exp(-x**2)", (1,)),
        ("kx*sigma_x + ky*sigma_y + x/4*sigma_z", (1, "0.6 + 0.3j")),
        ("kx*ky*sigma_x + (kx**2 - ky**2)*sigma_z/2 + exp(-x**2)*sigma_y", (1, "0.6j")),
    ],
)
def test_continuity_in_two_dimensions(spec, spinor):
    h = hamiltonian(PLANE, spec)
    state = Packet((0.3, -0.2), (0.4, 0.3), (1.0, 1.1), spinor=spinor).wigner_function(h)
    check_continuity(h, state, 1e-2, 1e-5, t=0.4)


def test_continuity_in_a_magnetic_field():
    """Kinetic momenta with {kx, ky} = b: the current is the same expression, the motion is not."""
    space = PhaseSpace(PLANE.axes, PLANE.hbar, brackets=(("kx", "ky", 0.4),))
    h = hamiltonian(space, "(kx**2 + ky**2)/2 + x*y/9")
    x, y, kx, ky = (space.coordinate(n) for n in space.names)
    bump = np.exp(-(x**2) / 2 - y**2 / 2.4 - (kx - 0.4) ** 2 - (ky - 0.3) ** 2 / 0.8)
    check_continuity(h, WignerFunction(space, bump[None]), 1e-2, 1e-5)


def test_continuity_in_fields_of_time():
    """b(t), the field it induces and a force: none of them moves particles by itself, all change where they go."""
    axes = [Axis(a.name, "box", a.start, a.stop, a.points) for a in PLANE.axes]
    fields = UniformFields.parse(magnetic="0.4 + sin(3*t)", force=("0.5", "cos(t)"), origin=(0.3, -0.2))
    h = hamiltonian(PhaseSpace(tuple(axes), PLANE.hbar), "kx*sigma_x + ky*sigma_y + x*y/9*sigma_0", fields)
    x, y, kx, ky = (h.space.coordinate(n) for n in h.space.names)
    bump = np.exp(-(x**2) / 2 - y**2 / 2.4 - (kx - 0.4) ** 2 - (ky - 0.3) ** 2 / 0.8)
    spinor = np.outer([0.8, 0.6], [0.8, 0.6])
    start = WignerFunction.from_matrix(h.space, np.multiply.outer(spinor, bump))
    check_continuity(h, start, 2e-2, 1e-5, t=0.3)


@pytest.mark.parametrize("hbar", [1.0, 0.5])
def test_textbook_currents(hbar):
    """(ħ/m) Im ψ*∂ψ for a parabola, v ψ†σ_xψ for Dirac, of a packet with tilted phase fronts."""
    space = matched_space(96, 24.0, hbar)
    x = space.axis("x").values
    packet = Packet(-0.4, 0.7, 1.1, spinor=(0.8, "0.6*i"))
    psi = gaussian(x, -0.4, 0.7, 1.1, hbar)
    density = np.abs(psi) ** 2
    parabola = hamiltonian(space, "k**2/(2*m)", m=1.6)
    state = Packet(-0.4, 0.7, 1.1).wigner_function(parabola)
    assert np.allclose(measured(parabola, state)["current_x"], 0.7 / 1.6 * density, atol=1e-10)
    both = hamiltonian(space, "v*k*(0.3*sigma_x + sigma_y) + sigma_z", v=1.4)
    # χ†σ_xχ = 0 and χ†σ_yχ = 0.96 for χ = (0.8, 0.6i).
    found = measured(both, packet.wigner_function(both))["current_x"]
    assert np.allclose(found, 1.4 * 0.96 * density, atol=1e-10)


def test_total_current_is_the_mean_velocity():
    """∫j = ⟨∂_kT⟩ in every direction, and a field of momenta without position adds no current."""
    h = hamiltonian(PLANE, "(kx**2 + ky**2)**2/30 + kx*ky**2/9 + x*y")
    state = Packet((0.3, -0.2), (0.4, 0.3), (1.0, 1.1)).wigner_function(h)
    currents = measured(h, state)
    for name, momentum in (("x", "kx"), ("y", "ky")):
        velocity = state.expectation(h.symbol.derivative(momentum)(**PLANE.coordinates()))
        area = PLANE.axis("x").spacing * PLANE.axis("y").spacing
        # Differences of x*y have no momentum; it is in H to be left out.
        assert np.isclose(currents[f"current_{name}"].sum() * area, velocity, rtol=1e-9)


def test_line_average_in_two_dimensions():
    """For a T that couples kx and ky the velocity is averaged along the straight line k ± ħq/2: one wave of the state."""
    h = hamiltonian(PLANE, "kx**2*ky**2/7 + kx**3*ky/5")
    x, y, kx, ky = (PLANE.coordinate(n) for n in PLANE.names)
    qx, qy = 2 * np.pi * 2 / 14, 2 * np.pi * 1 / 12
    envelope = np.exp(-((kx - 0.5) ** 2) - (ky - 0.3) ** 2)
    state = WignerFunction(PLANE, (np.cos(qx * x + qy * y + 0.3) * envelope)[None])
    velocity = 0
    for s, w in zip(*(0.5 * each for each in np.polynomial.legendre.leggauss(6)), strict=True):
        a, b = kx + s * PLANE.hbar * qx, ky + s * PLANE.hbar * qy
        velocity = velocity + w * (2 * a * b**2 / 7 + 3 * a**2 * b / 5)
    # The average is even in q, so that a standing wave carries a standing current.
    amplitude = (velocity * envelope).sum() * PLANE.measure(("kx", "ky"))
    expected = amplitude * np.cos(qx * x + qy * y + 0.3)[:, :, 0, 0]
    assert np.allclose(measured(h, state)["current_x"], expected, atol=1e-12)


def test_the_nyquist_line_moves_with_the_plain_velocity():
    """±q are one wave there: no momentum transfer can be told, and the field (−1)^i g(k) carries (−1)^i ∫ ∂_kT g."""
    space = matched_space(32, 12.0, 0.8)
    h = hamiltonian(space, "k**3")
    k = space.axis("k").values
    data = np.multiply.outer((-1.0) ** np.arange(32), np.exp(-((k - 1) ** 2)))[None]
    expected = (3 * k**2 * np.exp(-((k - 1) ** 2))).sum() * space.measure("k") * (-1.0) ** np.arange(32)
    assert np.allclose(measured(h, WignerFunction(space, data))["current_x"], expected, rtol=1e-12)


def test_refusals():
    space = matched_space(32, 12.0)
    with pytest.raises(MeasurementError, match=r"jump at k = 0.*leave 'current' out"):
        Current().prepare(hamiltonian(space, "step(k)"))
    with pytest.raises(MeasurementError, match=r"smooth T\(k\).*leave 'current' out"):
        Current().prepare(hamiltonian(PLANE, "abs(kx + ky)"))


def test_nothing_moves_without_kinetic_energy():
    space = matched_space(32, 12.0)
    h = hamiltonian(space, "x**2*sigma_0 + sigma_x")
    state = Packet(0.0, 0.5, 1.0, spinor=(1, 0)).wigner_function(h)
    assert np.max(np.abs(measured(h, state)["current_x"])) <= 1e-15


def test_units():
    h = hamiltonian(PLANE, "kx**2 + ky**2")
    assert {q.name: (q.dims, q.units) for q in Current().quantities(h)} == {
        "current_x": (("x", "y"), "1/time/length"),
        "current_y": (("x", "y"), "1/time/length"),
    }
    line = hamiltonian(matched_space(8, 8.0), "k**2")
    assert [q.units for q in Current().quantities(line)] == ["1/time"]


def test_without_positions_it_is_that_of_a_uniform_crystal():
    """∫d²k/(2πħ)² tr(F ∂H/∂k_a), summed by hand, with t in H."""
    axes = (Axis("kx", "zone", -np.pi, np.pi, 12), Axis("ky", "zone", -np.pi, np.pi, 10))
    space = PhaseSpace(axes, 0.7)
    h = hamiltonian(space, "sin(kx)*cos(t)*sigma_y + cos(kx + 2*ky)*sigma_z + 0.3*sin(ky)*sigma_0")
    state = WignerFunction(space, np.random.default_rng(3).normal(size=(4, 12, 10)))
    found = Current().prepare(h)(state, 0.4)
    kx, ky = space.coordinate("kx"), space.coordinate("ky")
    f = state.matrix()
    both = -np.sin(kx + 2 * ky) * (f[0, 0] - f[1, 1]).real
    turn = np.cos(kx) * np.cos(0.4) * (1j * (f[0, 1] - f[1, 0])).real
    cell = (2 * np.pi / 12) * (2 * np.pi / 10) / (2 * np.pi * 0.7) ** 2
    rest = 0.3 * np.cos(ky) * (f[0, 0] + f[1, 1]).real
    assert np.isclose(found["current_x"], np.sum(both + turn) * cell, rtol=1e-12)
    assert np.isclose(found["current_y"], np.sum(2 * both + rest) * cell, rtol=1e-12)
    assert [(q.name, q.dims, q.units) for q in Current().quantities(h)] == [
        ("current_x", (), "1/time/length"),
        ("current_y", (), "1/time/length"),
    ]
