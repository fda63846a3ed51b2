"""What starting costs: the catalog, a long fleet file, ``holofleet --help``; each in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench.control import ROOT
from bench.figures import Figure, Section

HELP = "from holofleet.cli import main; main(['--help'])"
_CATALOG = """
import json, time
begun = time.perf_counter()
from holofleet import catalog
imported = time.perf_counter()
nodes = catalog.nodes()
found = nodes.find("./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection")
assert found is not None
done = time.perf_counter()
print(json.dumps({"import": imported - begun, "load": done - imported, "nodes": len(nodes.all())}))
"""
_SPEC = """
import json, sys, time
from pathlib import Path
from datetime import date
from holofleet import checks, desired, spec
path = Path(sys.argv[1])
begun = time.perf_counter()
loaded = spec.load([path])
between = time.perf_counter()
state = desired.compile(loaded, target="server")
compiled = time.perf_counter()
report = checks.run(loaded, today=date(2026, 11, 25), target="server")
done = time.perf_counter()
print(json.dumps({
    "load": between - begun, "compile": compiled - between, "check": done - compiled,
    "headsets": len(state.headsets), "findings": len(report.findings), "standings": len(report.standings),
}))
"""


def starting(folder: Path, *, sizes: tuple[int, ...], rounds: int) -> Section:
    """Measure, on the core that this process is pinned to.

    Args:
        folder: Takes the fleet files.
        sizes: How many headsets each fleet file has.
        rounds: Processes of each kind; a third of them for fleet files.
    """
    catalogs = [_run(_CATALOG) for _ in range(rounds)]
    files = [figure for size in sizes for figure in _fleet_file(folder, size, max(1, rounds // 3))]
    empty = [_start_ms("pass") for _ in range(rounds)]
    helps = [_start_ms(HELP) for _ in range(rounds)]
    return Section(
        "Starting (each round a fresh process)",
        [
            Figure("catalog: import", "ms", _ms(catalogs, "import")),
            Figure(
                "catalog: load", "ms", _ms(catalogs, "load"), f"to the first node found, of {catalogs[0]['nodes']}"
            ),
            *files,
            Figure("holofleet --help", "ms", tuple(wall for wall, _ in helps), "by the wall clock"),
            Figure("holofleet --help: processor time", "ms", tuple(cpu for _, cpu in helps)),
            Figure("bare: python -c pass: processor time", "ms", tuple(cpu for _, cpu in empty)),
        ],
    )


def _fleet_file(folder: Path, headsets: int, rounds: int) -> list[Figure]:
    from bench import fleet

    path = folder / f"fleet-{headsets}.yaml"
    text = fleet.fleet_file(headsets)
    path.write_text(text, encoding="utf-8")
    found = [_run(_SPEC, str(path)) for _ in range(rounds)]
    name = f"fleet file of {headsets:,} headsets"
    size = f"{text.count(chr(10)):,} lines, {path.stat().st_size:,} bytes"
    judged = f"all rules: {found[0]['standings']} standings, {found[0]['findings']} findings"
    return [
        Figure(f"{name}: load", "ms", _ms(found, "load"), size),
        Figure(f"{name}: compile", "ms", _ms(found, "compile"), "to the desired State"),
        Figure(f"{name}: check", "ms", _ms(found, "check"), judged),
    ]


def _ms(found: list[dict[str, float]], key: str) -> tuple[float, ...]:
    return tuple(one[key] * 1e3 for one in found)


def _run(program: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, cwd=ROOT
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def _start_ms(program: str) -> tuple[float, float]:
    """Return what a process took by the wall clock, and its processor time."""
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL, cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    taken = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"a process ended with status {process.returncode}")
    return taken * 1e3, (used.ru_utime + used.ru_stime) * 1e3
