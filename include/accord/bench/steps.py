"""The steps of a run, each in a process of its own, as Airflow would run them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord.steps.extract import HUBSPOT_PARTS, SALESFORCE_PARTS

if TYPE_CHECKING:
    from accord.bench.floors import Calls
    from accord.bench.rig import Measured, Rig
    from accord.local.progress import Progress
    from accord.model.scope import Run


@dataclass(frozen=True)
class Cost:
    """What one step cost.

    Attributes:
        name: of the step.
        records: it handled: read, decided or planned for writing.
        measured: by its process.
        calls: it made, as the sandbox counted them.
    """

    name: str
    records: int
    measured: Measured
    calls: Calls


def read_steps(rig: Rig, run: Run, progress: Progress) -> list[Cost]:
    """Open a run and bring staging up to date; return what each step cost."""
    costs = [_step(rig, run, progress, "open the run", "open_run")]
    for sobject in SALESFORCE_PARTS:
        costs.append(_step(rig, run, progress, f"read Salesforce {sobject}", "extract_salesforce", sobject=sobject))
    for part in HUBSPOT_PARTS:
        name = f"read HubSpot {part.replace('_', ' ')}"
        costs.append(_step(rig, run, progress, name, "extract_hubspot", part=part))
    return costs


def write_steps(rig: Rig, run: Run, progress: Progress) -> list[Cost]:
    """Decide, apply, verify and close a run; return what each step cost."""
    decided = _step(rig, run, progress, "decide", "decide")
    digest = decided.measured.result["digest"]
    return [
        decided,
        _step(rig, run, progress, "apply", "apply", digest=digest, approved_by=None),
        _step(rig, run, progress, "verify", "verify"),
        _step(rig, run, progress, "report", "report"),
    ]


def all_steps(rig: Rig, run: Run, progress: Progress) -> list[Cost]:
    """Return what each step of a whole run cost."""
    return [*read_steps(rig, run, progress), *write_steps(rig, run, progress)]


def _step(rig: Rig, run: Run, progress: Progress, name: str, work: str, **arguments: Any) -> Cost:
    """Return what one step cost, shown as it goes."""
    rig.calls()
    with progress.step(f"{run.run_id}: {name}") as shown:
        measured = rig.measure(work, run, **arguments)
        cost = Cost(name, _records(measured.result), measured, rig.calls())
        shown.note = f"{cost.records:,} records, {measured.peak_mib:.0f} MiB" if cost.records else ""
    return cost


def _records(result: dict[str, Any]) -> int:
    """Return how many records a step says it handled."""
    return int(next((result[name] for name in ("read", "records", "planned", "verified") if name in result), 0))
