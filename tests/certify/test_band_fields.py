"""Fields of bands by name, against the geometry of two bands from the vector that splits them."""

import numpy as np
import pytest
from kinetics import plane, texture

from wigner.bands import TwoBandGeometry
from wigner.certify.band_fields import BandFields, field_names, spelt
from wigner.states.two_band import occupations, with_coherence

T = 0.3


@pytest.mark.parametrize("problem", [texture(0.2, 24, w=1.0), plane(0.2, 6)], ids=["driven texture", "plane"])
def test_fields_of_two_bands(problem):
    h = problem.hamiltonian()
    fields = TwoBandGeometry(h.space, h.symbol).at(T)
    named = BandFields(h, "n", 1)
    names = h.space.names
    scale = np.abs(fields.curvature).max()
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            assert np.max(np.abs(named(f"F_{a}{b}", T) - fields.curvature[i, j])) <= 1e-10 * scale
            # Ω_s = −(s/2) F with A = i⟨u|∂u⟩.
            wanted = -0.5 * named("s", T) * fields.curvature[i, j]
            assert np.max(np.abs(named(f"Omega0_{a}{b}", T) - wanted)) <= 1e-10 * scale
        assert np.max(np.abs(named(f"F_t{a}", T) - fields.curvature_in_time[i])) <= 1e-10 * scale
        assert np.max(np.abs(named(f"F_{a}t", T) + fields.curvature_in_time[i])) <= 1e-10 * scale
        metric = 0.25 * np.sum(fields.turns[i] * fields.turns[-1], axis=0)
        assert np.max(np.abs(named(f"g_t{a}", T) - metric)) <= 1e-10 * np.abs(fields.turns).max() ** 2
    assert np.max(np.abs(named("F", T) - h.space.hbar * fields.trace)) <= 1e-10 * scale
    assert np.max(np.abs(named("gap", T) - fields.gap)) <= 1e-12
    assert np.max(np.abs(named("e", T) - named("e_other", T) - named("s", T) * fields.gap)) <= 1e-12
    state = with_coherence(problem.occupied, fields, h.space)
    assert np.max(np.abs(named.occupations(state, T) - occupations(state, fields))) <= 1e-12


def test_curvatures_of_both_projectors_have_one_sign():
    """Ω of the star-projector at ħ⁰, by another road, is that of the local one; h⁰ is e."""
    problem = texture(0.2, 32, w=1.0)
    named = BandFields(problem.hamiltonian(), "f", 2)
    for pair in ("xk", "kx", "tx", "kt"):
        zeroth = named(f"Omega_{pair}", T) - 0.2 * named(f"Omega1_{pair}", T)
        assert np.max(np.abs(zeroth - named(f"Omega0_{pair}", T))) <= 1e-6
    assert np.max(np.abs(named("h0", T) - named("e", T))) <= 1e-12
    total = named("h0", T) + 0.2 * named("h1", T) + 0.04 * named("h2", T)
    assert np.max(np.abs(named("h", T) - total)) <= 1e-13


def test_nothing_turns_in_time_where_nothing_depends_on_it():
    named = BandFields(texture(0.2, 16).hamiltonian(), "n", 1)
    for name in ("F_tx", "F_kt", "Omega0_tx", "Omega_tk", "g_tx", "T_tk", "M_xt"):
        assert not np.any(named(name, T)), name


def test_every_name_has_a_value():
    h = texture(0.2, 16, w=0.5).hamiltonian()
    for variable, order in (("n", 0), ("n", 1), ("f", 2)):
        named = BandFields(h, variable, order)
        names = field_names(h.space, 2, variable, order)
        assert len(set(names)) == len(names)
        for name in names:
            if not name.startswith(variable):
                np.broadcast_shapes(np.shape(named(name, T)), (2, *h.space.shape))
    greek = spelt(names)
    assert greek["Ω_xk"] == "Omega_xk" and greek["Ω1_tx"] == "Omega1_tx" and greek["ħ"] == "hbar"
    assert greek["ε_other"] == "e_other" and greek["Δ"] == "gap"
