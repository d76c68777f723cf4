"""The magnetic cell against what is known of Hofstadter's bands, and against Landau levels."""

from dataclasses import replace

import numpy as np
import pytest
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.certify.problem import ReferenceProblem
from wigner.certify.reference import evaluate_reference
from wigner.errors import MeasurementError
from wigner.models import UniformFields
from wigner.states import Fermi

SQUARE = "-2*(cos(kx) + cos(ky))"
QWZ = "sin(kx)*sigma_x + sin(ky)*sigma_y + (u + cos(kx) + cos(ky))*sigma_z"


def problem(spec, flux, hbar=1.0, levels=None, spacing=1.0, **options):
    edge = np.pi * hbar / spacing
    axes = tuple(Axis(n, "zone", -edge, edge, 8) for n in ("kx", "ky"))
    space = PhaseSpace(axes, hbar, brackets=(("kx", "ky", 2 * np.pi * flux * hbar / spacing**2),))
    h = hamiltonian(space, spec, u=-1.0)
    return ReferenceProblem(h, None, np.arange(3.0), {}, {"star_spectrum": levels, **options})


def edge(spec, flux, band, which, **more):
    return evaluate_reference(
        "magnetic_cell", problem(spec, flux, band=band, edge=which, **more), "star_level"
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_square_lattice_edges_in_closed_form(sign):
    """q = 1: the bare band; 2: E² = 4(cos² + cos²); 3: E³ − 6E = ±4; all of them by Chambers' relation."""
    assert edge(SQUARE, sign, 0, "top") == pytest.approx(4, abs=1e-12)
    assert edge(SQUARE, sign / 2, 1, "top") == pytest.approx(2 * np.sqrt(2), abs=1e-12)
    assert edge(SQUARE, sign / 2, 1, "bottom") == pytest.approx(0, abs=1e-7)
    wanted = np.sort([*np.roots([1, 0, -6, 4]).real, *np.roots([1, 0, -6, -4]).real])
    found = [edge(SQUARE, sign / 3, band, which) for band in range(3) for which in ("bottom", "top")]
    assert np.max(np.abs(found - wanted)) <= 1e-12


def test_units_of_momentum():
    """H in ka/ħ: only the flux through a cell counts."""
    plain = edge(SQUARE, 2 / 7, 3, "top")
    assert edge("-2*(cos(2.5*kx/0.4) + cos(2.5*ky/0.4))", 2 / 7, 3, "top", hbar=0.4, spacing=2.5) == (
        pytest.approx(plain, abs=1e-12)
    )


def test_bottom_of_the_band_is_landau_quantised():
    """E₀ = −4 + θ in leading order; the departure falls as θ²."""
    sizes = (20, 40, 80)
    errors = [abs(edge(SQUARE, 1 / q, 0, "bottom", samples=1) + 4 - np.pi * 2 / q) for q in sizes]
    slopes = -np.diff(np.log2(errors))
    assert np.all(np.abs(slopes - 2) <= 0.1), slopes


@pytest.mark.parametrize(("sign", "below"), [(1, 15), (-1, 17)])
def test_a_chern_insulator_loses_a_level_to_the_field(sign, below):
    """u = −1, C = 1: a quantum of +b binds the charge −C, so 16 − 1 of 32 bands are under the gap."""
    assert edge(QWZ, sign / 16, below - 1, "top") < -0.5
    assert edge(QWZ, sign / 16, below, "bottom") > 0.5


def test_recorded_levels_are_those_of_four_momenta():
    """q = 2: cos² of 0 or π/2 each, E = ±2√2, ±2 and 0."""
    levels = {"energy": 0.5, "below": 2, "above": 2, "resolution": 1e-9}
    found = evaluate_reference("magnetic_cell", problem(SQUARE, 1 / 2, levels=levels), "star_level")
    assert found.shape == (3, 4)
    assert np.allclose(found[0], [-2, 0, 2, 2 * np.sqrt(2)], atol=1e-12)


def test_states_per_area_of_recorded_levels():
    """Two energies at each of four momenta, ±2√2, twice ±2, twice 0; sites of area 4, two in a cell."""
    levels = {"energy": 0.5, "below": 2, "above": 2, "resolution": 1e-9}
    half = problem(SQUARE.replace("kx", "2*kx").replace("ky", "2*ky"), 1 / 2, spacing=2.0)
    given = replace(half, options={"landau_levels": levels})
    assert np.allclose(
        evaluate_reference("magnetic_cell", given, "landau_level")[0], [-2, 0, 2, 2 * np.sqrt(2)], atol=1e-12
    )
    found = evaluate_reference("magnetic_cell", given, "landau_degeneracy")
    assert np.allclose(found, np.array([[2, 2, 2, 1]] * 3) / 8 / 4, atol=1e-12)


@pytest.mark.parametrize("temperature", [0.0, 0.3])
def test_electrons_per_area_in_planes_that_move(temperature):
    """E = ±2√2, ±2, ±2, 0, 0, and kz for a scale of them; at t each plane holds what it held at kz − ∫f dt."""
    edge = np.pi
    axes = [Axis(n, "zone", -edge, edge, 8) for n in ("kx", "ky")]
    axes.append(Axis("kz", "box", 1.0, 3.0, 5))
    space = PhaseSpace(tuple(axes), 1.0, brackets=(("kx", "ky", np.pi),))
    fields = UniformFields.parse(force=[0, 0, "0.4*t"])
    h = hamiltonian(space, "-2*kz*(cos(kx) + cos(ky))", fields)
    state, times = Fermi(1.7, temperature, star=True), np.array([0.0, 1.0, 1.5])
    found = evaluate_reference("magnetic_cell", ReferenceProblem(h, state, times), "landau_density")
    energies = np.array([-2, 2, 0, 0, *np.sqrt(2) * np.array([-1, -1, 1, 1])]) * np.sqrt(2)
    kz = axes[2].values - 0.2 * times[:, None] ** 2
    apart = 1.7 - kz[..., None] * energies
    shares = (apart > 0) if temperature == 0 else 1 / (np.exp(-apart / 0.3) + 1)
    assert np.allclose(found, shares.mean(axis=-1), atol=1e-12)
    assert np.ptp(found) > 0.1
    for other, message in ((replace(state, star=False), "star = true"), (state, "a force along the field")):
        across = UniformFields.parse(force=["0.1", 0, 0]) if other is state else fields
        with pytest.raises(MeasurementError, match=message):
            one = hamiltonian(space, "-2*kz*(cos(kx) + cos(ky))", across)
            evaluate_reference("magnetic_cell", ReferenceProblem(one, other, times), "landau_density")


@pytest.mark.parametrize(
    ("spec", "flux", "options", "message"),
    [
        (SQUARE, 1 / 5, {"band": 5, "edge": "top"}, r"band in 0 … 4 .* got 5"),
        (SQUARE, 1 / 5, {"band": 1}, "edge 'top' or 'bottom', got 1 and None"),
        (SQUARE, 1 / 5, {"band": 1, "edge": "side"}, "got 1 and 'side'"),
        (SQUARE, np.sqrt(2) / 5, {"band": 0, "edge": "top"}, "flux 2π p/q"),
        ("kx**2 + ky**2", 1 / 5, {"band": 0, "edge": "top"}, "the zone's period"),
        ("cos(kx) + cos(16*ky)", 1 / 5, {"band": 0, "edge": "top"}, "harmonics below 16"),
        ("cos(kx)*t", 1 / 5, {"band": 0, "edge": "top"}, "static H"),
        (SQUARE, 1 / 5, {}, "star_spectrum"),
    ],
)
def test_refusals(spec, flux, options, message):
    with pytest.raises(MeasurementError, match=message):
        evaluate_reference("magnetic_cell", problem(spec, flux, **options), "star_level")


def test_only_levels():
    with pytest.raises(MeasurementError, match="got 'trace'"):
        evaluate_reference("magnetic_cell", problem(SQUARE, 1 / 5), "trace")
