"""Berry phases of loops moved by an ODE, of states made to have them, and Chern numbers of lattices."""

import numpy as np
import pytest
from nouns import exact_unitary, momenta, rotated
from problems import hamiltonian
from scipy.integrate import solve_ivp

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.diagnostics.berry import Berry
from wigner.diagnostics.chern import ChernNumbers
from wigner.errors import MeasurementError
from wigner.states import WignerFunction

THREE = [["kx", "0", "0"], ["0", "-kx", "0"], ["0", "0", "0"]]


def parameters():
    """kx is the mass, ky the winding −1, 0, 1, 2."""
    return PhaseSpace((Axis("kx", "box", 0.3, 1.5, 4), Axis("ky", "box", -1, 3, 4)))


def formula(text):
    return MatrixFormula.parse(text, variables=("kx", "ky"))


def loops(kx):
    ways = {"forward": 1, "backward": -1, "still": 0}
    return {way: formula(f"exp(-999*((kx - {kx})**2 + (ky - ({w}))**2))") for way, w in ways.items()}


def state_of(vectors):
    """The pure states vectors(m, w) at every point."""
    space = parameters()
    psi = np.array([[vectors(m, w) for w in space.axes[1].values] for m in space.axes[0].values])
    return WignerFunction.from_matrix(space, np.einsum("xya,xyb->abxy", psi, psi.conj()))


@pytest.mark.parametrize("phase", [0.2, 1.9, 3.1, -0.4, -2.2, -3.0])
def test_phases_that_states_were_given(phase):
    """γw beside a dynamical phase and one even in w: γ comes back with its sign, from −π to π."""

    def vectors(m, w):
        turn = np.exp(1j * (phase * w + 5.3 * m + 0.3 * w**2))
        return np.array([0.6 * turn, 0.1, 0.8j])

    band, spectator = [formula("1"), formula("0"), formula("0")], [formula("0"), formula("0"), formula("i")]
    measure = Berry(band, spectator, {"loop": loops(0.6), "other": loops(0.9)}).prepare(
        hamiltonian(parameters(), THREE)
    )
    found = measure(state_of(vectors), 0.0)
    assert abs(found["berry_phase_loop"] - phase) <= 1e-12
    assert abs(found["berry_phase_other"] - phase) <= 1e-12
    assert abs(found["berry_coherence_loop"] - 1) <= 1e-12


def test_a_loop_around_a_dirac_point():
    """The lower band of R cos φ σx + R sin φ σy + mσz by an ODE: half the solid angle, π(1 − m/E)."""
    duration = 120.0

    def vectors(m, w):
        size = np.hypot(m, 1)
        start = np.array([-np.sqrt((1 - m / size) / 2), np.sqrt((1 + m / size) / 2), 1]) / np.sqrt(2)

        def rate(t, psi):
            u = t / duration
            angle = 2 * np.pi * w * (u - np.sin(2 * np.pi * u) / (2 * np.pi))
            across = np.exp(-1j * angle)
            return -1j * np.array([m * psi[0] + across * psi[1], across.conjugate() * psi[0] - m * psi[1], 0])

        return solve_ivp(rate, (0, duration), start.astype(complex), method="DOP853", rtol=1e-8, atol=1e-9).y[
            :, -1
        ]

    size = "sqrt(1 + kx**2)"
    band = [formula(f"-sqrt((1 - kx/{size})/2)"), formula(f"sqrt((1 + kx/{size})/2)"), formula("0")]
    berry = Berry(band, [formula("0"), formula("0"), formula("1")], {"loop": loops(0.6)})
    found = berry.prepare(hamiltonian(parameters(), THREE))(state_of(vectors), duration)
    assert abs(found["berry_phase_loop"] - np.pi * (1 - 0.6 / np.hypot(0.6, 1))) <= 1.5e-3
    assert abs(found["berry_coherence_loop"] - 1) <= 1e-5


def test_what_it_refuses():
    h, one = hamiltonian(parameters(), THREE), formula("1")
    with pytest.raises(
        MeasurementError, match="expected 3 components of band and of spectator, got 2 and 3; write"
    ):
        Berry([one] * 2, [one] * 3, {}).prepare(h)
    with pytest.raises(
        MeasurementError,
        match="expected the weights forward, backward, still of the loop a, got still; write",
    ):
        Berry([one] * 3, [one] * 3, {"a": {"still": one}}).prepare(h)


# --- Chern numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("u", "chern"), [(-3.0, 0), (-1.0, 1), (1.0, -1), (3.0, 0)])
def test_chern_numbers_of_qi_wu_zhang(u, chern):
    """Signs of the closed form; the bands' numbers cancel; a constant rotation changes nothing."""
    h = hamiltonian(
        momenta(points=16),
        f"sin(kx/0.9)*sigma_x + sin(ky/0.9)*sigma_y + ({u} + cos(kx/0.9) + cos(ky/0.9))*sigma_z",
    )
    found = ChernNumbers().prepare(h)(None, 0.0)["chern_number"]
    assert np.allclose(found, [chern, -chern], atol=1e-9)
    turned = ChernNumbers().prepare(rotated(h, exact_unitary(2, seed=5)))(None, 0.0)["chern_number"]
    assert np.allclose(found, turned, atol=1e-9)


def test_chern_numbers_of_three_bands_at_each_kz_and_time():
    """A block that turns with kz and a flat band; the numbers are those of their curvature."""
    rows = [
        ["t + cos(kx) + cos(ky) + cos(kz)", "sin(kx) - i*sin(ky)", "0"],
        ["sin(kx) + i*sin(ky)", "-t - cos(kx) - cos(ky) - cos(kz)", "0"],
        ["0", "0", "9"],
    ]
    axes = (*(Axis(k, "zone", -np.pi, np.pi, 20) for k in ("kx", "ky")), Axis("kz", "zone", -np.pi, np.pi, 4))
    h = hamiltonian(PhaseSpace(axes), rows)
    (quantity,) = ChernNumbers().quantities(h)
    assert quantity.dims == ("band", "kz")
    measure = ChernNumbers().prepare(h)
    # u = t + cos kz at kz = −π, −π/2, 0, π/2.
    assert np.allclose(
        measure(None, -0.7)["chern_number"], [[1, 1, -1, 1], [-1, -1, 1, -1], [0] * 4], atol=1e-9
    )
    assert np.allclose(measure(None, 0.5)["chern_number"][0], [1, -1, -1, -1], atol=1e-9)
