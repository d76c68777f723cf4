"""The diagnostics that have a table of their own in [record], and the user's formulas in these tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from ..algebra.formula import FormulaSpec, MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..diagnostics import (
    BandCharge,
    Berry,
    Diagnostic,
    Hall,
    LandauLevels,
    Observables,
    Probes,
    Profiles,
    SpectralFlow,
    StarSpectrum,
    Streda,
)
from .locate import Path
from .tables import Record

__all__ = ["REGIONAL", "Formulas", "by_name", "formulas_of", "matrix_formula", "on_demand", "read_formulas"]

#: Formulas by table of [record], and by their place in it.
Formulas = Mapping[str, Mapping[Path, MatrixFormula]]

#: Tables whose formulas are N×N symbols; those of the others are weights.
_SYMBOLS = ("observables", "profiles")
_WITH_REGIONS = ("streda", "hall", "band_charge", "spectral_flow")
REGIONAL = (*_WITH_REGIONS, "berry")


def matrix_formula(spec: FormulaSpec, space: PhaseSpace, parameters: Mapping[str, float]) -> MatrixFormula:
    """A formula in the axis names and t; parameters it does not use may have any name."""
    return MatrixFormula.parse(spec, variables=(*space.names, "t"), parameters=parameters)


def formulas_of(record: Record) -> dict[str, dict[Path, FormulaSpec]]:
    """Every formula inside the tables of [record], by table and by place in it."""
    found: dict[str, dict[Path, FormulaSpec]] = {
        table: {(name,): spec for name, spec in getattr(record, table).items()} for table in _SYMBOLS
    }
    for name in _WITH_REGIONS:
        table = getattr(record, name)
        if table is not None:
            found[name] = {("regions", region): spec for region, spec in table.regions.items()}
    if record.berry is not None:
        found["berry"] = {("band", n): spec for n, spec in enumerate(record.berry.band)}
        found["berry"] |= {("spectator", n): spec for n, spec in enumerate(record.berry.spectator)}
        for loop, ways in record.berry.loops.items():
            found["berry"] |= {("loops", loop, way): spec for way, spec in ways.items()}
    return found


def read_formulas(record: Record, space: PhaseSpace, numbers: Mapping[str, float], bands: int) -> Formulas:
    """`formulas_of` as formulas; scalar observables and profiles act as multiples of the identity."""
    out: dict[str, dict[Path, MatrixFormula]] = {}
    for table, specs in formulas_of(record).items():
        read = {place: matrix_formula(spec, space, numbers) for place, spec in specs.items()}
        out[table] = {p: f.promoted(bands) for p, f in read.items()} if table in _SYMBOLS else read
    return out


def by_name(formulas: Formulas, table: str) -> dict[str, MatrixFormula]:
    """The formulas of one table by the names that the user gave them."""
    return {str(place[-1]): formula for place, formula in formulas[table].items()}


def on_demand(record: Record, formulas: Formulas | None = None) -> list[Diagnostic]:
    """The diagnostics that have a table of their own in [record]; without `formulas` only their quantities are right."""
    if formulas is None:
        one = MatrixFormula.identity(1)
        formulas = {table: dict.fromkeys(places, one) for table, places in formulas_of(record).items()}
    named = {table: by_name(formulas, table) for table in formulas}
    chosen: list[Diagnostic] = []
    if record.observables:
        chosen.append(Observables(named["observables"]))
    if record.profiles:
        chosen.append(Profiles(named["profiles"]))
    if record.probes:
        chosen.append(Probes(record.probes))
    if record.star_spectrum is not None:
        chosen.append(StarSpectrum(**asdict(record.star_spectrum)))
    if record.landau_levels is not None:
        chosen.append(LandauLevels(**asdict(record.landau_levels)))
    if record.streda is not None:
        chosen.append(Streda(record.streda.energy, named["streda"]))
    if record.hall is not None:
        chosen.append(Hall(named["hall"]))
    if record.band_charge is not None:
        chosen.append(BandCharge(named["band_charge"]))
    if record.berry is not None:
        chosen.append(_berry(record, formulas["berry"]))
    if record.spectral_flow is not None:
        flow = record.spectral_flow
        chosen.append(SpectralFlow(named["spectral_flow"], flow.energy, flow.window))
    return chosen


def _berry(record: Record, formulas: Mapping[Path, MatrixFormula]) -> Berry:
    band, spectator = (
        [formula for place, formula in formulas.items() if place[0] == vector]
        for vector in ("band", "spectator")
    )
    loops: dict[str, dict[str, MatrixFormula]] = {}
    for place, formula in formulas.items():
        if place[0] == "loops":
            loops.setdefault(str(place[1]), {})[str(place[2])] = formula
    return Berry(band, spectator, loops)
