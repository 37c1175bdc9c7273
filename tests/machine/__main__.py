"""`make soak`: the state machine and schedules by chance for an hour, or SOAK_MINUTES; SEED repeats one."""

from __future__ import annotations

import logging
import os
import random
import sys
import time

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from accord.model import killpoints
from accord.model.settings import Wire
from accord.store.database import Database
from machine.mortal import Process, mortal
from machine.schedules import random_fault, random_kill
from machine.scratch import scratch_warehouse
from machine.stage import Outcome, difference, play, small_batches
from machine.sync import Duplicate, Sync, Tally, told
from machine.worlds import EVERYTHING, FIELDS, LATER

EXAMPLES, STEPS, PLAYS = 20, 15, 20
WAYS = ({}, {"later": LATER}, {"wire": Wire(salesforce_bulk_rows=1)})
POINTS = [point for point in killpoints.MEANING if point != "K12"]


class Soak:
    """What was tried and what was found, until the time is over."""

    def __init__(self, database: Database, process: Process) -> None:
        self.database, self.process = database, process
        self.tally: Tally = Sync.tally
        self.duplicates, self.lost = 0, 0
        self.found: list[str] = []
        self.calm = [self._play(way) for way in WAYS]

    def once(self, number: int) -> None:
        """Try one seed: some examples of the machine, then some schedules by chance."""
        machine = seed(number)(type("Sync", (Sync,), {"process": self.process, "database": self.database}))
        quiet = settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None,
            phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        try:
            run_state_machine_as_test(machine, settings=quiet)
        except AssertionError as failure:
            self.duplicates += isinstance(failure, Duplicate)
            self.lost += not isinstance(failure, Duplicate)
            self.found.append("\n".join([f"SEED={number}: {failure}", *getattr(failure, "__notes__", ())]))
        for play_number in range(PLAYS):
            self._by_chance(f"{number}/{play_number}")

    def _by_chance(self, name: str) -> None:
        """Play one plan of faults and kills on one world, first or later run, over REST or bulk."""
        chance = random.Random(name)
        way = chance.randrange(len(WAYS))
        faults = [random_fault(chance) for _ in range(chance.choice((1, 1, 2, 3)))]
        kills = [random_kill(chance, POINTS) for _ in range(chance.choice((0, 1, 1, 2)))]
        outcome = self._play(WAYS[way], faults, kills)
        self.tally.schedules += 1
        self.tally.faults += outcome.faults
        self.tally.kills += outcome.kills
        off = difference(self.calm[way].state, outcome.state) + [f"wrote again: {outcome.writes}"] * bool(
            outcome.writes[-1]
        )
        self.duplicates += bool(outcome.broken)
        self.lost += bool(off)
        if outcome.broken or off:
            self.found.append(f"SEED={name}: {faults} {kills}: {outcome.broken + off}")

    def _play(self, way: dict, faults: list = (), kills: list = ()) -> Outcome:
        return play(EVERYTHING, self.database, self.process, faults=faults, kills=kills, fields=FIELDS, **way)

    def table(self) -> Table:
        """Return what came of it all."""
        table = Table("what", "how often", title="Soak")
        for name, number in told(self.tally).items():
            table.add_row(name, f"{number:,}")
        table.add_row("duplicates", str(self.duplicates))
        table.add_row("lost", str(self.lost))
        return table


def main() -> int:
    """Return 0 where nothing was twice and nothing lost."""
    logging.disable(logging.CRITICAL)
    minutes = float(os.environ.get("SOAK_MINUTES") or 60)
    first = int(os.environ.get("SEED") or time.time())
    out = Console()
    out.print(f"{minutes:g} minutes from SEED={first} on; one seed alone: make soak SEED={first} SOAK_MINUTES=0")
    with scratch_warehouse("soak") as database, mortal() as process, small_batches():
        soak = Soak(database, process)
        _until(soak, first, minutes * 60, out)
    out.print(soak.table())
    return int(bool(soak.found))


def _until(soak: Soak, first: int, seconds: float, out: Console) -> None:
    """Try one seed after another until the time is over; at least one."""
    columns = (
        TextColumn("seed {task.fields[seed]}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[so_far]}"),
    )
    began, number = time.monotonic(), first
    with Progress(*columns, console=out) as progress:
        bar = progress.add_task("soak", total=max(seconds, 1), seed=first, so_far="")
        while True:
            known = len(soak.found)
            soak.once(number)
            for one in soak.found[known:]:
                out.print(one, style="red", markup=False)
            spent = time.monotonic() - began
            so_far = f"{soak.tally.schedules:,} schedules, {len(soak.found)} found"
            progress.update(bar, completed=spent, seed=number, so_far=so_far)
            if spent >= seconds:
                return
            number += 1


if __name__ == "__main__":
    sys.exit(main())
