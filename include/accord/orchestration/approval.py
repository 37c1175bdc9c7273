"""The question whether a plan is written: Airflow's own approval, which keeps an answer that comes early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.exceptions import TaskAwaitingInput

if TYPE_CHECKING:
    from airflow.sdk import Context

_ASKED = "asked"


class Approval(ApprovalOperator):
    """An `ApprovalOperator` that asks once, however often Airflow tries it.

    Answered in the first seconds, the task is queued again before the scheduler hears that its first process ended; the
    scheduler takes that for a failure and tries it anew. The operator would then wipe the answer and ask a second time,
    while whoever answered believes it done.
    """

    def execute(self, context: Context) -> Any:
        """Ask; at a further try of the same question go on waiting, which an answer that is there ends at once."""
        # A task that is cleared, or that failed by itself, has another id: that is another question.
        kept, question = context["task_state_store"], str(context["ti"].id)
        if kept.get(_ASKED) == question:
            raise TaskAwaitingInput(method_name="execute_complete", timeout=self.response_timeout)
        kept.set(_ASKED, question)
        return super().execute(context)
