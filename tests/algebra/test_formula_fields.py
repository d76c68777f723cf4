"""Formulas of fields: derivatives and brackets against closed forms, and what the language refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.formula_fields import FieldFormula
from wigner.errors import FormulaError

AXES = (
    Axis("x", "ring", 0, 2 * np.pi, 16),
    Axis("kx", "zone", 0, 2 * np.pi, 18),
    Axis("ky", "zone", 0, 2 * np.pi, 20),
)
SPACE = PhaseSpace(AXES, 0.3, (("kx", "ky", 0.7),))
X, KX, KY = SPACE.coordinates().values()


def parsed(text, **options):
    options = {
        "fields": ("a", "b", "hbar", "t", "x"),
        "axes": ("x", "kx", "ky", "t"),
        "aliases": {"ħ": "hbar"},
    } | options
    return FieldFormula.parse(text, **{"parameters": {"w": 2.0}} | options)


def value(text, fields=None, t=0.4):
    known = {
        "a": lambda t: np.sin(X + KX) * np.cos(KY - 3 * t) + np.zeros(SPACE.shape),
        # Two bands of a field, the first axis.
        "b": lambda t: np.array([1.0, -2.0])[:, None, None, None] * np.cos(X - KY),
        "hbar": lambda t: SPACE.hbar,
        "t": lambda t: t,
        "x": lambda t: X,
    }
    return parsed(text)(lambda name, time: known[name](time), t, SPACE, 0.005)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("D(a, x)", lambda t: np.cos(X + KX) * np.cos(KY - 3 * t)),
        ("D(a, ky, kx)", lambda t: -np.cos(X + KX) * np.sin(KY - 3 * t)),
        ("D(a, t)", lambda t: 3 * np.sin(X + KX) * np.sin(KY - 3 * t)),
        ("D(D(a, t), x)", lambda t: 3 * np.cos(X + KX) * np.sin(KY - 3 * t)),
        ("D(a**2, x)", lambda t: np.sin(2 * (X + KX)) * np.cos(KY - 3 * t) ** 2),
        ("ħ*w*a - hbar*2*a + t", lambda t: t),
        ("D(sin(x), x)", lambda t: np.cos(X)),
        ("1/2", lambda t: 0.5),
    ],
)
def test_values_against_closed_forms(text, wanted):
    assert value(text).shape == SPACE.shape
    assert np.max(np.abs(value(text) - wanted(0.4))) <= 1e-8  # 3⁵ 0.005⁴ / 30 of the difference in t


@pytest.mark.parametrize("text", ["{a, b}", "bracket(a, b)"])
def test_the_bracket_under_a_magnetic_field(text):
    """{x, kx} = 1 and {kx, ky} = 0.7; the field of two bands keeps its first axis."""
    t = 0.4
    ax = akx = np.cos(X + KX) * np.cos(KY - 3 * t)
    bx, bky = -np.sin(X - KY), np.sin(X - KY)
    wanted = -akx * bx + 0.7 * akx * bky + 0 * ax
    found = value(text)
    assert found.shape == (2, *SPACE.shape)
    for band, factor in enumerate((1.0, -2.0)):
        assert np.max(np.abs(found[band] - factor * wanted)) <= 1e-12


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(1, 3))
def test_identities_of_derivatives(p, q, power):
    """Linearity, Leibniz and antisymmetry, of trigonometric polynomials that the grid holds."""
    for text in (
        f"D({p}*a + {q}*b, x) - {p}*D(a, x) - {q}*D(b, x)",
        f"D(a**{power}, kx) - {power}*a**{power - 1}*D(a, kx)",
        f"{{{p}*a, b}} + {p}*{{b, a}}",
        "{a, a}",
        "{a, b**2} - 2*b*{a, b}",
        "D(a, x, kx) - D(a, kx, x)",
    ):
        assert np.max(np.abs(value(text))) <= 1e-11, text


def test_names_are_those_inside_derivatives_too():
    assert parsed("w*D(a*{x, b}, x) + ħ").names == {"a", "x", "b", "hbar"}


def test_equal_operations_are_one():
    formula = parsed("D(a, x)*D(a, x) + D(D(a, x), kx)")
    assert len(formula.operations) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("D(a, z)", "use x, kx, ky, t"),
        ("D(a, x + x)", "got a bracket"),
        ("D(a, along=x)", "keyword argument"),
        ("D", "'D' is unknown"),
        ("{a}", "expected {a, b} of two fields, got 1"),
        ("{a: b}", "the Python form Dict"),
        ("{*a, b}", "the Python form Starred"),
        ("a[0]", "an index"),
        ("(lambda: a)()", "a function name before"),
        ("D(i*a, x)", "leave i and sigma out"),
        ("sqrt(-1)*a", "positive argument of sqrt"),
        ("c", "'c' is unknown; known: "),
        ("D(" * 40 + "a" + ", x)" * 40 + "*" + "(" * 62 + "a" + ")" * 62, None),
        ("D(" * 61 + "a" + ", x)" * 61, "nested levels"),
    ],
)
def test_what_is_refused(text, message):
    if message is None:
        assert parsed(text).names == {"a"}
        return
    with pytest.raises(FormulaError) as caught:
        parsed(text)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_the_rate_of_what_moves_is_not_a_field():
    with pytest.raises(FormulaError, match="got one of b, whose rate is what is sought"):
        parsed("D(a + x*{a, b}, t)", moving=("b",))
    assert parsed("D(b, x)*D(a, t)", moving=("b",)).names == {"a", "b"}
