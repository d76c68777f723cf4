"""The integral of a recorded series over time."""

from __future__ import annotations

import numpy as np
import scipy.interpolate

from ..errors import MeasurementError

__all__ = ["time_integral"]

_DEGREE = 5


def time_integral(times: np.ndarray, values: np.ndarray) -> float:
    r"""∫q dt over the records, by the spline of degree 5 through them.

    .. math:: Q = ∫_{t_0}^{t_1} q(t) \, dt

    Parameters
    ----------
    times, values : (records,), two or more; with fewer than six the polynomial through them.

    Notes
    -----
    The error falls as the sixth power of the time between records, and has to be made small by `record.every`: what
    oscillates faster than the records is not seen.

    Raises
    ------
    MeasurementError : for a single record.
    """
    if len(times) < 2:
        raise MeasurementError(f"expected two records to integrate over, got {len(times)}; record more often")
    spline = scipy.interpolate.make_interp_spline(times, values, k=min(_DEGREE, len(times) - 1))
    return float(spline.integrate(times[0], times[-1]))
