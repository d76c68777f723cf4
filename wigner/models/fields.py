"""Uniform electric and magnetic fields: what moves the momenta without being a term of H."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..algebra.quadrature import integral
from ..errors import FormulaError, ModelError

__all__ = ["UniformFields"]

_AXES = ("x", "y", "z", "k", "kx", "ky", "kz")
_NO_FIELD = MatrixFormula.zero(1)
_PLACE = {
    "force": "put a force that depends on position into [potential]",
    "magnetic": "put a vector potential into [model]",
}

Formulas = str | float | Sequence[str | float]


@dataclass(frozen=True)
class UniformFields:
    r"""A force f = qE(t) and a magnetic field b = qB(t), the same everywhere.

    .. math:: ∂_tF = \frac{H ⋆ F − F ⋆ H}{iħ} − [f − q∂_tA(r, t)]·∂_kF, \qquad \{k_a, k_b\} = ε_{abc} b_c(t), \qquad
              qA_b = \tfrac12 \sum_a \{k_a, k_b\} (r_a − r_{0a})

    k are kinetic momenta, k = p − qA. Nothing is expanded: A is linear in r, so the change to k is exact. Between t and
    t + τ all explicit time dependence is one shift, k → k + ∫f dt − q[A(r, t+τ) − A(r, t)], and the tensor b(t) → b(t+τ).

    Parameters
    ----------
    force : f, energy/length, one formula in t for each momentum axis: dk/dt = f. Empty for none.
    magnetic : b, momentum/length, formulas in t: {k_x, k_y} = b_z alone for two momenta, (b_x, b_y, b_z) for three. Empty
        for none.
    origin : r₀, length, one number for each position axis, about which the induced field of a changing b circulates. Empty
        for zeros.

    Notes
    -----
    Where only r_a of the two positions has an axis, the state is the same all along r_b and so must be the induced field: it
    is then q∂_tA_b = {k_a, k_b}˙ (r_a − r_{0a}), all of it along b. Where neither has one no induced field is uniform, and
    none acts: b(t) then changes how k turns, and the density, ∫tr F, stays as it is. A real changing field needs positions.
    """

    force: tuple[MatrixFormula, ...] = ()
    magnetic: tuple[MatrixFormula, ...] = ()
    origin: tuple[float, ...] = ()

    @classmethod
    def parse(
        cls,
        *,
        force: Formulas = (),
        magnetic: Formulas = (),
        origin: float | Sequence[float] = (),
        parameters: Mapping[str, float] | None = None,
    ) -> UniformFields:
        """Read formulas in t and named parameters; a single one needs no brackets.

        Raises
        ------
        FormulaError : for a name that is not known, an axis, or a formula that is not real.
        """
        numbers = dict(parameters or {})
        formulas = {
            name: tuple(_of_time(name, entry, numbers) for entry in _listed(specs))
            for name, specs in (("force", force), ("magnetic", magnetic))
        }
        return cls(**formulas, origin=tuple(float(r) for r in _listed(origin)))

    # --- what there is ------------------------------------------------------------------------------------------

    @property
    def is_static(self) -> bool:
        """True if no formula depends on t."""
        return not any("t" in formula.variables for formula in (*self.force, *self.magnetic))

    @property
    def has_force(self) -> bool:
        return not all(formula.is_zero for formula in self.force)

    def brackets(self, space: PhaseSpace) -> tuple[tuple[str, str, MatrixFormula], ...]:
        """(k_a, k_b, {k_a, k_b}) for each component of b that does not vanish identically."""
        momenta = sorted(axis.name for axis in space.momenta)
        pairs = [(momenta[0], momenta[-1])]
        if len(momenta) == 3:
            x, y, z = momenta
            pairs = [(y, z), (z, x), (x, y)]
        named = zip(pairs, self.magnetic, strict=False)
        return tuple((a, b, formula) for (a, b), formula in named if not formula.is_zero)

    def settled(self, space: PhaseSpace) -> tuple[PhaseSpace, UniformFields | None]:
        """The phase space with the constant components of b as brackets, and the fields that are left; None for none.

        Raises
        ------
        ModelError : if the numbers of components do not fit the axes, or a bracket is there already.
        """
        self._check(space)
        constant = {(a, b): formula for a, b, formula in self.brackets(space) if "t" not in formula.variables}
        fixed = tuple((a, b, float(formula()[0, 0].real)) for (a, b), formula in constant.items())
        left = replace(
            self,
            force=self.force or (_NO_FIELD,) * space.dimension,
            magnetic=tuple(
                _NO_FIELD if "t" not in formula.variables else formula for formula in self.magnetic
            ),
            origin=self.origin or (0.0,) * len(space.positions),
        )
        if fixed:
            space = replace(space, brackets=(*space.brackets, *fixed))
        return space, left if left.has_force or left.brackets(space) else None

    def _check(self, space: PhaseSpace) -> None:
        momenta, positions = (
            ", ".join(a.name for a in space.momenta),
            ", ".join(a.name for a in space.positions),
        )
        if self.force and len(self.force) != space.dimension:
            raise ModelError(
                f"expected force with one formula for each momentum axis ({momenta}), got {len(self.force)}"
            )
        if self.magnetic and space.dimension == 1:
            raise ModelError(
                f"expected two or three momentum axes for magnetic, got {momenta} alone; leave magnetic out"
            )
        wanted = {2: "one formula of magnetic (b_z)", 3: "three formulas of magnetic (b_x, b_y, b_z)"}
        if self.magnetic and len(self.magnetic) != (1 if space.dimension == 2 else 3):
            raise ModelError(
                f"expected {wanted[space.dimension]} for the momentum axes {momenta}, got {len(self.magnetic)}"
            )
        if self.origin and len(self.origin) != len(space.positions):
            axes = (
                f"each position axis ({positions})"
                if positions
                else "a position axis, of which there is none"
            )
            raise ModelError(f"expected origin with one number for {axes}, got {len(self.origin)}")
        rings = {axis.name for axis in space.positions if axis.is_periodic}
        for _, position, _, formula in self.induced(space):
            if position in rings and "t" in formula.variables:
                raise ModelError(
                    f"expected a box along {position} for magnetic that depends on t, got a ring, around which the "
                    "induced field does not close; make it a box"
                )
        known = {frozenset(pair) for *pair, _ in space.brackets}
        for a, b, _ in self.brackets(space):
            if {a, b} in known:
                raise ModelError(
                    f"expected {{{a}, {b}}} once, got it in magnetic and in space.brackets; remove one of them"
                )

    # --- values -------------------------------------------------------------------------------------------------

    def space_at(self, space: PhaseSpace, t: float) -> PhaseSpace:
        """`space` with the brackets of time t."""
        changing = tuple((a, b, float(f(t=t)[0, 0].real)) for a, b, f in self.brackets(space))
        return replace(space, brackets=(*space.brackets, *changing)) if changing else space

    def impulse(self, t: float, duration: float) -> np.ndarray:
        """∫f dt from t to t + duration, shape (momenta,), to rounding."""
        if not any("t" in formula.variables for formula in self.force):
            return np.array([float(formula()[0, 0].real) for formula in self.force]) * duration
        return integral(
            lambda times: np.array([formula(t=times)[0, 0].real for formula in self.force]), t, t + duration
        )

    def induced(self, space: PhaseSpace) -> tuple[tuple[str, str, float, MatrixFormula], ...]:
        """(k_b, r_a, weight, bracket): q∂_tA_b holds weight · ∂_t bracket · (r_a − r_{0a})."""
        entries = []
        for a, b, formula in self.brackets(space):
            there = {k: space.partner(k) for k in (a, b)}
            weight = 0.5 if all(there.values()) else 1.0
            for k, other, sign in ((b, a, 1.0), (a, b, -1.0)):
                position = there[other]
                if position is not None:
                    entries.append((k, position, sign * weight, formula))
        return tuple(entries)

    def moved(self, space: PhaseSpace) -> tuple[str, ...]:
        """The momenta that the fields shift, in grid order."""
        pushed = {axis.name for axis, f in zip(space.momenta, self.force, strict=True) if not f.is_zero} | {
            entry[0] for entry in self.induced(space)
        }
        return tuple(axis.name for axis in space.momenta if axis.name in pushed)


def _listed(value: str | float | Sequence[str | float]) -> tuple[str | float, ...]:
    return (value,) if isinstance(value, (str, int, float)) else tuple(value)


def _of_time(name: str, spec: str | float, parameters: Mapping[str, float]) -> MatrixFormula:
    """A real formula in t alone."""
    try:
        formula = MatrixFormula.parse(spec, variables=("t",), parameters=parameters, size=1)
    except FormulaError as error:
        try:
            wider = MatrixFormula.parse(spec, variables=("t", *_AXES), parameters=parameters, size=1)
        except FormulaError:
            raise error from None
        axes = ", ".join(sorted(wider.variables - {"t"}))
        raise FormulaError(
            f"formula {spec!r}: expected a function of t alone, got one of {axes}; a uniform field is the same "
            f"everywhere, {_PLACE[name]}"
        ) from None
    if not formula.is_hermitian():
        raise FormulaError(f"formula {spec!r}: expected a real formula, got {formula}; make it real")
    return formula
