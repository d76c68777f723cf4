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
    """

    apply: Callable[[np.ndarray, np.ndarray], None]
    centre: np.ndarray | float
    reach: float
