"""A force as a shift of the momenta: against an ODE for each momentum, and against the same force as a potential."""

import numpy as np
import pytest
from problems import evolve, hamiltonian, matched_space
from scipy.integrate import solve_ivp

from wigner.algebra import Axis, PhaseSpace
from wigner.equations import Moyal, TruncatedMoyal
from wigner.models import UniformFields
from wigner.states import Packet, WignerFunction
from wigner.steppers import COMPOSITIONS, Splitting


def zone(points=64):
    return PhaseSpace((Axis("k", "zone", -np.pi, np.pi, points),), 0.8)


def text(number):
    return f"({complex(number).real:.17g} + ({complex(number).imag:.17g})*i)"


def random_bloch(bands, seed):
    """A + B cos k + C sin k with random Hermitian A, B, C: as a formula and as a Python function."""
    rng = np.random.default_rng(seed)
    parts = rng.normal(size=(3, bands, bands)) + 1j * rng.normal(size=(3, bands, bands))
    parts = 0.5 * (parts + parts.conj().swapaxes(1, 2))
    spec = [
        [
            f"{text(parts[0, a, b])} + {text(parts[1, a, b])}*cos(k) + {text(parts[2, a, b])}*sin(k)"
            for b in range(bands)
        ]
        for a in range(bands)
    ]
    return spec, lambda k: parts[0] + parts[1] * np.cos(k) + parts[2] * np.sin(k)


def random_state(bands, seed):
    """Σ_m ρ_m e^{imk}, |m| ≤ 2, Hermitian at every k."""
    rng = np.random.default_rng(seed)
    parts = rng.normal(size=(3, bands, bands)) + 1j * rng.normal(size=(3, bands, bands))

    def value(k):
        total = parts[0] + parts[1] * np.exp(1j * k) + parts[2] * np.exp(2j * k)
        return 0.5 * (total + total.conj().T)

    return value


@pytest.mark.parametrize("bands", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "force, integrated",
    [("0.7", lambda t: 0.7 * t), ("0.9*cos(3*t) - t", lambda t: 0.3 * np.sin(3 * t) - t**2 / 2)],
    ids=["constant", "driven"],
)
def test_each_momentum_is_carried_along(bands, force, integrated):
    """F(k, t) = U F(k − ∫f) U† with iħ dU/dt = H(k − ∫_t'^t f) U."""
    space, t_end = zone(), 1.5
    spec, bloch = random_bloch(bands, seed=bands)
    start = random_state(bands, seed=10 + bands)
    h = hamiltonian(space, spec, UniformFields.parse(force=force))
    k = space.axis("k").values
    state = WignerFunction.from_matrix(space, np.moveaxis([start(q) for q in k], 0, -1))
    final = evolve(h, state, t_end, 150).matrix()

    for index, at_end in enumerate(k):
        begin = at_end - integrated(t_end)

        def rate(t, flat, begin=begin):
            matrix = bloch(begin + integrated(t))
            return (-1j / space.hbar * matrix @ flat.reshape(bands, bands)).ravel()

        one = np.eye(bands, dtype=complex).ravel()
        u = solve_ivp(rate, (0, t_end), one, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
        u = u.reshape(bands, bands)
        assert np.max(np.abs(final[..., index] - u @ start(begin) @ u.conj().T)) <= 1e-9


def test_two_momenta_of_a_box():
    """A localised state on box axes, two components of force, a massive Dirac H(kx, ky) that commutes with itself."""
    axes = tuple(Axis(n, "box", -6.0, 6.0, 80) for n in ("kx", "ky"))
    space = PhaseSpace(axes, 0.9)
    fields = UniformFields.parse(force=("0.5*sin(t)", "-0.4"))
    h = hamiltonian(space, "kx*sigma_x + ky*sigma_y + 0.5*sigma_z", fields)
    spinor = np.outer([0.8, 0.6j], [0.8, -0.6j])

    def bump(kx, ky):
        return np.exp(-((kx + 0.5) ** 2) - (ky - 0.8) ** 2)

    kx, ky = space.coordinate("kx"), space.coordinate("ky")
    state = WignerFunction.from_matrix(space, np.multiply.outer(spinor, bump(kx, ky)))
    final = evolve(h, state, 2.0, 200).matrix()

    def momentum(t):
        return 0.5 * (1 - np.cos(t)), -0.4 * t

    for i, j in ((36, 40), (42, 44), (48, 30), (34, 48)):
        bx, by = space.axes[0].values[i] - momentum(2.0)[0], space.axes[1].values[j] - momentum(2.0)[1]

        def rate(t, flat, bx=bx, by=by):
            px, py = np.add((bx, by), momentum(t))
            matrix = np.array([[0.5, px - 1j * py], [px + 1j * py, -0.5]])
            return (-1j / space.hbar * matrix @ flat.reshape(2, 2)).ravel()

        one = np.eye(2, dtype=complex).ravel()
        u = solve_ivp(rate, (0, 2.0), one, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1].reshape(2, 2)
        expected = u @ spinor @ u.conj().T * bump(bx, by)
        assert np.max(np.abs(final[:, :, i, j] - expected)) <= 1e-8


@pytest.mark.parametrize("force, order", [("0.6", None), ("0.6*cos(2*t) + t/4", None), ("0.6", 2)])
def test_a_shift_of_momentum_is_a_linear_potential(force, order):
    """dk/dt = f from [fields] and from V = −f x: the same F of kinetic momenta, from two different flows."""
    space = matched_space(96, 24.0, 0.9)
    matrix = "k**2/2*sigma_0 + 0.7*k*sigma_y + exp(-x**2/4)*sigma_z"
    equation = Moyal if order is None else lambda h: TruncatedMoyal(h, order)
    results = []
    for h in (
        hamiltonian(space, matrix, UniformFields.parse(force=force)),
        hamiltonian(space, f"{matrix} - ({force})*x*sigma_0"),
    ):
        state = Packet(-1.0, 0.3, 1.0, spinor=(1, "0.5j")).wigner_function(h)
        data = equation(h).allocate()
        stepper = Splitting(equation(h).flows(data), COMPOSITIONS[1])
        data[:] = state.data
        stepper.advance(0.0, 2.0 / 400, 400)
        results.append(data)
    assert np.max(np.abs(results[0] - state.data)) > 0.3
    assert np.max(np.abs(results[0] - results[1])) <= 1e-10


def test_a_constant_force_alone_is_exact_in_one_step():
    """Without H, and with an H whose bands do not mix, one step of any length is exact."""
    space = zone(16)
    h = hamiltonian(space, "cos(k)*sigma_z", UniformFields.parse(force=0.9))
    k = space.axis("k").values
    state = WignerFunction.from_matrix(space, np.multiply.outer(np.diag([1.0, 0.4]), 1 + np.sin(2 * k)))
    final = evolve(h, state, 3.0, 1, "strang").matrix()
    assert np.max(np.abs(final[0, 0] - (1 + np.sin(2 * (k - 2.7))))) <= 1e-13
    assert np.max(np.abs(final[1, 1] - 0.4 * (1 + np.sin(2 * (k - 2.7))))) <= 1e-13


def test_what_commutes_with_the_shift_is_merged_and_nothing_else():
    """V(x) passes the shift of k, T(k) does not: a Strang step is T, V, shift, T."""
    space = matched_space(32, 16.0)
    h = hamiltonian(space, "k**2/2 + x**2/2", UniformFields.parse(force="sin(t)"))
    flows = Moyal(h).flows(Moyal(h).allocate())
    assert [flow.advances_time for flow in flows] == [False, False, True]
    assert [flow.commutes_with_time for flow in flows[:2]] == [False, True]
    assert [f for f, _, _ in Splitting(flows, COMPOSITIONS[0]).program(2)] == [0, 1, 2, 0, 1, 2, 0]
    crystal = hamiltonian(zone(), "cos(k)", UniformFields.parse(force=1))
    program = Splitting(Moyal(crystal).flows(Moyal(crystal).allocate()), COMPOSITIONS[0]).program(2)
    assert [f for f, _, _ in program] == [0, 1, 0, 1, 0]


def test_merged_steps_are_the_same_steps():
    space = matched_space(64, 20.0)
    fields = UniformFields.parse(force="0.5*sin(3*t)")
    h = hamiltonian(space, "k**2/2*sigma_0 + 0.8*k*sigma_x + exp(-x**2/4)*sigma_z", fields)
    state = Packet(1.0, 0.4, 1.0, spinor=(1, "0.5j")).wigner_function(h)
    whole = evolve(h, state, 0.6, 12)
    piecewise = state
    for n in range(12):
        piecewise = evolve(h, piecewise, 0.05 * (n + 1), 1, t_start=0.05 * n)
    assert np.max(np.abs(whole.data - piecewise.data)) <= 1e-12


def test_a_pulse_and_a_switch_deliver_their_whole_momentum():
    """∫f is taken to rounding whatever the step, also over a jump inside one step."""
    space = matched_space(64, 20.0)
    h = hamiltonian(space, "0", UniformFields.parse(force="step(t - 0.37) + 5*exp(-((t - 0.6)/0.02)**2)"))
    state = Packet(0.0, -0.5, 1.0).wigner_function(hamiltonian(space, "0"))
    final = evolve(h, state, 1.0, 2)
    k = space.coordinate("k")[None, None]
    pushed = final.expectation(k, ("k",)) - state.expectation(k, ("k",))
    assert abs(pushed - 0.63 - 0.1 * np.sqrt(np.pi)) <= 1e-12
