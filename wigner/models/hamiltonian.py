"""A Hamiltonian symbol on a phase space, split into terms of commuting coordinates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import ModelError
from .fields import UniformFields

__all__ = ["Hamiltonian", "Term"]


@dataclass(frozen=True)
class Term:
    """A Hermitian matrix function of coordinates that commute under the Poisson tensor.

    Parameters
    ----------
    coordinates : axis names, in grid order; at least one.
    symbol : the N×N matrix function of them (and of t).
    """

    coordinates: tuple[str, ...]
    symbol: MatrixFormula

    @property
    def is_static(self) -> bool:
        return "t" not in self.symbol.variables


@dataclass(frozen=True)
class Hamiltonian:
    r"""The Weyl symbol H(r, k, t), an N×N Hermitian matrix function, and the uniform fields it stands in.

    .. math:: H(r, k, t) = Σ_j H_j(z_{S_j}, t), \qquad \{z_a, z_b\} = 0 \text{ for } a, b ∈ S_j

    Parameters
    ----------
    space : the phase space; constant magnetic components of `fields` become brackets of it.
    symbol : H as a formula in the axis names and t; natural units of energy.
    fields : the fields; None for none. What the space holds is taken out of them.

    Raises
    ------
    ModelError : if the fields do not fit the axes; from `terms`, if a product of non-commuting coordinates such as ``x*k``
        occurs.
    """

    space: PhaseSpace
    symbol: MatrixFormula
    fields: UniformFields | None = None

    def __post_init__(self) -> None:
        if self.fields is not None:
            space, fields = self.fields.settled(self.space)
            object.__setattr__(self, "space", space)
            object.__setattr__(self, "fields", fields)

    @property
    def bands(self) -> int:
        """N, the size of the matrix."""
        return self.symbol.size

    @property
    def is_static(self) -> bool:
        """True if neither H nor a field depends on t."""
        return "t" not in self.symbol.variables and (self.fields is None or self.fields.is_static)

    @property
    def keeps_energy(self) -> bool:
        """True if the motion keeps ∫tr(F H): nothing depends on t, and no force outside H does work."""
        return self.is_static and (self.fields is None or not self.fields.has_force)

    def space_at(self, t: float) -> PhaseSpace:
        """The phase space with the brackets of time t."""
        return self.space if self.fields is None else self.fields.space_at(self.space, t)

    def velocities(self, slopes: np.ndarray, t: float, tensor: np.ndarray | None = None) -> np.ndarray:
        """u^j = ∂_iε J^{ij} − f^j, minus the velocity in phase space, of slopes ∂_iε (axes, *grid).

        J is `tensor`, whose columns begin with the axes, or the constant brackets of the space.
        """
        out = np.tensordot(self.space.poisson_tensor if tensor is None else tensor, slopes, axes=(0, 0))
        if self.fields is not None:
            for number, force in enumerate(self.fields.force, start=len(self.space.positions)):
                out[number] -= float(force(t=t)[0, 0].real)
        return out

    def commute(self, names: Collection[str]) -> bool:
        """True if the coordinates `names` commute at all times."""
        changing = () if self.fields is None else self.fields.brackets(self.space)
        return self.space.commute(tuple(names)) and not any({a, b} <= set(names) for a, b, _ in changing)

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The fewest groups found of additive parts whose coordinates commute, momenta before positions.

        Raises
        ------
        ModelError : if a part depends on coordinates that do not commute.
        """
        for part in self.parts:
            if not self.commute(part.coordinates):
                raise ModelError(
                    f"expected a sum of terms in commuting coordinates (T(k) + V(r)), "
                    f"got a term in {' and '.join(part.coordinates)} together"
                )
        return self.parts

    @cached_property
    def parts(self) -> tuple[Term, ...]:
        """H as a sum: `terms` where it is one of commuting coordinates, and each part that is not by itself."""
        parts = self.symbol.additive_parts()
        constant = parts.pop(frozenset(), None)
        groups: list[tuple[tuple[str, ...], MatrixFormula]] = []
        # Momenta first, so that a Strang step spends its single flow on the kinetic term.
        order = sorted(parts.items(), key=lambda item: sorted(-self.space.index(n) for n in item[0]))
        for names, part in order:
            for position, (joined, group) in enumerate(groups):
                union = self._ordered(set(joined) | names)
                if self.commute(union):
                    groups[position] = (union, group + part)
                    break
            else:
                groups.append((self._ordered(names), part))
        if constant is not None and not constant.is_zero:
            if groups:
                first, group = groups[0]
                groups[0] = (first, group + constant)
            else:
                groups.append(((self.space.momenta[0].name,), constant))
        return tuple(Term(names, symbol) for names, symbol in groups if not symbol.is_zero)

    def _ordered(self, names: set[str] | frozenset[str]) -> tuple[str, ...]:
        return tuple(name for name in self.space.names if name in names)

    def values(self, t: float = 0.0) -> np.ndarray:
        """H on the grid at time t, shape (N, N, *broadcastable grid)."""
        return self.symbol(t=t, **self.space.coordinates())
