"""Densities in space of the user's own symbols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..algebra.formula import MatrixFormula
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction, pack
from .quantity import Measured, Measurement, Quantity

__all__ = ["Profiles"]


class Profiles:
    r"""Where an observable is: its symbol A(r, k, t), given as a formula, weighed with F and integrated over momenta.

    .. math:: a(r) = ∫ \frac{d^dk}{(2πħ)^d} \operatorname{tr}(F A), \qquad ∫ d^dr \, a(r) = ⟨A⟩

    With A = 1 it is the density, with ``sigma_z`` the polarisation of two orbitals, with ``sigma_x/2`` and ``-sigma_y/2``
    the real and the imaginary part of their coherence F_01.

    Parameters
    ----------
    formulas : symbol by name; a scalar formula stands for itself times the identity.
    """

    name: ClassVar[str] = "profiles"

    def __init__(self, formulas: Mapping[str, MatrixFormula]) -> None:
        self.formulas = dict(formulas)

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        positions = tuple(axis.name for axis in hamiltonian.space.positions)
        power = f"^{len(positions)}" if len(positions) > 1 else ""
        units = f"that of its formula/length{power}"
        return tuple(
            Quantity(name, positions, units, f"density of {formula}")
            for name, formula in self.formulas.items()
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        space = hamiltonian.space
        positions = tuple(axis.name for axis in space.positions)
        momenta = tuple(range(len(positions), len(space.axes)))
        static: dict[str, np.ndarray] = {}

        def weights(name: str, t: float) -> np.ndarray:
            """Real components of A, off-diagonal ones twice: tr(A F) is then a plain sum of products."""
            if name in static:
                return static[name]
            formula = self.formulas[name].promoted(hamiltonian.bands)
            out = pack(
                formula(t=t, **{n: space.coordinate(n) for n in space.names if n in formula.variables})
            )
            out[hamiltonian.bands :] *= 2
            # A symbol without coordinates has no axes yet.
            out = out.reshape(*out.shape, *[1] * (len(space.axes) + 1 - out.ndim))
            if "t" not in formula.variables:
                static[name] = out
            return out

        def measure(state: WignerFunction, t: float) -> Measured:
            values = {}
            for name, formula in self.formulas.items():
                kept = [n for n in space.names if n in formula.variables and n not in positions]
                data = state.reduced((*positions, *kept))
                total = sum((w * f).sum(axis=momenta) for w, f in zip(weights(name, t), data, strict=True))
                values[name] = np.asarray(total) * space.measure(kept)
            return values

        return measure
