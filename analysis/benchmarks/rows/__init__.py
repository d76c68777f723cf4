"""The rows of the table, each a function of the number of laps and of its sizes."""

from collections.abc import Callable

from .bands import four_bands, one_band
from .equal_error import equal_error
from .kinetic import kinetic_floor, kinetic_rate
from .mixed import mixed_qutip
from .pure import pure_state
from .resources import growth, memory
from .row import Row
from .strang import strang_48_4, strang_fftw, strang_numpy

__all__ = ["ROWS", "Row"]

#: In the order of the table.
ROWS: dict[str, Callable[..., Row]] = {
    "strang_numpy": strang_numpy,
    "strang_fftw": strang_fftw,
    "strang_48^4": strang_48_4,
    "equal_error": equal_error,
    "mixed_qutip": mixed_qutip,
    "pure_state": pure_state,
    "one_band": one_band,
    "four_bands": four_bands,
    "memory": memory,
    "growth": growth,
    "kinetic_floor": kinetic_floor,
    "kinetic_rate": kinetic_rate,
}
