"""How geometric quantities of bands behave when time or space is reversed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["GEOMETRIC_QUANTITIES", "GeometricQuantity"]

_POSITIONS = frozenset("xyz")


@dataclass(frozen=True)
class GeometricQuantity:
    r"""A tensor of coordinates whose sign under a reversal is known.

    .. math:: X'_{I…}(z') = s \, X_{I…}(z), \qquad s = σ \prod_I s_I

    Parameters
    ----------
    name : attribute of `BandGeometry`.
    rank : number of indices.
    time_reversal : σ for H'(r, −k, −t) = H*(r, k, t), an antiunitary; each momentum or time index counts s_I = −1 more.
    inversion : σ for H'(−r, −k, t) = H(r, k, t); each position or momentum index counts s_I = −1 more.

    Notes
    -----
    Constant unitaries that come with a reversal, of spin or sublattice, change nothing.
    """

    name: str
    rank: int
    time_reversal: int
    inversion: int

    def under_time_reversal(self, indices: Sequence[str]) -> int:
        """s of a component with these coordinates as indices."""
        return self.time_reversal * (-1) ** sum(i not in _POSITIONS for i in indices)

    def under_inversion(self, indices: Sequence[str]) -> int:
        """s of a component with these coordinates as indices."""
        return self.inversion * (-1) ** sum(i != "t" for i in indices)


#: Curvature and moment of momenta are odd under time reversal, all of two momenta even under inversion.
GEOMETRIC_QUANTITIES = tuple(
    GeometricQuantity(name, rank, time_reversal, 1)
    for name, rank, time_reversal in (
        ("energies", 0, 1),
        ("berry_curvature", 2, -1),
        ("quantum_metric", 2, 1),
        ("moment", 2, -1),
        ("t_tensor", 2, 1),
    )
)
