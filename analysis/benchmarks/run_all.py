"""Measure every row of the table in README.md beside this file, print it, and write the table anew.

    python analysis/benchmarks/run_all.py [--laps 7] [--json FILE] [ROW …]

Named rows are measured and printed; the table is written only when all were measured. QuTiP, against which two rows
compare, comes with ``pip install 'wigner[bench]'``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Before numpy: one thread for its matrices too, so that nobody has more than the row says.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from rows import ROWS, Row  # noqa: E402

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- table begins -->", "<!-- table ends -->"
_PACKAGES = ("wigner", "numpy", "scipy", "numba", "pyfftw", "qutip")


def machine() -> str:
    """The processor as the kernel calls it, and the widest vectors."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    found = {key.strip(): value.strip() for key, value in fields.items()}
    model = found.get("model name", platform.processor() or "unknown processor")
    family = f" (family {found['cpu family']}, model {found['model']})" if "cpu family" in found else ""
    flags = found.get("flags", "").split()
    vectors = next((name for key, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if key in flags), "")
    return ", ".join(part for part in (model + family, vectors, f"{os.cpu_count()} cores") if part)


def versions() -> str:
    told = [f"Python {platform.python_version()}"]
    for package in _PACKAGES:
        try:
            told.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            told.append(f"no {package}")
    return ", ".join(told)


def table(rows: Sequence[Row]) -> str:
    """Markdown, with the machine, the date and the versions above it."""
    lines = [
        f"{machine()}; {datetime.now(UTC):%Y-%m-%d}; {versions()}.",
        "",
        "| row | what | must reach | measured | met | laps | from |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.name} | {r.what} | {r.target} | {r.measured} | {r.verdict} | {r.laps} | {r.details} |"
        for r in rows
    ]
    compiled = [f"{r.name} {r.compile_seconds:.2g} s" for r in rows if r.compile_seconds is not None]
    if compiled:
        lines += [
            "",
            f"First step, where kernels are compiled or read from numba's cache: {', '.join(compiled)}.",
        ]
    return "\n".join(lines)


def replaced(text: str, new: str) -> str:
    """`text` with what stands between the two markers replaced."""
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit(f"expected one '{BEGIN}' and one '{END}' in {README.name}")
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{new}\n{END}{rest.split(END)[1]}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--laps", type=int, default=7)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.rows if name not in ROWS]
    if unknown:
        parser.error(f"expected rows out of {', '.join(ROWS)}, got {', '.join(unknown)}")

    rows = []
    for name in chosen.rows or ROWS:
        row = ROWS[name](chosen.laps)
        rows.append(row)
        print(
            f"{row.name:13} {row.measured:>16}  {row.target:>16}  {row.verdict:12} {row.details}", flush=True
        )
    if chosen.json:
        listed = [asdict(row) | {"met": row.met} for row in rows]
        chosen.json.write_text(json.dumps({"machine": machine(), "rows": listed}, indent=2) + "\n")
    if len(rows) == len(ROWS):
        README.write_text(replaced(README.read_text(), table(rows)))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
