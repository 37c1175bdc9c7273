"""Airflow's public API, called within its own process in the name of whoever asked for the page.

So Airflow itself checks the right, writes its audit log and records who approved: there is no second way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
from anyio import from_thread

from accord.model.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_PASSED_ON = ("authorization", "cookie", "host")
_APPROVAL = "approve"
WAITS = "awaiting_input"
"""The state of a task that asked and is at rest."""


@dataclass(frozen=True)
class AirflowApi:
    """The API as one caller sees it; its methods run in a worker thread of the server, not in its event loop.

    Attributes:
        app: Airflow's own ASGI app; None where the console is not mounted in one.
        headers: those of the caller's request.
    """

    app: Any
    headers: Mapping[str, str]

    def start(self, dag_id: str, conf: Mapping[str, Any]) -> str:
        """Return the run that was started by hand.

        Raises:
            BadInput: Airflow refuses; in its own words.
        """
        body = {"logical_date": None, "conf": dict(conf)}
        return str(self._ask("POST", f"dags/{_in_path(dag_id)}/dagRuns", body)["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """Return a run: `state`, `start_date`, `end_date`, `note`."""
        return self._ask("GET", f"dags/{_in_path(dag_id)}/dagRuns/{_in_path(run_id)}")

    def dag(self, dag_id: str) -> dict[str, Any]:
        """Return a DAG: `is_paused`, `next_dagrun_run_after`."""
        return self._ask("GET", f"dags/{_in_path(dag_id)}")

    def waiting(self) -> list[dict[str, Any]]:
        """Return the approvals that wait for an answer, in all DAGs that the caller may see.

        A run that was ended meanwhile leaves a question that nobody answers any more.
        """
        found = self._ask("GET", f"dags/~/dagRuns/~/hitlDetails?response_received=false&state={WAITS}&limit=50")
        rows: list[dict[str, Any]] = found["hitl_details"]
        return [it for it in rows if it["task_instance"]["task_id"] == _APPROVAL]

    def approval(self, dag_id: str, run_id: str) -> dict[str, Any] | None:
        """Return the approval of a run (`subject`, `response_received`, ...), None where nobody is asked."""
        try:
            return self._ask("GET", _detail(dag_id, run_id))
        except BadInput:
            return None

    def answer(self, dag_id: str, run_id: str, *, is_approved: bool) -> None:
        """Approve or reject, exactly as the form of the task instance in Airflow does.

        Raises:
            BadInput: it was answered before, or the caller may not; in Airflow's words.
        """
        option = "Approve" if is_approved else "Reject"
        self._ask("PATCH", _detail(dag_id, run_id), {"chosen_options": [option], "params_input": {}})

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Return the answer to one call."""
        if self.app is None:
            raise BadInput("the console is not mounted in an Airflow, so nothing can be asked of it")
        answer = from_thread.run(self._call, method, f"/api/v2/{path}", body)
        if not answer.is_success:
            raise BadInput(f"Airflow refused ({answer.status_code}): {_detail_of(answer)}")
        found: dict[str, Any] = answer.json()
        return found

    async def _call(self, method: str, path: str, body: object) -> httpx.Response:
        """Make one call in the server's own event loop; nothing leaves the process."""
        headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
            return await client.request(method, path, json=body, headers=headers)


def _detail(dag_id: str, run_id: str) -> str:
    """Return the path of the approval of a run."""
    return f"dags/{_in_path(dag_id)}/dagRuns/{_in_path(run_id)}/taskInstances/{_APPROVAL}/-1/hitlDetails"


def _in_path(text: str) -> str:
    """Return a text as one part of a path."""
    return quote(text, safe="")


def _detail_of(answer: httpx.Response) -> str:
    """Return Airflow's own words."""
    try:
        return str(answer.json().get("detail"))[:300]
    except ValueError:
        return answer.reason_phrase
