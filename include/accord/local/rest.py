"""A small client of Airflow's REST API: runs, backfills, pools and approvals, each wait with a deadline."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import requests

from accord.local.errors import StackError
from accord.local.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

FINAL_STATES = frozenset({"success", "failed"})
_PAGE = 100
_HEALTHY_PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")

Json = dict[str, Any]


@dataclass(frozen=True)
class Backfill:
    """A backfill and the logical dates of the runs it makes, in order."""

    id: int
    dag_id: str
    logical_dates: tuple[str, ...]


@dataclass(frozen=True)
class AirflowApi:
    """The API of an Airflow that asks for no login.

    Attributes:
        url: of the api-server, without a path.
    """

    url: str

    def is_healthy(self) -> bool:
        """Return whether database, scheduler, triggerer and DAG processor all report to be healthy."""
        try:
            parts = self._call("GET", "monitor/health")
        except (StackError, requests.RequestException):
            return False
        return all((parts.get(name) or {}).get("status") == "healthy" for name in _HEALTHY_PARTS)

    def import_errors(self) -> dict[str, str]:
        """Return file -> traceback of DAG files that do not load."""
        return {error["filename"]: error["stack_trace"] for error in self._all("importErrors", "import_errors")}

    def wait_for_dag(self, dag_id: str, seconds: float = 60) -> Json:
        """Return a DAG as soon as the DAG processor has stored it.

        Raises:
            StackError: it is not there in time; the message names the files that do not load.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self._request("GET", f"dags/{dag_id}")
            if found.ok:
                return dict(found.json())
            time.sleep(0.5)
        raise StackError(f"DAG {dag_id} did not appear in {seconds:.0f} s; files with errors: {self.import_errors()}")

    def set_paused(self, dag_id: str, *, is_paused: bool) -> None:
        """Pause or unpause a DAG; unpausing a scheduled one makes a run for its latest interval at once."""
        self._call("PATCH", f"dags/{dag_id}?update_mask=is_paused", {"is_paused": is_paused})

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, logical_date: datetime | None = None) -> str:
        """Start a run by hand; return its id."""
        moment = logical_date.isoformat() if logical_date else None
        run = self._call("POST", f"dags/{dag_id}/dagRuns", {"logical_date": moment, "conf": dict(conf or {})})
        return str(run["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> Json:
        """Return one run."""
        return self._call("GET", f"dags/{dag_id}/dagRuns/{run_id}")

    def runs(self, dag_id: str, run_type: Literal["manual", "scheduled", "backfill"] | None = None) -> list[Json]:
        """Return the runs of a DAG, oldest first."""
        wanted = f"&run_type={run_type}" if run_type else ""
        return list(self._all(f"dags/{dag_id}/dagRuns?order_by=run_after{wanted}", "dag_runs"))

    def task_instances(self, dag_id: str, run_id: str) -> list[Json]:
        """Return the task instances of a run, mapped ones one by one, with their state and hostname."""
        return list(self._all(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances", "task_instances"))

    def wait_for_run(self, dag_id: str, run_id: str, seconds: float) -> Json:
        """Return a run when it has ended, well or badly.

        Raises:
            StackError: it is still at work at the deadline.
        """
        deadline = time.monotonic() + seconds
        while (run := self.run(dag_id, run_id))["state"] not in FINAL_STATES:
            if time.monotonic() > deadline:
                raise StackError(f"run {run_id} of {dag_id} is still {run['state']} after {seconds:.0f} s")
            time.sleep(0.5)
        return run

    def end_run(self, dag_id: str, run_id: str) -> None:
        """Let a run end badly, with whatever of it is at work or waits for somebody."""
        self._call("PATCH", f"dags/{dag_id}/dagRuns/{run_id}?update_mask=state", {"state": "failed"})

    def create_backfill(
        self,
        dag_id: str,
        first: datetime,
        last: datetime,
        *,
        conf: Mapping[str, Any] | None = None,
        max_active_runs: int = 1,
        reprocess: Literal["none", "completed", "failed"] = "none",
    ) -> Backfill:
        """Start a backfill over the logical dates from first to last, both included; return what it will run.

        A DAG has one active backfill at a time, so an earlier one is waited for: Airflow notices its end late.

        Raises:
            StackError: refused, as for a DAG without a schedule, or an earlier one is still at work after a minute.
        """
        body = {
            "dag_id": dag_id,
            "from_date": first.isoformat(),
            "to_date": last.isoformat(),
            "dag_run_conf": dict(conf or {}),
            "max_active_runs": max_active_runs,
            "reprocess_behavior": reprocess,
            "run_backwards": False,
        }
        wait_until(lambda: not self._has_active_backfill(dag_id), 60, f"the earlier backfill of {dag_id} ends", every=1)
        planned = self._call("POST", "backfills/dry_run", body)["backfills"]
        created = self._call("POST", "backfills", body)
        return Backfill(int(created["id"]), dag_id, tuple(entry["logical_date"] for entry in planned))

    def cancel_backfills(self, dag_id: str) -> None:
        """Cancel what an interrupted caller left behind: a DAG has one active backfill at most."""
        for backfill in self._call("GET", f"backfills?dag_id={dag_id}&active=true")["backfills"]:
            if backfill["completed_at"] is None:
                # Refused where it was completed a moment ago, which is just as well.
                self._request("PUT", f"backfills/{backfill['id']}/cancel")

    def backfill_runs(self, backfill: Backfill) -> list[Json]:
        """Return the runs of a backfill that exist so far, oldest first."""
        wanted = set(backfill.logical_dates)
        return [run for run in self.runs(backfill.dag_id) if run["logical_date"] in wanted]

    def wait_for_backfill(
        self, backfill: Backfill, seconds: float, on_progress: Callable[[list[Json]], None] | None = None
    ) -> list[Json]:
        """Return the runs of a backfill when every one has ended, well or badly.

        Airflow itself marks a backfill complete up to half a minute later, which is not waited for.

        Raises:
            StackError: runs are missing or at work at the deadline.
        """
        deadline = time.monotonic() + seconds
        while True:
            runs = self.backfill_runs(backfill)
            ended = [run for run in runs if run["state"] in FINAL_STATES]
            if on_progress:
                on_progress(runs)
            if len(ended) == len(backfill.logical_dates):
                return runs
            if time.monotonic() > deadline:
                total = len(backfill.logical_dates)
                raise StackError(
                    f"backfill of {backfill.dag_id}: {len(ended)} of {total} runs ended in {seconds:.0f} s"
                )
            time.sleep(1)

    def answer_approval(self, dag_id: str, run_id: str, task_id: str, option: str) -> None:
        """Answer a waiting approval with one of its options."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
        self._call("PATCH", path, {"chosen_options": [option], "params_input": {}})

    def _has_active_backfill(self, dag_id: str) -> bool:
        return any(entry["completed_at"] is None for entry in self._all(f"backfills?dag_id={dag_id}", "backfills"))

    def _all(self, path: str, key: str) -> Iterator[Json]:
        """Yield the entries of all pages of a list."""
        join, offset = "&" if "?" in path else "?", 0
        while True:
            page = self._call("GET", f"{path}{join}limit={_PAGE}&offset={offset}")
            yield from page[key]
            offset += _PAGE
            if offset >= page["total_entries"]:
                return

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """Return a JSON answer.

        Raises:
            StackError: any status but 2xx; the message holds Airflow's reason.
        """
        answer = self._request(method, path, body)
        if not answer.ok:
            raise StackError(f"Airflow refused {method} {path}: {answer.status_code} {answer.text[:500]}")
        return dict(answer.json())

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> requests.Response:
        return requests.request(method, f"{self.url}/api/v2/{path}", json=body, timeout=30)
