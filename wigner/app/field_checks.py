"""The table ``[fields]``, checked formula by formula so that a message points at the one that is wrong."""

from __future__ import annotations

from ..algebra.phase_space import PhaseSpace
from ..errors import WignerError
from ..models import UniformFields
from .formula_checks import unfit_parameters, where_not_finite, with_remedy
from .locate import Path
from .problems import Problems
from .setup import uniform_fields
from .tables import Fields

__all__ = ["check_fields"]


def check_fields(
    table: Fields | None, space: PhaseSpace | None, times: tuple[float, ...], problems: Problems
) -> UniformFields | None:
    """The fields, with no component where there is no table; None if something is wrong with it.

    Parameters
    ----------
    space : the axes they must fit; None if those are not sound.
    times : when they must be finite.
    """
    if table is None:
        return UniformFields()
    before = len(problems)
    for name, message in unfit_parameters(table.parameters, ("t",)).items():
        problems.add(("fields", "parameters", name), message)
    if len(problems) > before:
        return None
    for key in ("force", "magnetic"):
        specs = getattr(table, key)
        for number, spec in enumerate(specs if isinstance(specs, tuple) else (specs,)):
            path: Path = ("fields", key, number) if isinstance(specs, tuple) else ("fields", key)
            try:
                UniformFields.parse(**{key: spec}, parameters=table.parameters)
            except WignerError as error:
                problems.add(path, with_remedy(str(error), "correct it"))
    if len(problems) > before:
        return None
    fields = uniform_fields(table)
    if space is not None:
        for key in ("force", "magnetic"):
            for formula in getattr(fields, key):
                place = where_not_finite(formula, space, times)
                if place is not None:
                    message = f"expected finite fields, got infinity or not-a-number at {place}"
                    problems.add(("fields", key), f"{message}; change the formula")
                    return None
        try:
            fields.settled(space)
        except WignerError as error:
            named = [key for key in ("force", "magnetic", "origin") if key in str(error)]
            problems.add(("fields", *named[:1]), with_remedy(str(error), "correct it"))
            return None
    return fields
