"""Integrals over records: exact for polynomials, of order six, and spectral for what starts and ends smoothly."""

import numpy as np
import pytest

from wigner.certify.time_integral import time_integral
from wigner.errors import MeasurementError


@pytest.mark.parametrize("records", [2, 3, 5, 6, 11])
def test_polynomials_are_exact(records):
    times = np.linspace(-1, 3, records)
    power = np.polynomial.Polynomial([0.7, -1.1, 0.4, 0.9, -0.3, 0.2][: min(records, 6)])
    assert time_integral(times, power(times)) == pytest.approx(
        power.integ()(3) - power.integ()(-1), rel=1e-12
    )


def test_error_falls_as_the_sixth_power():
    errors = []
    for records in (8, 16, 32):
        times = np.linspace(0, 2, records + 1)
        errors.append(abs(time_integral(times, 1 / (1 + times)) - np.log(3)))
    slopes = -np.diff(np.log2(errors))
    assert np.all(np.abs(slopes - 6) <= 0.7), slopes


def test_one_record_is_none():
    with pytest.raises(MeasurementError, match="expected two records to integrate over, got 1"):
        time_integral(np.zeros(1), np.ones(1))
