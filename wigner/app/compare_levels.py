"""Ground levels of the scalar operators of bands against that of the whole Hamiltonian's."""

from __future__ import annotations

from collections.abc import Sequence

from ..certify.ground_level import ground_level
from ..errors import MeasurementError, ModelError
from ..models import Hamiltonian
from .sweep import Contender

__all__ = ["level_errors"]


def level_errors(
    hamiltonian: Hamiltonian, equations: Sequence[Contender], t: float
) -> tuple[dict[str, float], dict[str, str]]:
    r"""By equation |min_n E_0[ĥ_n] − E_0[Ĥ]|, energy; and why others have none.

    Each operator is the Weyl quantisation of its symbol on a matched grid: the whole matrix H of the one, the scalar energy
    h_n of a band of the other.

    Raises
    ------
    MeasurementError : for a grid without operator form, or other axes than one position and its momentum.
    """
    space = hamiltonian.space
    if len(space.positions) != 1 or len(space.momenta) != 1:
        raise MeasurementError(
            f"level: expected one position and its momentum, got {', '.join(space.names)}; elsewhere the curvature of bands "
            "is no part of a scalar energy"
        )
    exact = ground_level(hamiltonian.values(t), space)
    errors: dict[str, float] = {}
    left_out: dict[str, str] = {}
    for contender in equations:
        try:
            symbols = contender.band_symbols(hamiltonian, t)
        except ModelError as error:
            left_out[contender.name] = str(error)
            continue
        found = min(ground_level(symbol[None, None], space) for symbol in symbols)
        errors[contender.name] = abs(found - exact)
    return errors, left_out
