"""The command line. Each command imports what it needs: ``wigner --help`` must answer at once."""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from .. import __version__
from ..errors import ConfigError, Problem, WignerError

if TYPE_CHECKING:
    from .execute import Finished

__all__ = ["app", "main"]

app = typer.Typer(
    help="Exact multiband Moyal dynamics of electrons in phase space, from a TOML file to a verified claim.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_out = Console()
_err = Console(stderr=True)

RunFileArgument = Annotated[Path, typer.Argument(metavar="RUN.toml", help="The run file.")]
FolderArgument = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]


def main() -> None:
    """Entry point: user errors are one line each on standard error and exit code 2; interruption is 130."""
    try:
        # Not standalone, a command that raises typer.Exit returns its code.
        sys.exit(app(sys.argv[1:] or ["--help"], prog_name="wigner", standalone_mode=False) or 0)
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        sys.exit(2)
    except WignerError as error:
        print(f"wigner: {error}", file=sys.stderr)
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:
        # Typer hands usage errors through as its own exceptions when it is not standalone.
        if hasattr(error, "format_message"):
            print(f"wigner: {error.format_message().rstrip('.')}; see wigner --help", file=sys.stderr)
            sys.exit(2)
        raise


def _version(value: bool) -> None:
    if value:
        print(f"wigner {__version__}")
        raise typer.Exit


@app.callback()
def _global(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def run(
    file: RunFileArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Run folder; default results/NAME.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier run in that folder.")] = False,
    plot: Annotated[bool, typer.Option("--plot", help="Draw the pictures when the run has ended.")] = False,
) -> None:
    """Run a file, record what it asks for, and judge its claims."""
    from . import execute
    from .config import load
    from .progress import RunProgress

    config = load(file)
    folder = output or Path("results") / file.stem
    progress = RunProgress(_err, edge_threshold=config.guards.edge_threshold)
    _finish(folder, lambda: execute.run(config, folder, progress=progress, force=force), plot=plot)


@app.command()
def resume(
    folder: FolderArgument,
    plot: Annotated[bool, typer.Option("--plot", help="Draw the pictures when the run has ended.")] = False,
) -> None:
    """Go on with a run that was interrupted or killed."""
    from . import execute
    from .progress import RunProgress

    _finish(folder, lambda: execute.resume(folder, progress=RunProgress(_err)), plot=plot)


def _finish(folder: Path, go: Callable[[], Finished], *, plot: bool) -> None:
    """Run, and say how it ended: results on standard output, what to do next on standard error."""
    from .console import print_claims

    again = f"go on with: wigner resume {shlex.quote(str(folder))}"
    try:
        finished = go()
    except KeyboardInterrupt:
        if any(folder.glob("checkpoint-?.h5")):
            print(f"wigner: stopped at once; from the last checkpoint {again}", file=sys.stderr)
        else:
            print("wigner: stopped before the first step; nothing was lost, run it again", file=sys.stderr)
        raise typer.Exit(130) from None
    outcome = finished.outcome
    if outcome.reason == "interrupted":
        print(f"wigner: stopped at t = {outcome.t:.6g}; checkpoint written; {again}", file=sys.stderr)
        raise typer.Exit(130)
    if finished.verdicts:
        print_claims(_out, finished.verdicts)
    if plot:
        _draw(folder)
    _out.print(f"numbers:  {folder / 'summary.json'}, {folder}/series-*.h5", highlight=False, soft_wrap=True)
    _out.print(f"in Python: wigner.open_run({str(folder)!r})", highlight=False, soft_wrap=True)
    if outcome.reason == "edge":
        print(f"wigner: stopped at t = {outcome.t:.6g}, as guards.edge_action asks", file=sys.stderr)
        raise typer.Exit(3)
    if not all(verdict.passed for verdict in finished.verdicts):
        raise typer.Exit(1)


def _draw(folder: Path) -> None:
    from ..records import open_run
    from ..views.plot import draw_all

    with open_run(folder) as recorded:
        for path in draw_all(recorded, folder / "figures"):
            _out.print(f"picture:  {path}", highlight=False, soft_wrap=True)


@app.command()
def check(file: RunFileArgument) -> None:
    """Validate a file and say what it would cost; runs nothing."""
    from .config import load
    from .console import print_check
    from .inspect import check_sections

    print_check(_out, check_sections(load(file)))


@app.command()
def info(folder: FolderArgument) -> None:
    """Say what a run folder holds."""
    from .console import print_check
    from .inspect import info_sections

    print_check(_out, info_sections(folder))


@app.command()
def plot(folder: FolderArgument) -> None:
    """Draw a run: Wigner functions with marginals, densities, drifts."""
    _draw(folder)


@app.command()
def report(folder: FolderArgument) -> None:
    """Write a page of a run: a figure for each claim, its pictures."""
    from .report import write_report

    _out.print(f"page:     {write_report(folder)}", highlight=False, soft_wrap=True)


@app.command("list")
def list_() -> None:
    """List models, states, diagnostics, methods, equations, references."""
    from .console import print_check
    from .listing import list_sections

    print_check(_out, list_sections())


@app.command()
def verify(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[RUN.toml …]", help="Run files or folders of them; default runs/."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write the table as JSON.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="FOLDER", help="Keep the run folders there, each with its page."),
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Only files that say fast = true.")] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", metavar="N", min=1, help="Runs at once; each needs its own memory.")
    ] = 1,
) -> None:
    """Run files and judge all their claims in one table."""
    from .config import RunConfig, load
    from .console import print_claims
    from .verify import gather, verify_runs, write_json

    if json_file is not None and (json_file.is_dir() or not json_file.absolute().parent.is_dir()):
        raise WignerError(f"{json_file}: expected a file in a folder that exists; choose another --json file")
    configs: list[RunConfig] = []
    problems: list[Problem] = []
    for path in gather(files or [Path("runs")]):
        try:
            configs.append(load(path))
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    if fast:
        configs = [config for config in configs if config.fast]
        if not configs:
            raise WignerError("--fast: expected a run file that says fast = true, got none; leave --fast out")
    with tempfile.TemporaryDirectory(prefix="wigner-") as temporary:
        try:
            rows = verify_runs(
                configs,
                keep or Path(temporary),
                pages=keep is not None,
                jobs=jobs,
                say=lambda text: print(text, file=sys.stderr),
            )
        except KeyboardInterrupt:
            print("wigner: interrupted; no table", file=sys.stderr)
            raise typer.Exit(130) from None
    print_claims(_out, rows)
    if json_file is not None:
        write_json(json_file, rows)
    if not all(row.passed for row in rows):
        raise typer.Exit(1)


@app.command()
def compare(
    file: RunFileArgument,
    hbar: Annotated[
        str,
        typer.Option(
            help="Values of ħ, separated by commas; default the sweep of [compare], else ħ, ħ/2, ħ/4, ħ/8."
        ),
    ] = "",
    equations: Annotated[
        str,
        typer.Option(
            help="Such as boltzmann,star_projected:2-metric_force,truncated_moyal:2; default those of [compare], else all."
        ),
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Draw the figures there.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write the rows as JSON.")
    ] = None,
) -> None:
    """At which order in ħ is each kinetic equation right?"""
    from .compare import compare as run_comparison
    from .compare_report import draw, sections, write_json
    from .config import load
    from .console import print_check
    from .sweep import contenders, parse_values
    from .sweeps import claimed_quantities

    config = load(file)
    table, named = config.compare, [name.strip() for name in equations.split(",") if name.strip()]
    swept = table is not None and not hbar
    values = table.values if table and swept else parse_values(hbar, config.space.hbar)
    chosen = contenders(named or (table.equations if table else ()))
    found = run_comparison(
        config,
        values,
        chosen,
        parameter=table.parameter if table and swept else "hbar",
        quantities=claimed_quantities(config) if swept else (),
        say=lambda text: print(text, file=sys.stderr),
    )
    print_check(_out, sections(found))
    if json_file is not None:
        write_json(json_file, found)
    if output is not None:
        for path in draw(config, found, output):
            print(f"drawn: {path}", file=sys.stderr)
    if any(row.verdict == "fails" for row in found.rows):
        raise typer.Exit(1)


@app.command()
def audit(
    equation: Annotated[
        str,
        typer.Argument(
            metavar="EQUATION",
            help="A kinetic equation, such as star_projected:2, or a file of one, EQUATION.toml.",
        ),
    ],
    file: RunFileArgument,
    hbar: Annotated[
        str,
        typer.Option(
            help="Values of ħ, separated by commas; default those of [audit], else ħ, ħ/2, ħ/4, ħ/8."
        ),
    ] = "",
) -> None:
    """Which term of a kinetic equation is wrong?"""
    from .audit import audit_equation, audit_sections, equation_named
    from .config import load
    from .console import print_check
    from .sweep import parse_values

    config = load(file)
    chosen = equation_named(equation, config)
    swept = config.audit is not None and not hbar
    hbars = config.audit.hbar if config.audit and swept else parse_values(hbar, config.space.hbar)
    found = audit_equation(config, chosen, hbars)
    print_check(_out, audit_sections(chosen, found))
    if not found.right:
        raise typer.Exit(1)
