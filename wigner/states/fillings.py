"""Occupied bands: f(H) of the local Hamiltonian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import scipy.special
from annotated_types import Ge

from ..bands.local import band_projectors, matrix_function
from ..errors import ModelError
from ..models.hamiltonian import Hamiltonian
from .wigner_function import WignerFunction

__all__ = ["Fermi", "Filled"]


@dataclass(frozen=True)
class Fermi:
    r"""Fermi–Dirac filling of the local bands at every point of phase space.

    .. math:: F(r,k) = \frac{1}{e^{[H(r,k)−μ]/T} + 1}

    The local function is stationary only up to ħ-corrections where H depends on r and k; the star-exponential is exact.

    Parameters
    ----------
    chemical_potential : μ, energy.
    temperature : T ≥ 0 in energy (k_B = 1); 0 is a sharp step.
    """

    kind: ClassVar[str] = "fermi"

    chemical_potential: float = 0.0
    temperature: Annotated[float, Ge(0)] = 0.1

    def wigner_function(self, hamiltonian: Hamiltonian, *, t: float = 0.0) -> WignerFunction:
        """F on the grid of `hamiltonian` as it is at time `t`; its trace is the number of particles."""

        def occupation(energy: np.ndarray) -> np.ndarray:
            if self.temperature == 0:
                return np.heaviside(self.chemical_potential - energy, 0.5)
            return scipy.special.expit((self.chemical_potential - energy) / self.temperature)

        return WignerFunction.from_matrix(
            hamiltonian.space, matrix_function(hamiltonian.values(t), occupation)
        )


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
