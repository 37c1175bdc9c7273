"""The demo's import and sync, through one death after the other, and what was found afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from accord.demo.stage import Stage
from accord.demo.story import IMPORT, SYNC, WAREHOUSE, run_demo
from accord.store.database import Database
from kills.deaths import Death, Reaper, postmaster, scheduler, tasks, workers

if TYPE_CHECKING:
    from accord.local.rest import AirflowApi
    from accord.local.stack import Stack

ACCOUNTS, MONTHS, SEED = 200, 2, 1


def _waits(crm: str, path: str, **how: Any) -> dict[str, Any]:
    """A call that is kept waiting, as a fault of the sandbox."""
    return {"crm": crm, "path": path, "do": "hold", "seconds": 3, **how}


DEATHS = (
    Death(
        "all tasks, while both CRMs are read",
        [
            _waits("salesforce", "queryAll", seconds=30),
            _waits("hubspot", "objects/contacts", nth=3, seconds=30),
        ],
        tasks,
    ),
    Death("the same tasks again", [_waits("hubspot", "objects/contacts", nth=5)], tasks),
    # The first byte of the answer comes after the companies are made.
    Death("a task, after companies were made", [_waits("hubspot", "companies/batch/upsert", do="drip")], tasks),
    Death("Postgres, while companies are written", [_waits("hubspot", "companies/batch/update")], postmaster),
    # The call takes effect when the next try has done the same already.
    Death("a task, whose write lands later", [_waits("salesforce", "composite/sobjects", seconds=50)], tasks),
    Death("a worker and its task", [_waits("hubspot", "batch/associate")], workers),
    Death("the scheduler", [_waits("salesforce", "composite/sobjects")], scheduler),
)


@dataclass(frozen=True)
class Lived:
    """A demo that lived through all of it.

    Attributes:
        stack: still up.
        stage: its sandbox.
        deaths: (name, process ids) of those that happened.
    """

    stack: Stack
    stage: Stage
    deaths: tuple[tuple[str, list[int]], ...]

    @property
    def database(self) -> Database:
        return Database(self.stack.postgres.dsn(WAREHOUSE))

    @property
    def made_at(self) -> datetime:
        """When the world was made."""
        users = self.stage.control("state", full=1)["salesforce"]["User"]
        return datetime.fromisoformat(min(it["CreatedDate"] for it in users))

    def api(self) -> AirflowApi:
        from dataclasses import replace

        port = next(it.port for it in self.stack.services.alive() if it.name == "api-server")
        return replace(self.stack.airflow("local"), port=port or 0).api

    def tries(self) -> dict[str, int]:
        """How often each task of the demo's runs was tried, by run and task, where it was more than once."""
        api = self.api()
        runs = [(dag_id, run["dag_run_id"]) for dag_id in (IMPORT, SYNC) for run in api.runs(dag_id)]
        return {
            f"{run_id} {task['task_id']}": task["try_number"]
            for dag_id, run_id in runs
            for task in api.task_instances(dag_id, run_id)
            if task["try_number"] > 1
        }

    def sync(self) -> dict[str, Any]:
        """One more run of the sync, at its end."""
        api = self.api()
        return api.wait_for_run(SYNC, api.trigger(SYNC), 600)


def lived_through(stack: Stack) -> Lived:
    """Return the demo after its import and its sync, during which everything died once."""
    reaper = Reaper(stack, DEATHS)
    with reaper.at_work():
        run_demo(stack, layout="local", accounts=ACCOUNTS, months=MONTHS, seed=SEED)
    port = next(it.port for it in stack.services.alive() if it.name == "sandbox")
    return Lived(stack, Stage(stack.runtime, ACCOUNTS, MONTHS, SEED, port or 0), tuple(reaper.done))
