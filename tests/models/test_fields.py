"""Uniform fields as values: what they read, what becomes a bracket, what they refuse."""

import numpy as np
import pytest
from problems import hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.errors import FormulaError, ModelError
from wigner.models import UniformFields
from wigner.states import Packet


def crystal(*names):
    return PhaseSpace(tuple(Axis(n, "box", -2.0, 2.0, 8) for n in names), 0.8)


def test_components_of_the_tensor():
    """{k_a, k_b} = ε_abc b_c for three momenta, {kx, ky} = b_z for two."""
    h = hamiltonian(crystal("kx", "ky", "kz"), "kx**2", UniformFields.parse(magnetic=(1, 2, 3)))
    assert np.array_equal(h.space.poisson_tensor, [[0, 3, -2], [-3, 0, 1], [2, -1, 0]])
    flat = hamiltonian(crystal("kx", "ky"), "kx**2", UniformFields.parse(magnetic="B", parameters={"B": 0.5}))
    assert np.array_equal(flat.space.poisson_tensor, [[0, 0.5], [-0.5, 0]])


def test_a_constant_field_is_a_bracket_and_nothing_else():
    space = crystal("kx", "ky")
    given = hamiltonian(space, "kx**2 + ky**2", UniformFields.parse(magnetic=0.7, force=("0", 0)))
    bracket = hamiltonian(PhaseSpace(space.axes, space.hbar, (("kx", "ky", 0.7),)), "kx**2 + ky**2")
    assert given == bracket
    assert given.fields is None
    assert given.keeps_energy


def test_what_changes_stays_a_field():
    space = crystal("kx", "ky", "kz")
    h = hamiltonian(space, "kx*ky + kz**2", UniformFields.parse(magnetic=("t", 0.2, 0)))
    assert h.space.brackets == (("kz", "kx", 0.2),)
    assert h.space_at(0.5).brackets == (("kz", "kx", 0.2), ("ky", "kz", 0.5))
    # kz commutes with neither, though at t = 0 nothing in the tensor says so of ky.
    assert {term.coordinates for term in h.terms} == {("kx", "ky"), ("kz",)}
    with pytest.raises(ModelError, match="ky and kz together"):
        hamiltonian(space, "ky*kz", UniformFields.parse(magnetic=("t", 0.2, 0))).terms  # noqa: B018


@pytest.mark.parametrize(
    "fields, static, keeps",
    [
        ({"force": "0.3"}, True, False),
        ({"force": "t"}, False, False),
        ({"force": 0}, True, True),
        ({"magnetic": "t"}, False, False),
        ({"magnetic": "0.4"}, True, True),
    ],
)
def test_what_depends_on_time_and_what_works(fields, static, keeps):
    space = crystal("k") if "force" in fields else crystal("kx", "ky")
    h = hamiltonian(space, f"{space.names[0]}**2", UniformFields.parse(**fields))
    assert (h.is_static, h.keeps_energy) == (static, keeps)
    assert not hamiltonian(space, f"t*{space.names[0]}**2", UniformFields.parse(**fields)).is_static


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"force": "E*x"}, r"'E\*x': expected a function of t alone, got one of x.*into \[potential\]"),
        ({"magnetic": "x"}, r"got one of x.*vector potential into \[model\]"),
        ({"force": "E*cos(w*t)"}, "'w' is unknown"),
        ({"force": "i*t"}, r"expected a real formula, got i\*t; make it real"),
        ({"force": "sigma_x"}, "1×1"),
    ],
)
def test_formulas_that_are_no_field(fields, message):
    with pytest.raises(FormulaError, match=message) as caught:
        UniformFields.parse(**fields, parameters={"E": 0.3})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "names, fields, message",
    [
        (("kx", "ky"), {"force": 1}, r"force with one formula for each momentum axis \(kx, ky\), got 1"),
        (("k",), {"magnetic": 1}, "two or three momentum axes for magnetic, got k alone; leave magnetic out"),
        (("kx", "ky"), {"magnetic": (1, 2)}, r"one formula of magnetic \(b_z\).*kx, ky, got 2"),
        (("kx", "ky", "kz"), {"magnetic": 1}, r"three formulas of magnetic \(b_x, b_y, b_z\).*got 1"),
        (("x", "k"), {"force": 1, "origin": (1, 2)}, r"one number for each position axis \(x\), got 2"),
        (("k",), {"force": 1, "origin": 0}, "a position axis, of which there is none, got 1"),
    ],
)
def test_numbers_of_components(names, fields, message):
    with pytest.raises(ModelError, match=message) as caught:
        hamiltonian(crystal(*names), "1", UniformFields.parse(**fields))
    assert "\n" not in str(caught.value)


def test_a_changing_field_needs_boxes():
    axes = (Axis("x", "ring", 0.0, 4.0, 8), *crystal("kx", "ky").axes)
    space = PhaseSpace(axes, 0.8)
    hamiltonian(space, "kx**2", UniformFields.parse(magnetic=0.4))
    with pytest.raises(ModelError, match="a box along x for magnetic that depends on t, got a ring"):
        hamiltonian(space, "kx**2", UniformFields.parse(magnetic="t"))


@pytest.mark.parametrize("b", [0.3, "t"])
def test_a_pair_is_named_once(b):
    space = PhaseSpace(crystal("kx", "ky").axes, 0.8, (("ky", "kx", 0.5),))
    with pytest.raises(
        ModelError, match=r"\{kx, ky\} once, got it in magnetic and in space.brackets; remove"
    ):
        hamiltonian(space, "kx**2", UniformFields.parse(magnetic=b))


def test_a_packet_asks_for_canonical_momenta_at_its_own_time():
    space = PhaseSpace(tuple(Axis(n, "box", -4.0, 4.0, 8) for n in ("x", "y", "kx", "ky")), 0.8)
    h = hamiltonian(space, "kx**2 + ky**2", UniformFields.parse(magnetic="sin(t)"))
    packet = Packet((0, 0), (0, 0), 1.0)
    packet.wigner_function(h, t=0.0)
    with pytest.raises(ModelError, match=r"got \{kx, ky\} = 0.479426"):
        packet.wigner_function(h, t=0.5)


def test_the_impulse_is_the_integral_of_the_force():
    fields = UniformFields.parse(force=("0.3", "cos(2*t)"))
    assert np.allclose(fields.impulse(0.5, 0.7), [0.21, (np.sin(2.4) - np.sin(1.0)) / 2], rtol=1e-15)
    assert np.allclose(fields.impulse(1.2, -0.7), -fields.impulse(0.5, 0.7), rtol=1e-15)


def test_only_what_is_pushed_moves():
    space = matched_space(8, 8.0)
    h = hamiltonian(space, "k**2", UniformFields.parse(force="t"))
    assert h.fields.moved(space) == ("k",)
    pair = hamiltonian(
        crystal("kx", "ky"), "kx**2 + ky**2", UniformFields.parse(force=("0", "1"), magnetic="t")
    )
    assert pair.fields.moved(pair.space) == ("ky",)
    strip = PhaseSpace(tuple(Axis(n, "box", -2.0, 2.0, 8) for n in ("x", "kx", "ky")), 0.8)
    changing = hamiltonian(strip, "kx**2 + ky**2", UniformFields.parse(magnetic="t"))
    # Along y everything is the same, so the induced field can only point along y, and be all there is.
    assert [(k, r, weight) for k, r, weight, _ in changing.fields.induced(strip)] == [("ky", "x", 1.0)]
