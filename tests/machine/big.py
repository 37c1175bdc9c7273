"""`make soak-big`: a first load of many records that is killed at ten places by chance, and what that cost (F69).

The run is the real one: its own process, real clients over loopback, Postgres; each kill is the end of that process in
the middle of what it does, and the next one goes on. Counted is what the sandbox saw, beside the same load undisturbed.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from accord.bench.rig import Rig, rig
from accord.local.progress import Progress
from accord.steps.extract import SALESFORCE_PARTS
from accord.steps.hubspot_list import PAGES_A_NOTE
from accord.steps.send import HUBSPOT_ROWS
from accord.worlds.process import KILLED

if TYPE_CHECKING:
    from collections.abc import Sequence

KILLS = 10
READING, WRITING = ("K10", "K11"), ("K2", "K3", "K5", "K6", "K7")
_SETTINGS = {"enabled_at": "2020-01-01", "budget": {"hubspot_calls_in_10_seconds": 190}}
"""Long ago, so that everybody is new and becomes a record of the other CRM."""
_MORE = 1.1
_LOOK = 3
"""Calls of looking for what a killed batch did: by key, by key in the recycle bin, and for look-alikes in the index."""
_READ = 5
"""Calls of a read of one kind of Salesforce record, which begins anew: its fields, its count, and a job of three."""
_LIST = PAGES_A_NOTE + 2
"""Calls of a HubSpot list that goes on behind what was noted last: the pages since, the count, and the portal's clock."""
LOGIN = "oauth2"
_DAY_SETTINGS = {"hubspot_calls_a_day": 10**9, "salesforce_calls_a_day": 10**9}


@dataclass(frozen=True)
class Load:
    """What a load came to, as the sandbox counted it.

    Attributes:
        kills: how often it died.
        calls, writes: to and in both CRMs; a login, which every new process needs, is no call here.
        again: writes of a further run.
        violations: records that are there twice, or paired with two.
    """

    kills: int
    calls: int
    writes: int
    again: int
    violations: int


def chosen_kills(chance: random.Random, records: int, kills: int = KILLS) -> list[str]:
    """Return `POINT:N`: two while reading, the others while writing, spread so that all of them are reached.

    The first read is one of Salesforce, the second one of HubSpot, inside a list of many pages.
    """
    batches = max(1, records // HUBSPOT_ROWS // kills)
    notes = max(1, records // HUBSPOT_ROWS // PAGES_A_NOTE)
    while_reading = [
        f"{chance.choice(READING)}:{chance.randint(1, 2)}",
        f"K10:{len(SALESFORCE_PARTS) + chance.randint(1, notes)}",
    ]
    while_writing = [
        f"{chance.choice(WRITING)}:{chance.randint(1, batches)}" for _ in range(kills - len(while_reading))
    ]
    return while_reading + while_writing


def allowed_calls(calm: Load, kills: Sequence[str]) -> float:
    """Return how many calls a killed load may make: a tenth more than undisturbed, and what each kill interrupted.

    That is a look for the batch that was on its way, or the one read that was cut off; nothing else is asked again.
    """
    return _MORE * calm.calls + sum(map(_asked_again, kills))


def _asked_again(kill: str) -> int:
    """Return how many calls one death may cost; what lies behind the kinds of Salesforce records is a list."""
    point, _, nth = kill.partition(":")
    if point not in READING:
        return _LOOK
    return _READ if int(nth) <= len(SALESFORCE_PARTS) else _LIST


def wrong(calm: Load, killed: Load, kills: Sequence[str], *, batch: int = HUBSPOT_ROWS) -> list[str]:
    """Return what a killed load did that it must not do."""
    calls, writes = allowed_calls(calm, kills), calm.writes + killed.kills * batch
    return [
        *([f"died {killed.kills} times, not {KILLS}"] * (killed.kills < KILLS)),
        *([f"{killed.violations} records are there twice"] * bool(killed.violations)),
        *([f"{killed.calls:,} calls, more than {calls:,.0f}"] * (killed.calls > calls)),
        *(
            [f"{killed.writes:,} writes, not {calm.writes:,} to {writes:,}"]
            * (not calm.writes <= killed.writes <= writes)
        ),
        *([f"a further run wrote {killed.again:,} times"] * bool(killed.again)),
    ]


def load(records: int, kills: Sequence[str], progress: Progress) -> Load:
    """Return what a first load of so many accounts and so many companies came to."""
    command = ("-m", "accord.bench.even_world", "{port}", str(records))
    settings = {**_SETTINGS, "budget": {**_SETTINGS["budget"], **_DAY_SETTINGS}}  # type: ignore[dict-item]
    with rig(command, settings, progress) as found:
        found.calls()
        died = 0
        for kill in (*kills, ""):
            with progress.step(f"run, to die at {kill}" if kill else "run to the end") as step:
                has_died = _died(found, "big/1", kill)
                died += has_died
                step.note = f"{found.writes():,} writes so far"
            if not has_died:
                break
        calls = sum(row["calls"] for row in found.calls() if LOGIN not in row["path"])
        writes = found.writes()
        with progress.step("run again"):
            _died(found, "big/2", "")
        return Load(died, calls, writes, found.writes() - writes, len(found.control("GET", "state")["violations"]))


def _died(found: Rig, run_id: str, kill: str) -> bool:
    """Return whether a run, in a process of its own, died at its kill point.

    Raises:
        RuntimeError: it ended otherwise than well.
    """
    job: dict[str, Any] = {
        "url": found.url, "dsn": found.database.dsn, "settings": dict(found.settings), "run_id": run_id,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "accord.worlds.child"],
        input=json.dumps(job),
        env={**os.environ, "ACCORD_KILL": kill or "never"},
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode not in {0, KILLED}:
        raise RuntimeError(f"the process ended with {done.returncode}: {done.stderr.strip()[-3000:]}")
    return done.returncode == KILLED


def main(
    records: Annotated[int, typer.Option(help="Accounts, and as many companies.", min=200)] = 100_000,
    seed: Annotated[int, typer.Option(help="Of the places where it dies.")] = 1,
) -> None:
    """Load many records twice: undisturbed, and killed at ten places; exit 1 where that cost more than it may."""
    progress = Progress()
    kills = chosen_kills(random.Random(seed), records)
    calm = load(records, (), progress)
    killed = load(records, kills, progress)
    table = Table("", "undisturbed", f"killed at {' '.join(kills)}", title=f"{records:,} records a side")
    for name in ("kills", "calls", "writes", "again", "violations"):
        table.add_row(name, f"{getattr(calm, name):,}", f"{getattr(killed, name):,}")
    progress.console.print(table)
    found = wrong(calm, killed, kills)
    for line in found:
        progress.console.print(line, style="red", markup=False)
    raise typer.Exit(int(bool(found)))


if __name__ == "__main__":
    typer.run(main)
