"""One import of a large world: seconds, memory and records a second of each step, and two ratios."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.table import Table

from accord.bench.floors import purposes
from accord.bench.rig import rig
from accord.bench.steps import all_steps, read_steps, write_steps
from accord.model.scope import Run, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from rich.console import Console

    from accord.bench.rig import Rig
    from accord.bench.steps import Cost
    from accord.local.progress import Progress

PEAK_MIB, LOAD_RATIO, MATCHING_RATIO = 1024, 5.0, 2.0
"""Goals: no step above, loading at least so many times faster, matching within so many times."""
LOAD_ROWS = 100_000
PAUSE_SECONDS = 2 * 3600
"""Between two runs: longer than any overlap of watermarks, so that a run does not read what the last but one wrote."""
SYNC = Scope("changed")


def large_world(progress: Progress, accounts: int) -> AbstractContextManager[Rig]:
    """Return a rig with a made world; contacts come at 4, companies at 0.8, HubSpot contacts at 3.6 an account."""
    command = ("-m", "accord.cli", "sandbox", "--port", "{port}", "--accounts", str(accounts))
    return rig(command, {}, progress)


def import_run() -> Run:
    """Return the run that imports every account there is."""
    now = datetime.now(UTC)
    return Run("import", Scope("interval", now - timedelta(days=3650), now + timedelta(days=1)), "apply")


def settle(found: Rig, progress: Progress) -> int:
    """Run a sync two hours after an import, which reads what the import wrote; return how many writes it made."""
    before = found.writes()
    found.control("POST", "clock", {"advance": PAUSE_SECONDS})
    all_steps(found, Run("sync after the import", SYNC, "apply"), progress)
    return found.writes() - before


def compare_size(progress: Progress, found: Rig) -> bool:
    """Import the world, then sync it; show what it took and return whether every goal is met."""
    run = import_run()
    costs = read_steps(found, run, progress)
    with progress.step("the same rows by to_sql"):
        load = found.measure("staging_load", run, rows=LOAD_ROWS).result
    with progress.step("the same join by DuckDB"):
        matching = found.measure("matching", run).result
    costs += write_steps(found, run, progress)
    again = settle(found, progress)
    state = found.control("GET", "state")
    console = progress.console
    console.print(_steps_table(costs))
    is_lean = max(cost.measured.peak_mib for cost in costs) <= PEAK_MIB
    goals = [is_lean, _show_load(console, load), _show_matching(console, matching)]
    return all([*goals, _show_end(console, state, costs, again)])


def compare_matching(progress: Progress, found: Rig) -> bool:
    """Read the world and match it both ways; show it and return whether ours is quick enough."""
    run = import_run()
    read_steps(found, run, progress)
    with progress.step("the same join by DuckDB"):
        return _show_matching(progress.console, found.measure("matching", run).result)


def _steps_table(costs: Sequence[Cost]) -> Table:
    """Return what each step cost, and the sum."""
    table = Table(
        "step", "records", "seconds", "of it CPU", "records/s", "peak MiB", "Salesforce calls", "HubSpot calls",
        title=f"An import, each step in a process of its own (goal: none above {PEAK_MIB:,} MiB)", title_justify="left",
    )  # fmt: skip
    for cost in costs:
        it = cost.measured
        speed = f"{cost.records / it.seconds:,.0f}" if cost.records else ""
        calls = [purposes(cost.calls, crm).total() for crm in ("salesforce", "hubspot")]
        peak = f"{it.peak_mib:,.0f} {_mark(it.peak_mib <= PEAK_MIB)}"
        row = (cost.name, f"{cost.records:,}", f"{it.seconds:,.1f}", f"{it.cpu_seconds:,.1f}", speed, peak)
        table.add_row(*row, *(f"{n:,}" for n in calls))
    table.add_section()
    table.add_row("sum", "", f"{sum(cost.measured.seconds for cost in costs):,.1f}")
    return table


def _show_load(console: Console, load: dict[str, dict[str, float]]) -> bool:
    """Show rows a second of both ways into staging; return whether ours is fast enough."""
    table = Table(
        "rows", "ours, rows/s", "to_sql, rows/s", f"ratio (goal: {LOAD_RATIO:g} or more)",
        title="Into staging", title_justify="left",
    )  # fmt: skip
    ratios = {name: it["ours"] / it["to_sql"] for name, it in load.items()}
    for name, it in load.items():
        told = f"{ratios[name]:.1f} {_mark(ratios[name] >= LOAD_RATIO)}"
        table.add_row(f"{it['rows']:,} {name}", f"{it['ours']:,.0f}", f"{it['to_sql']:,.0f}", told)
    console.print(table)
    return min(ratios.values()) >= LOAD_RATIO


def _show_matching(console: Console, found: dict[str, Any]) -> bool:
    """Show seconds of the rules and of DuckDB; return whether ours are few enough."""
    table = Table(
        "", "seconds", f"x DuckDB (goal: {MATCHING_RATIO:g} or less)", "CPU seconds", "x DuckDB",
        "candidates", "accounts with one",
        title="Matching", title_justify="left",
    )  # fmt: skip
    names = {
        "duckdb": "DuckDB, the evidence join",
        "join": "the rules, the same join",
        "study": "the rules, all of matching",
        "decide": f"the rules, the whole plan, {found['fields']:,} differing fields",
    }
    ratios, cpu = (
        {way: float(found[what][way] / found[what]["duckdb"]) for way in names} for what in ("seconds", "cpu_seconds")
    )
    for way, name in names.items():
        counts = [f"{found[what][way]:,}" if way in found[what] else "" for what in ("candidates", "accounts_with_one")]
        mark = _mark(ratios[way] <= MATCHING_RATIO) if way == "decide" else ""
        wall = (f"{found['seconds'][way]:.2f}", f"{ratios[way]:.2f} {mark}")
        table.add_row(name, *wall, f"{found['cpu_seconds'][way]:.2f}", f"{cpu[way]:.2f}", *counts)
    console.print(table)
    return ratios["decide"] <= MATCHING_RATIO


def _show_end(console: Console, state: dict[str, Any], costs: Sequence[Cost], again: int) -> bool:
    """Show what came of it, as the sandbox has it; return whether it is right."""
    created = {name: n for name, n in state["pipeline_writes"].items() if name.endswith("create")}
    report = costs[-1].measured.result["note"]
    console.print(f"Import: {report}", soft_wrap=True)
    console.print(
        f"In the sandbox: {state['pairs']:,} pairs, of them {state['pairs_by_pipeline']:,} ours; created "
        f"{', '.join(f'{n:,} {name}' for name, n in created.items())}; paired twice, wrongly or twins: "
        f"{len(state['violations'])} {_mark(not state['violations'])}; written by the sync after it: {again} "
        f"{_mark(not again)}",
        soft_wrap=True,
    )
    return not state["violations"] and not again


def _mark(is_met: bool) -> str:
    """Return a tick or a cross."""
    return "[green]✓[/green]" if is_met else "[red]✗[/red]"
