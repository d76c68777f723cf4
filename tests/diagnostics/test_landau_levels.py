"""Landau levels, their degeneracies and fillings against Wigner functions in closed form and sums over all levels."""

import numpy as np
import pytest
from nouns import exact_unitary, line, rotated, rotated_field
from problems import hamiltonian
from scipy.special import eval_laguerre

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics import LandauLevels
from wigner.errors import MeasurementError
from wigner.states import WignerFunction


def plane(b, hbar, points=72, width=6.5, along=()):
    """A matched box of kx and ky, {kx, ky} = b, and any further axes."""
    height = np.pi * hbar * abs(b) * points / (4 * width)
    axes = (Axis("kx", "box", -width, width, points), Axis("ky", "box", -height, height, points), *along)
    return PhaseSpace(axes, hbar, brackets=(("kx", "ky", b),))


def level(space, n, quantum):
    """Wigner function of level n of k²/2: 2(−1)ⁿ L_n(2k²/ħ|b|) e^{−k²/ħ|b|}."""
    square = (space.coordinate("kx") ** 2 + space.coordinate("ky") ** 2) / quantum
    return 2 * (-1) ** n * eval_laguerre(n, 2 * square) * np.exp(-square)


@pytest.mark.parametrize("hbar", [1.0, 0.6])
@pytest.mark.parametrize("b", [0.9, -0.8])
def test_parabolic_electrons(b, hbar):
    """(n + ½)ħ|b|, |b|/2πħ states per area, and the shares that F was made of."""
    space, quantum = plane(b, hbar), hbar * abs(b)
    shares = np.array([1.0, 0.3, 0.0, 0.7])
    data = sum(share * level(space, n, quantum) for n, share in enumerate(shares))
    levels = LandauLevels(0.1 * quantum, 0, 4, 1e-6)
    h = hamiltonian(space, "(kx**2 + ky**2)/2")
    found = levels.prepare(h)(WignerFunction(space, data[None]), 0.0)
    assert np.allclose(found["landau_level"], quantum * (np.arange(4) + 0.5), atol=1e-9)
    assert np.allclose(found["landau_degeneracy"], abs(b) / (2 * np.pi * hbar), rtol=1e-12)
    assert np.allclose(found["landau_filling"], shares, atol=1e-9)
    assert isinstance(found["landau_density"], float)
    assert found["landau_density"] == pytest.approx(shares.sum() * abs(b) / (2 * np.pi * hbar), rel=1e-9)
    quantities = {q.name: q.dims for q in levels.quantities(h)}
    assert quantities == dict.fromkeys(
        ("landau_level", "landau_degeneracy", "landau_filling"), ("level",)
    ) | {"landau_density": ()}
    assert set(found) == set(quantities)


def test_every_momentum_along_the_field_has_its_own():
    """H = k²/2 + kz² over time, filled to another share at each kz."""
    kz = Axis("kz", "box", -1.0, 1.5, 5)
    space = plane(0.9, 0.8, along=(kz,))
    quantum, share = 0.72, 0.2 + 0.1 * kz.values
    data = level(space, 1, quantum) * share
    h = hamiltonian(space, "(1 + t)*(kx**2 + ky**2)/2 + kz**2")
    measure = LandauLevels(-0.1, 0, 3).prepare(h)
    for t in (0.0, 0.4):
        found = measure(WignerFunction(space, data[None]), t)
        wanted = (1 + t) * quantum * (np.arange(3) + 0.5)[:, None] + kz.values**2
        assert np.allclose(found["landau_level"], wanted, atol=1e-9)
        assert np.allclose(found["landau_filling"], [0 * share, share, 0 * share], atol=1e-9)
        assert np.allclose(found["landau_degeneracy"], 0.9 / (2 * np.pi * 0.8), rtol=1e-12)
        assert np.allclose(found["landau_density"], share * 0.9 / (2 * np.pi * 0.8), rtol=1e-8)


def torus(q=5, hbar=0.7, names=("kx", "ky")):
    edge = np.pi * hbar
    axes = tuple(Axis(n, "zone", -edge, edge, 2 * q) for n in names)
    return PhaseSpace(axes, hbar, ((*names, 2 * np.pi * hbar / q),))


def test_two_valleys_share_the_level_at_zero():
    """Graphene at 2π/31: twice b/2πħ at zero and at ±1, and Středa: half of all states and one b/2πħ more are not above."""
    space = torus(31, hbar=1.0)
    h = hamiltonian(space, [["0", "1 + exp(i*kx) + exp(i*ky)"], ["1 + exp(-i*kx) + exp(-i*ky)", "0"]])
    state = WignerFunction(space, np.ones((4, *space.shape)) * np.array([0.5, 0.5, 0, 0])[:, None, None])
    found = LandauLevels(0.1, 2, 1, 1e-2).prepare(h)(state, 0.0)
    assert np.allclose(found["landau_degeneracy"], 2 / 31, rtol=1e-12)
    assert np.allclose(found["landau_filling"], 0.5, atol=1e-12)
    assert found["landau_density"] == pytest.approx(1.0, rel=1e-12)


def test_all_levels_hold_all_electrons():
    """Σg = N states per cell and Σgν = ρ, of any F; nothing depends on the basis."""
    space = torus()
    h = hamiltonian(space, "sin(kx/0.7)*sigma_x + sin(ky/0.7)*sigma_y + (cos(kx/0.7) - 1)*sigma_z")
    state = WignerFunction(space, np.random.default_rng(3).normal(size=(4, *space.shape)))
    found = LandauLevels(9.0, 24, 0, 0.03).prepare(h)(state, 0.0)
    assert found["landau_level"].shape == (24,)
    with pytest.raises(MeasurementError, match="landau_levels: expected 25 levels below"):
        LandauLevels(9.0, 25, 0, 0.03).prepare(h)
    assert found["landau_degeneracy"].sum() == pytest.approx(2.0, rel=1e-12)
    held = np.sum(found["landau_degeneracy"] * found["landau_filling"])
    assert held == pytest.approx(found["landau_density"], rel=1e-10)
    unitary = exact_unitary(2, seed=3)
    turned = WignerFunction.from_matrix(space, rotated_field(state.matrix(), unitary))
    again = LandauLevels(9.0, 24, 0, 0.03).prepare(rotated(h, unitary))(turned, 0.0)
    for name, value in found.items():
        assert np.allclose(value, again[name], atol=1e-12)


def test_positions_are_refused():
    with pytest.raises(MeasurementError, match="expected momenta alone, got x, k; record star_spectrum"):
        LandauLevels().prepare(hamiltonian(line(), "k**2 + x**2"))
