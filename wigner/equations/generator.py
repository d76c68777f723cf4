"""What an equation that is linear in its variable provides: the operator that moves it, frozen in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Generator"]


@dataclass(frozen=True)
class Generator:
    r"""A Hermitian operator G with ∂_t X = −iGX.

    Parameters
    ----------
    apply : function (X, out) that writes (G − centre) X.
    centre : middle of the spectrum, a number or broadcastable to X, 1/time.
    reach : bound of |eigenvalues| of G − centre, 1/time.
    series : function (c, X) that replaces X by Σ_k c_k T_k[(G − centre)/reach] X, where that is done faster than by one
        `apply` after the other; the c are complex.
    """

    apply: Callable[[np.ndarray, np.ndarray], None]
    centre: np.ndarray | float
    reach: float
    series: Callable[[np.ndarray, np.ndarray], None] | None = None
