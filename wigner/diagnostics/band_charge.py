"""How many particles of either of two bands are in a region: of the local bands, and of star-projected ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..algebra.formula import MatrixFormula
from ..errors import FormulaError, MeasurementError
from ..models.hamiltonian import Hamiltonian
from ..states.wigner_function import WignerFunction
from .quantity import Measured, Measurement, Quantity, per_volume
from .regions import Regions

__all__ = ["BandCharge"]

# Points that are read at a time: their fields stay in the cache.
_SLAB = 2**16


class BandCharge:
    r"""Particles of two bands by regions: n_s of local bands, f_s of star-projected ones to first order in ħ.

    .. math:: N_s = ∫ w \, n_s, \qquad n_s = \operatorname{tr}[P_sF], \qquad
              f_s = n_s + \frac{s}{4} 𝓕 (n_↑ + n_↓) = \operatorname{tr}[P_s ⋆ F] + O(ħ^2), \qquad
              𝓕 = \frac{ħ}{2} J^{ij} \, m·(∂_im × ∂_jm)

    with ∫ = ∫d^dr d^dk/(2πħ)^d, H = ε/2 + Δ m·σ/2, and s = ↓ first. Recorded as ``band_charge`` and ``star_band_charge``.

    Parameters
    ----------
    regions : weights w by name, which becomes a suffix, ``band_charge_spot``; without any, one region, w = 1.

    Notes
    -----
    f_s is that of Wong and Tserkovnyak's bands: to first order F has the coherence that belongs to its bands. What a field
    binds to a full band is shared evenly by both n_s, and all in one f_s; besides that n_s holds a part even in the field.
    Cost: H and its slopes on the whole grid, a few seconds for 48⁴ points, at every record; little memory.
    Source: Wong and Tserkovnyak, Phys. Rev. B 84, 115209 (2011), below (26).
    """

    name: ClassVar[str] = "band_charge"

    def __init__(self, regions: Mapping[str, MatrixFormula] | None = None) -> None:
        self.regions = Regions(regions)

    def quantities(self, hamiltonian: Hamiltonian) -> tuple[Quantity, ...]:
        units = per_volume("1", hamiltonian.space)
        return tuple(
            Quantity(f"{head}band_charge{suffix}", ("band",), units, f"particles of each {kind} band")
            for suffix in self.regions.suffixes
            for head, kind in (("", "local"), ("star_", "star-projected"))
        )

    def prepare(self, hamiltonian: Hamiltonian) -> Measurement:
        """The function (state, t) → charges.

        Raises
        ------
        MeasurementError : unless there are two bands, apart from each other, and H has derivatives.
        """
        space, symbol = hamiltonian.space, hamiltonian.symbol
        if hamiltonian.bands != 2:
            raise MeasurementError(f"band_charge: expected two bands, got {hamiltonian.bands}; leave it out")
        names = [name for name in space.names if name in symbol.variables]
        try:
            slopes = {name: symbol.derivative(name) for name in names}
        except FormulaError as error:
            raise MeasurementError(f"band_charge: {error}, or leave band_charge out") from None
        weights = self.regions.on(space)
        first = space.axes[0].points
        slab = max(1, _SLAB * first // int(np.prod(space.shape)))

        def measure(state: WignerFunction, t: float) -> Measured:
            tensor = hamiltonian.space_at(t).poisson_tensor
            brackets = [
                (one, two, tensor[space.index(one), space.index(two)])
                for n, one in enumerate(names)
                for two in names[n + 1 :]
                if tensor[space.index(one), space.index(two)] != 0
            ]
            coordinates = space.coordinates()
            local, star = ({suffix: np.zeros(2) for suffix in weights} for _ in range(2))
            for start in range(0, first, slab):
                part = slice(start, start + slab)
                at = {**coordinates, space.names[0]: coordinates[space.names[0]][part], "t": np.array(t)}
                vector = _pauli(symbol(**at))
                size = np.sqrt(np.sum(vector**2, axis=0))
                if not size.all():
                    raise MeasurementError(
                        "band_charge: expected two bands apart, got some that touch; leave it out"
                    )
                turn: np.ndarray | float = 0.0
                for one, two, bracket in brackets:
                    turn = turn + bracket * _triple(
                        vector, _pauli(slopes[one](**at)), _pauli(slopes[two](**at))
                    )
                data = state.data[:, part]
                total = data[0] + data[1]
                along = (
                    2 * (vector[0] * data[2] - vector[1] * data[3]) + vector[2] * (data[0] - data[1])
                ) / size
                shift = 0.25 * space.hbar * turn / size**3 * total
                for suffix, w in weights.items():
                    both, apart, moved = (float(np.vdot(w[part], field)) for field in (total, along, shift))
                    local[suffix] += 0.5 * np.array([both - apart, both + apart])
                    star[suffix] += 0.5 * np.array([both - apart, both + apart]) + np.array([-moved, moved])
            return {f"band_charge{suffix}": value for suffix, value in local.items()} | {
                f"star_band_charge{suffix}": value for suffix, value in star.items()
            }

        return measure


def _pauli(matrix: np.ndarray) -> np.ndarray:
    """The three components of a Hermitian 2×2 field, (3, *grid)."""
    return np.array([matrix[0, 1].real, -matrix[0, 1].imag, 0.5 * (matrix[0, 0] - matrix[1, 1]).real])


def _triple(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """a·(b × c)."""
    return np.asarray(
        a[0] * (b[1] * c[2] - b[2] * c[1])
        + a[1] * (b[2] * c[0] - b[0] * c[2])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
    )
