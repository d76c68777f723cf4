"""Occupied bands: f(H) of the local Hamiltonian or of its operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import scipy.special
from annotated_types import Ge

from ..algebra.weyl import WeylTransform
from ..bands.local import band_projectors, matrix_function
from ..errors import ModelError, PhaseSpaceError
from ..models.hamiltonian import Hamiltonian
from .wigner_function import WignerFunction

__all__ = ["Fermi", "Filled"]


@dataclass(frozen=True)
class Fermi:
    r"""Fermi–Dirac filling of the local bands at every point of phase space, or of the operator's levels.

    .. math:: F(r,k) = \frac{1}{e^{[H(r,k)−μ]/T} + 1} \quad \text{or} \quad F = f(H)_⋆, \quad
              \hat F = \sum_n f(E_n) |n⟩⟨n|, \quad \hat H |n⟩ = E_n |n⟩

    The local function is stationary only up to ħ-corrections where H depends on coordinates that do not commute, O(ħ) for
    matrices and O(ħ²) for one band; with `star` the state is exact and stationary, the ground state at T = 0.

    Parameters
    ----------
    chemical_potential : μ, energy.
    temperature : T ≥ 0 in energy (k_B = 1); 0 is a sharp step, of the local bands or of the levels, half at μ itself.
    star : f(H)_⋆ instead of f(H); needs a matched grid, see `wigner.algebra.weyl`. On a box the ends carry levels of their
        own: keep them away from μ, or what is read away from the ends.

    Raises
    ------
    ModelError : if `star` is asked for on a grid that is not matched.
    """

    kind: ClassVar[str] = "fermi"

    chemical_potential: float = 0.0
    temperature: Annotated[float, Ge(0)] = 0.1
    star: bool = False

    def wigner_function(self, hamiltonian: Hamiltonian, *, t: float = 0.0) -> WignerFunction:
        """F on the grid of `hamiltonian` as it is at time `t`; its trace is the number of particles."""

        def occupation(energy: np.ndarray) -> np.ndarray:
            if self.temperature == 0:
                return np.heaviside(self.chemical_potential - energy, 0.5)
            return scipy.special.expit((self.chemical_potential - energy) / self.temperature)

        space, values = hamiltonian.space, hamiltonian.values(t)
        if not self.star:
            return WignerFunction.from_matrix(space, matrix_function(values, occupation))
        try:
            weyl = WeylTransform(space)
        except PhaseSpaceError as error:
            remedy = "" if ";" in str(error) else "; match the grid"
            raise ModelError(f"state fermi: star: {error}{remedy}, or set star = false") from None
        full = np.broadcast_to(values, (*values.shape[:2], *space.shape))
        try:
            return WignerFunction.from_matrix(space, weyl.function(full, occupation))
        except np.linalg.LinAlgError:
            raise ModelError(
                "state fermi: expected energies of ordinary size, got none that converge; change the units"
            ) from None


@dataclass(frozen=True)
class Filled:
    r"""The lowest bands full, the others empty, at every point of phase space: F = Σ_{n<filled} P_n(r, k).

    Parameters
    ----------
    filled : number of full bands, 1 … N.

    Raises
    ------
    ModelError : if there are not that many bands.
    """

    kind: ClassVar[str] = "filled"

    filled: Annotated[int, Ge(1)] = 1

    def wigner_function(self, hamiltonian: Hamiltonian, *, t: float = 0.0) -> WignerFunction:
        """F on the grid of `hamiltonian` as it is at time `t`."""
        if self.filled > hamiltonian.bands:
            raise ModelError(f"state filled: expected filled in 1 … {hamiltonian.bands}, got {self.filled}")
        projectors = band_projectors(hamiltonian.values(t))
        return WignerFunction.from_matrix(hamiltonian.space, projectors[: self.filled].sum(axis=0))
