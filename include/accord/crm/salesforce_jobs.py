"""What both kinds of Bulk 2.0 job have in common: an id, a state to wait for, and an end if it never comes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Literal

from accord.crm.answers import Lost
from accord.crm.retry import read_again
from accord.model.errors import ContractBroken, RetryableError, ServiceUnavailable
from accord.model.ids import salesforce_id

if TYPE_CHECKING:
    from accord.crm.salesforce_calls import SalesforceCalls

log = logging.getLogger(__name__)

JobKind = Literal["query", "ingest"]

_DEADLINE_SECONDS = 30 * 60
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_ENDED = {"JobComplete", "Failed", "Aborted"}


def job_id(answer: Any) -> str:
    """Return the id in the answer to a new job, fit to become part of a path.

    Raises:
        Lost: the answer holds none; the job, if there is one, is empty and harmless.
    """
    try:
        return salesforce_id(str(answer["id"]))
    except (KeyError, TypeError, ValueError):
        raise Lost("Salesforce: the answer to a new bulk job holds no job id") from None


def wait_for(calls: SalesforceCalls, kind: JobKind, job: str) -> dict[str, Any]:
    """Return a job when it has ended, well or badly; asks at once, then less and less often.

    Raises:
        ServiceUnavailable: it had not ended after 30 minutes and was aborted.
    """
    waited, pause = 0.0, _FIRST_PAUSE_SECONDS
    while True:
        state = read_again(lambda: calls.json("GET", f"jobs/{kind}/{job}"), calls.clock)
        if not isinstance(state, dict) or "state" not in state:
            raise ContractBroken(f"Salesforce: bulk job {job} answers without a state")
        if state["state"] in _ENDED:
            return state
        if waited >= _DEADLINE_SECONDS:
            abort(calls, kind, job)
            raise ServiceUnavailable(f"Salesforce: bulk job {job} was still {state['state']} after 30 minutes; aborted")
        calls.clock.sleep(pause)
        waited, pause = waited + pause, min(2 * pause, _LONGEST_PAUSE_SECONDS)


def abort(calls: SalesforceCalls, kind: JobKind, job: str) -> None:
    """End a job that nobody will read; a failure to do so must not hide why."""
    try:
        calls.json("PATCH", f"jobs/{kind}/{job}", body={"state": "Aborted"})
    except RetryableError as trouble:
        log.warning("bulk job %s could not be aborted: %s", job, trouble)
