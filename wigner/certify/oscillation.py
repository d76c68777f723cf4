"""The frequency and the amplitude of an oscillating series, and the line that it is about."""

from __future__ import annotations

import math

import numpy as np
import scipy.optimize

from ..errors import MeasurementError

__all__ = ["fit_oscillation", "line_of_oscillation"]


def fit_oscillation(times: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    r"""Angular frequency and amplitude of q(t) ≈ c₀ + c₁t + a cos ωt + b sin ωt.

    The linear coefficients are eliminated (variable projection); ω starts from a scan of periodograms and is refined to
    rounding, so that a pure oscillation is read to about 1e-10 of its frequency.

    Raises
    ------
    MeasurementError : with fewer than 8 records, less than one period among them, or a straight line.
    """
    if len(times) < 8:
        raise MeasurementError(f"expected at least 8 records to fit an oscillation, got {len(times)}")
    # In units of the whole time and of the oscillation itself, which the fit's stopping rules are made for.
    span = float(times[-1] - times[0])
    place = (times - times[0]) / span
    wave = values - np.polynomial.Polynomial.fit(place, values, 1)(place)
    scale = float(np.max(np.abs(wave)))
    if scale <= 1e-13 * np.max(np.abs(values)):
        raise MeasurementError("expected an oscillation, got a straight line; measure something else")
    wave /= scale

    def solve(angle: float) -> tuple[np.ndarray, np.ndarray]:
        basis = np.stack([np.ones_like(place), place, np.cos(angle * place), np.sin(angle * place)], axis=1)
        coefficients, *_ = np.linalg.lstsq(basis, wave, rcond=None)
        return wave - basis @ coefficients, coefficients

    scan = np.linspace(2 * math.pi * 0.8, 0.95 * math.pi * (len(times) - 1), 4 * len(times))
    best = scan[int(np.argmin([np.sum(solve(angle)[0] ** 2) for angle in scan]))]
    width = scan[1] - scan[0]
    fit = scipy.optimize.least_squares(
        lambda p: solve(p[0])[0],
        [best],
        bounds=([best - width], [best + width]),
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
    )
    angle = float(fit.x[0])
    if angle < 2 * math.pi * 0.9:
        raise MeasurementError("expected at least one period among the records, got less; lengthen the run")
    coefficients = solve(angle)[1]
    return angle / span, scale * float(np.hypot(coefficients[2], coefficients[3]))


def line_of_oscillation(times: np.ndarray, values: np.ndarray) -> np.polynomial.Polynomial:
    """c₀ + c₁t of what `fit_oscillation` fits: the series without the oscillation."""
    frequency, _ = fit_oscillation(times, values)
    basis = np.stack(
        [np.ones_like(times), times, np.cos(frequency * times), np.sin(frequency * times)], axis=1
    )
    coefficients, *_ = np.linalg.lstsq(basis, values, rcond=None)
    return np.polynomial.Polynomial(coefficients[:2])
