r"""Exact star-projectors onto bands separated by a gap: P ⋆ P = P and [H, P]_⋆ = 0."""

from __future__ import annotations

import numpy as np

from ..algebra.phase_space import PhaseSpace
from ..algebra.star import moyal_product
from ..errors import ModelError

__all__ = ["star_projector"]

_ITERATIONS = 60


def star_projector(
    hamiltonian: np.ndarray, space: PhaseSpace, energy: float, *, tolerance: float = 1e-12
) -> np.ndarray:
    r"""Projector onto the states of the operator of H below `energy`, as a symbol.

    .. math:: P = \tfrac12 [1 − \operatorname{sgn}_⋆(H − E)], \qquad
              X_{j+1} = \tfrac12 X_j ⋆ (3 − X_j ⋆ X_j), \quad X_0 = (H − E)/c

    Parameters
    ----------
    hamiltonian : Hermitian field (N, N, *grid) whose bands leave a gap around `energy` everywhere.
    space : the phase space; periodic axes, or a symbol whose harmonics the grid holds.
    energy : E, in mid-gap.
    tolerance : largest |P ⋆ P − P| that is accepted.

    Returns
    -------
    Complex field (N, N, *grid), Hermitian.

    Notes
    -----
    The Newton–Schulz iteration starts from H itself, so that every iterate commutes with it; it converges quadratically
    until rounding in the highest harmonics makes it worse again, and the best iterate is kept. Each iteration is two
    slow star products. P = P⁰ + O(ħ) with P⁰ the pointwise projector.

    Raises
    ------
    ModelError : if the bands touch `energy` on the grid, or the iteration does not reach `tolerance`.
    """
    bands = len(hamiltonian)
    full = np.broadcast_to(hamiltonian, (bands, bands, *space.shape))
    identity = np.eye(bands)[(...,) + (None,) * len(space.axes)]
    shifted = full - energy * identity
    levels = np.linalg.eigvalsh(np.moveaxis(shifted, (0, 1), (-2, -1)))
    gap = float(np.min(np.abs(levels)))
    if gap <= 1e-9 * float(np.max(np.abs(levels))):
        place = np.unravel_index(int(np.argmin(np.abs(levels).min(axis=-1))), space.shape)
        where = ", ".join(f"{a.name} = {a.values[i]:.4g}" for a, i in zip(space.axes, place, strict=True))
        raise ModelError(f"expected a gap around energy {energy:g}, got bands that touch it at {where}")
    # The operator's norm can exceed the largest local level by O(ħ); √3 is where the iteration stops converging.
    x = shifted / (1.1 * float(np.max(np.abs(levels))))
    best, defect = x, np.inf
    for _ in range(_ITERATIONS):
        square = moyal_product(x, x, space)
        error = float(np.max(np.abs(square - identity)))
        if error >= defect and defect < 1e-2:
            break
        best, defect = x, error
        x = 0.5 * moyal_product(x, 3 * identity - square, space)
        x = 0.5 * (x + np.swapaxes(x, 0, 1).conj())
    if not defect <= 4 * tolerance:
        raise ModelError(
            f"star-projector: expected |P⋆P − P| ≤ {tolerance:.0e}, reached {defect / 4:.1e}; "
            "use more points, or a smaller ħ: the gap must exceed the gradients"
        )
    return 0.5 * (identity - best)
