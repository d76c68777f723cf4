"""The tables of a run file as plain frozen values; their docstrings are the manual of each key.

Every number may also be written as a constant formula, ``"2*pi"``. Natural units: with ħ as in ``[space]``,
choose a unit of energy and one of length; times are then in ħ/energy and momenta in ħ/length.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, MinLen

from ..algebra.formula import FormulaSpec
from ..certify.claims import Claim
from ..models import MODELS
from ..states import STATES
from .archive_state import ArchiveState
from .space_table import Space

__all__ = [
    "Audit",
    "BandCharge",
    "Berry",
    "Claim",
    "Compare",
    "Engine",
    "Evolution",
    "Fields",
    "Guards",
    "Hall",
    "OneOf",
    "Potential",
    "Record",
    "RunFile",
    "Space",
    "SpectralFlowRegions",
    "StarLevels",
    "Streda",
]


@dataclass(frozen=True)
class OneOf:
    """Marks a table whose key `kind` picks one class of a registry."""

    classes: tuple[type, ...]


@dataclass(frozen=True)
class Potential:
    """``[potential]``: a term added to the model's Hamiltonian.

    Parameters
    ----------
    formula : energy; a formula in the axis names and t, or N rows of N formulas; a scalar acts as a multiple
        of the identity.
    parameters : value of each further name in the formula.
    """

    formula: FormulaSpec
    parameters: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Fields:
    """``[fields]``: a uniform force and a uniform magnetic field; the momenta are then kinetic ones, see `UniformFields`.

    Parameters
    ----------
    force : f = qE, energy/length, dk/dt = f: a formula in t, or an array with one for each momentum axis.
    magnetic : b = qB, momentum/length, a formula in t for {kx, ky} = b, or an array of three (bx, by, bz) for three
        momenta.
    origin : the point r₀ about which the induced field of a changing b circulates: a number, or one for each position
        axis; zeros when left out. Only with position axes.
    parameters : value of each further name in the formulas.
    """

    force: str | float | tuple[str | float, ...] = ()
    magnetic: str | float | tuple[str | float, ...] = ()
    origin: float | tuple[float, ...] = ()
    parameters: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Evolution:
    """``[evolution]``: from when to when, and how exactly.

    Parameters
    ----------
    t_end : last time, ħ/energy; > t_start.
    t_start : first time.
    equation : ``moyal`` is exact; a kinetic equation of bands is expanded in ħ: ``boltzmann`` (order 0, any bands),
        ``wong_tserkovnyak`` and ``decoupled_bands`` (order 1, two bands), ``separable`` (order 2, H₀(k) + V(r, t)),
        ``star_projected`` (any bands). Its state is what it makes of the initial F.
    order : n = 0, 1 or 2, the power of ħ that ``star_projected`` keeps; 2 when left out.
    method : ``auto`` picks the cheapest; ``strang`` (order 2) or ``blanes_moan`` (order 4) for H = T(k, t) + V(r, t) on any
        grid; ``harmonics`` for any H(r, k, t) of few harmonics on any grid; on a matched grid also ``spectral`` for any
        static H(r, k), by one eigendecomposition, ``chebyshev`` for any H(r, k, t), ``wave_functions`` for
        T(k, t) + V(r, t) and a state of low rank.
    dt : longest time step > 0; chosen from error_target when left out.
    error_target : wanted error of the density relative to its maximum, > 0, used when dt is left out.
    star_order : n ≥ 0 cuts the star product at ħⁿ (truncated Moyal equation); left out, it is exact.
    """

    t_end: float
    t_start: float = 0.0
    equation: Literal[
        "moyal", "boltzmann", "wong_tserkovnyak", "decoupled_bands", "separable", "star_projected"
    ] = "moyal"
    order: Annotated[int, Ge(0), Le(2)] | None = None
    method: Literal[
        "auto", "strang", "blanes_moan", "spectral", "chebyshev", "wave_functions", "harmonics"
    ] = "auto"
    dt: Annotated[float, Gt(0)] | None = None
    error_target: Annotated[float, Gt(0), Le(1)] = 1e-6
    star_order: Annotated[int, Ge(0), Le(16)] | None = None


@dataclass(frozen=True)
class StarLevels:
    """``[record.star_spectrum]``, ``[record.landau_levels]``: levels of the Hamiltonian's operator, on a matched grid.

    Parameters
    ----------
    energy : where to look, energy.
    below : number of levels under it, ≥ 0.
    above : number of levels over it, ≥ 0; all are recorded together, ascending.
    resolution : levels closer than this are one, and their mean is recorded; > 0, energy.
    """

    energy: float = 0.0
    below: Annotated[int, Ge(0)] = 3
    above: Annotated[int, Ge(0)] = 3
    resolution: Annotated[float, Gt(0)] = 1e-6


@dataclass(frozen=True)
class Streda:
    """``[record.streda]``: density bound to a field {kx, ky} = b, without positions, recorded as ``streda`` and more.

    Parameters
    ----------
    energy : an energy in the gap.
    regions : weights over the momenta by name, formulas as for observables but without t; each quantity is recorded for
        each, ``streda_NAME``. Left out: the whole zone.
    """

    energy: float = 0.0
    regions: dict[str, FormulaSpec] = field(default_factory=dict)


@dataclass(frozen=True)
class Hall:
    """``[record.hall]``: the current in all and by bands: ``hall_kx``, ``hall_group_kx``, ``hall_anomalous_kx``.

    Parameters
    ----------
    regions : as for ``[record.streda]``, ``hall_kx_NAME``. Left out: all of phase space.
    """

    regions: dict[str, FormulaSpec] = field(default_factory=dict)


@dataclass(frozen=True)
class BandCharge:
    """``[record.band_charge]``: particles of two bands: ``band_charge`` of local ones, ``star_band_charge`` to order ħ.

    Parameters
    ----------
    regions : as for ``[record.streda]``, ``band_charge_NAME``, of positions too. Left out: all of phase space.
    """

    regions: dict[str, FormulaSpec] = field(default_factory=dict)


@dataclass(frozen=True)
class Berry:
    """``[record.berry]``: Berry phases of loops in the parameters of H, read from the coherence of a band with a spectator.

    Parameters
    ----------
    band : components of the band's state where the loops begin and end, formulas in the coordinates, one for each band.
    spectator : components of the spectator's state.
    loops : by name, the weights ``forward``, ``backward`` and ``still`` over the copies of the system that go round, go
        round the other way, and stay; recorded as ``berry_phase_NAME`` and ``berry_coherence_NAME``.
    """

    band: tuple[str | float, ...]
    spectator: tuple[str | float, ...]
    loops: dict[str, dict[str, FormulaSpec]]


@dataclass(frozen=True)
class SpectralFlowRegions:
    """``[record.spectral_flow]``: occupied states over an energy and empty ones under it, on a matched grid.

    Parameters
    ----------
    regions : a weight by name, a real formula in the axes, ``{ right = "step(kz)" }``: ``electrons_right``, ``holes_right``
        and their difference ``excess_right`` are recorded.
    energy : what separates electrons from holes, energy.
    window : lowest and highest energy that is counted; left out: all.
    """

    regions: dict[str, FormulaSpec]
    energy: float = 0.0
    window: tuple[float, float] | None = None


@dataclass(frozen=True)
class Record:
    """``[record]``: what is kept.

    Parameters
    ----------
    every : time between records, > 0; rounded so that it divides the run. Left out: a hundredth of the run.
    snapshots : number of snapshots of the whole Wigner function after the initial one, ≥ 1; divides the
        number of record intervals. 1 keeps the final state.
    diagnostics : names from ``wigner list``; left out: the default set.
    observables : a formula, or rows of formulas, by name: ⟨A⟩ is recorded under that name. They may use the
        axis names, t, hbar, t_start, t_end, and the numbers of the model and the potential by name.
    profiles : formulas by name like observables: the density of ⟨A⟩ in space is recorded under that name.
    probes : points of the grid by name, ``{ centre = { kx = 0, ky = 0 } }``: the real components of F there are recorded
        under that name.
    star_spectrum : which levels of the Hamiltonian's operator are recorded, as ``star_level``; left out: none.
    landau_levels : which Landau levels are, as ``landau_level``, with their degeneracies and fillings; left out: none.
    streda : the density that a magnetic field binds; left out: none.
    hall : the current in a force, in all and by bands; left out: none.
    band_charge : particles of two bands in regions, local and star-projected; left out: nowhere.
    berry : Berry phases by adiabatic evolution; left out: none.
    spectral_flow : where electrons and holes are counted; left out: nowhere.
    checkpoint_seconds : wall-clock seconds between checkpoints, > 0.
    """

    every: Annotated[float, Gt(0)] | None = None
    snapshots: Annotated[int, Ge(1)] = 1
    diagnostics: tuple[str, ...] | None = None
    observables: dict[str, FormulaSpec] = field(default_factory=dict)
    profiles: dict[str, FormulaSpec] = field(default_factory=dict)
    probes: dict[str, dict[str, float]] = field(default_factory=dict)
    star_spectrum: StarLevels | None = None
    landau_levels: StarLevels | None = None
    streda: Streda | None = None
    hall: Hall | None = None
    band_charge: BandCharge | None = None
    berry: Berry | None = None
    spectral_flow: SpectralFlowRegions | None = None
    checkpoint_seconds: Annotated[float, Gt(0)] = 60.0


@dataclass(frozen=True)
class Guards:
    """``[guards]``: what happens when the state reaches the edge of an axis or of its conjugate.

    Parameters
    ----------
    edge_threshold : weight at an edge that is still silent, > 0, relative to the whole.
    edge_action : ``warn``, ``stop`` or ``ignore``.
    """

    edge_threshold: Annotated[float, Gt(0)] = 1e-10
    edge_action: Literal["warn", "stop", "ignore"] = "warn"


@dataclass(frozen=True)
class Engine:
    """``[engine]``: the machine; changes no result beyond rounding.

    Parameters
    ----------
    threads : number of threads ≥ 1, of sweeps and of linear algebra; or ``auto``, which races one against all for sweeps.
    fft : ``fftw``, ``scipy``, or ``auto`` (fftw where it is installed).
    memory_limit : GiB, > 0; left out: 80 % of the memory available when the file is read.
    """

    threads: Annotated[int, Ge(1)] | Literal["auto"] = 1
    fft: Literal["auto", "fftw", "scipy"] = "auto"
    memory_limit: Annotated[float, Gt(0)] | None = None


@dataclass(frozen=True)
class Compare:
    """``[compare]``: expanded equations beside exact dynamics over a sweep, for claims on ``order`` and ``error``.

    Parameters
    ----------
    equations : as ``wigner compare --equations`` names them: ``boltzmann``, ``star_projected:1``,
        ``star_projected:2-metric_force`` without that term, ``wong_tserkovnyak:printed``, ``truncated_moyal:2``.
    values : one or more, > 0; the slope is that of the smallest three, and of fewer there is none.
    parameter : what is swept: ``hbar``, or a number of the model, the state, the potential or the fields by name.
    error_target : relative error that the time steps of an equation may make, 0 … 1, well below the smallest error that
        is to be seen; exact dynamics is held to a tenth of it.
    dealias : ``star_projected`` moves the lower two thirds of the wave numbers. With false it moves them all: the grid
        then holds more of a state that is resolved, while of one that is not the noise grows.
    """

    equations: Annotated[tuple[str, ...], MinLen(1)]
    values: Annotated[tuple[float, ...], MinLen(1)]
    parameter: str = "hbar"
    error_target: Annotated[float, Gt(0), Le(1)] = 1e-8
    dealias: bool = True


@dataclass(frozen=True)
class Audit:
    """``[audit]``: the coefficients that exact dynamics asks of the terms of equations, for claims on ``coefficient``.

    Parameters
    ----------
    equations : kinetic equations, named as in [compare].
    hbar : two values of ħ or more, > 0, from which coefficients are carried to ħ → 0.
    """

    equations: Annotated[tuple[str, ...], MinLen(1)]
    hbar: Annotated[tuple[float, ...], MinLen(2)]


@dataclass(frozen=True)
class RunFile:
    """A run, whole: space, model, state, evolution, what is recorded, and what is claimed of it.

    Parameters
    ----------
    space : ħ and the axes.
    model : the Hamiltonian; `kind` is a name from ``wigner list``, the further keys are that model's fields.
    state : the initial state; `kind` and fields likewise.
    evolution : times and method.
    potential : a term added to the model.
    fields : uniform fields that move the momenta.
    record : what is kept.
    guards : what stops the run.
    engine : threads, transforms, memory.
    compare : a sweep that measures orders of errors; left out: none.
    audit : a fit of the coefficients of terms; left out: none.
    claims : numbers the run must reproduce.
    title : one line for pictures and tables.
    description : what the run shows.
    fast : true for a run that ``wigner verify --fast`` takes too.
    """

    space: Space
    model: Annotated[Any, OneOf(MODELS)]
    state: Annotated[Any, OneOf((*STATES, ArchiveState))]
    evolution: Evolution
    potential: Potential | None = None
    fields: Fields | None = None
    record: Record = Record()
    guards: Guards = Guards()
    engine: Engine = Engine()
    compare: Compare | None = None
    audit: Audit | None = None
    claims: tuple[Claim, ...] = ()
    title: str = ""
    description: str = ""
    fast: bool = False
