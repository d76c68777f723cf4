"""Levels of operators against oscillators, closed forms and dense matrices; levels of the ends of a box."""

import numpy as np
import pytest
from nouns import exact_unitary, line, rotated
from problems import hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.weyl import WeylTransform
from wigner.diagnostics import StarSpectrum
from wigner.errors import MeasurementError
from wigner.states import WignerFunction


def landau(b=0.5, points=80, width=6.0, kz=None, hbar=1.0):
    height = np.pi * hbar * abs(b) * points / (4 * width)
    axes = [Axis("kx", "box", -width, width, points), Axis("ky", "box", -height, height, points)]
    if kz is not None:
        axes.append(Axis("kz", "box", *kz))
    return PhaseSpace(tuple(axes), hbar, brackets=(("kx", "ky", b),))


def measured(h, t=0.0, **settings):
    spectrum = StarSpectrum(**settings)
    state = WignerFunction(h.space, np.zeros((h.bands**2, *h.space.shape)))
    return spectrum.prepare(h)(state, t)["star_level"]


@pytest.mark.parametrize("hbar", [1.0, 0.6])
def test_oscillator(hbar):
    """(n + ½)ħω; each level once though every representation has it."""
    h = hamiltonian(matched_space(72, 18.0, hbar), "k**2/2 + 0.49*x**2/2")
    levels = measured(h, energy=2.5 * 0.7 * hbar + 0.01, below=3, above=2)
    assert np.max(np.abs(levels - 0.7 * hbar * (np.arange(5) + 0.5))) <= 1e-9


def test_a_level_is_recorded_with_its_dimension():
    h = hamiltonian(landau(kz=(-1, 1, 4)), "kx*sigma_x + ky*sigma_y + kz*sigma_z")
    (quantity,) = StarSpectrum(0.5, 2, 3).quantities(h)
    assert (quantity.name, quantity.dims, quantity.units) == ("star_level", ("level", "kz"), "energy")
    assert quantity.lengths == {"level": 5}
    assert measured(h, energy=0.6, below=2, above=3).shape == (5, 4)


@pytest.mark.parametrize("b", [0.5, -0.4])
@pytest.mark.parametrize("hbar", [1.0, 0.7])
def test_weyl_node_at_every_momentum_along_the_field(b, hbar):
    """±√(2nħ|b| + kz²), and the chiral level kz sgn b."""
    space = landau(b, kz=(-0.4, 0.4, 5), hbar=hbar, width=5.5)
    h = hamiltonian(space, "kx*sigma_x + ky*sigma_y + kz*sigma_z")
    levels = measured(h, energy=-0.5, below=2, above=3)
    for kz, found in zip(space.axis("kz").values, levels.T, strict=True):
        e1, e2 = np.sqrt(2 * hbar * abs(b) * np.array([1, 2]) + kz**2)
        assert np.max(np.abs(found - [-e2, -e1, kz * np.sign(b), e1, e2])) <= 1e-9


def test_levels_of_the_ends_are_left_out():
    """Between −√(2b + m²) and m a Dirac operator in a field b > 0 has nothing; its box has a level at −m, at the ends."""
    h = hamiltonian(landau(), "kx*sigma_x + ky*sigma_y + 0.5*sigma_z")
    levels = measured(h, energy=0.0, below=2, above=3)
    upper = np.sqrt(np.arange(1, 3) + 0.25)
    assert np.max(np.abs(levels - [-upper[1], -upper[0], 0.5, *upper])) <= 1e-9
    whole = np.unique(np.round(WeylTransform(h.space).spectrum(h.values()), 6))
    between = whole[(whole > -upper[0] + 0.01) & (whole < 0.49)]
    assert np.allclose(between, -0.5)
    assert len(between) > 0


def test_levels_of_a_torus_are_those_of_every_representation():
    """Nothing is left out where there are no ends; near levels count once."""
    space = PhaseSpace(
        tuple(Axis(n, "zone", -np.pi, np.pi, 10) for n in ("kx", "ky")), 1.0, (("kx", "ky", 2 * np.pi / 5),)
    )
    h = hamiltonian(space, "-2*(cos(kx) + cos(ky))")
    whole = np.sort(WeylTransform(space).spectrum(h.values()), axis=None)
    assert whole.size == 20
    fine = measured(h, energy=5, below=15, above=0, resolution=1e-9)
    assert np.max(np.abs(np.repeat(fine, [1, 2, 1] * 5) - whole)) <= 1e-12
    coarse = measured(h, energy=5, below=5, above=0, resolution=0.4)
    assert np.max(np.abs(coarse[[0, 4]] - whole.reshape(5, 4).mean(axis=1)[[0, 4]])) <= 1e-12


def test_graphene_approaches_onsager_linearly_in_the_field():
    """E_n → √(√3nθ) with a relative departure −√3nθ/12, the warping of the contours, and the rest falls as θ²."""
    cells = np.array([61, 91, 121])
    departures = []
    for q in cells:
        axes = tuple(Axis(n, "zone", -np.pi, np.pi, 2 * q) for n in ("kx", "ky"))
        space = PhaseSpace(axes, 1.0, (("kx", "ky", 2 * np.pi / q),))
        h = hamiltonian(space, [["0", "1 + exp(i*kx) + exp(i*ky)"], ["1 + exp(-i*kx) + exp(-i*ky)", "0"]])
        zero, first, second = measured(h, energy=0.2, below=1, above=2, resolution=3e-3)
        assert abs(zero) <= 1e-12
        onsager = np.sqrt(np.sqrt(3) * 2 * np.pi / q * np.array([1, 2]))
        departures.append(1 - np.array([first, second]) / onsager)
    linear = np.sqrt(3) / 12 * 2 * np.pi / cells[:, None] * np.array([1, 2])
    for values, order in ((departures, 1), (departures - linear, 2)):
        slopes = -np.diff(np.log(values), axis=0) / np.diff(np.log(cells))[:, None]
        assert np.all(np.abs(slopes - order) <= 0.2), slopes


def test_follows_a_hamiltonian_in_time():
    h = hamiltonian(matched_space(64, 16.0), "k**2/2 + x**2/2 + t")
    for t in (0.0, 0.7):
        assert np.max(np.abs(measured(h, t, energy=0.0, below=0, above=2) - t - [0.5, 1.5])) <= 1e-9


def test_does_not_see_the_basis():
    h = hamiltonian(line(), "k*sigma_x + 0.7*sigma_z + x**2/4*sigma_0 + x*sigma_y/5")
    one, two = (measured(p, energy=1.0) for p in (h, rotated(h, exact_unitary(2, seed=4))))
    assert np.max(np.abs(one - two)) <= 1e-12


@pytest.mark.parametrize(
    ("space", "settings", "message"),
    [
        (
            lambda: PhaseSpace((Axis("kx", "zone", -1, 1, 8),)),
            {},
            "the operator form needs a pair, or leave star_spectrum out",
        ),
        (lambda: PhaseSpace((Axis("x", "box", -4, 4, 8), Axis("k", "box", -1, 1, 8))), {}, "matched grid"),
        (line, {"energy": -50.0}, "expected 3 levels below and 3 above -50, got 0 and"),
        (line, {"energy": 0.0, "above": 99}, "99 above 0, got"),
    ],
)
def test_what_has_no_levels_is_refused(space, settings, message):
    h = hamiltonian(space(), "0.3*" + ("k**2" if "k" in space().names else "kx**2"))
    with pytest.raises(MeasurementError, match=message):
        StarSpectrum(**settings).prepare(h)


def test_energies_beyond_all_numbers_are_refused():
    with np.errstate(all="ignore"), pytest.raises(MeasurementError, match="energies of ordinary size"):
        StarSpectrum().prepare(hamiltonian(line(), "1e308*(1 + cos(k))*sigma_x"))
