"""The question whether a plan is written: Airflow's own approval, which keeps an answer that comes early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.exceptions import TaskAwaitingInput

if TYPE_CHECKING:
    from airflow.sdk import Context

_ASKED = "asked"
ANSWER = "answer"
"""The key under which the task passes on who answered what; a rejection returns nothing, as it skips what follows."""


class Approval(ApprovalOperator):
    """An `ApprovalOperator` that loses no answer which comes in the first seconds, as far as an operator can see to it.

    Such an answer lets the task go on before the scheduler has heard that its first process ended; the scheduler takes
    that for a failure and tries it anew. The operator of the provider would then wipe the answer and ask a second time,
    while whoever answered believes it done. Where the task was at work again already, its next try is another task to
    Airflow and asks anew all the same: so the console waits a little before it offers the answer.
    """

    notifiers: list[Any]

    def execute(self, context: Context) -> Any:
        """Ask; at a further try of the same question go on waiting, which an answer that is there ends at once."""
        # A task that is cleared, or that failed by itself, has another id: that is another question.
        kept, question = context["task_state_store"], str(context["ti"].id)
        if kept.get(_ASKED) == question:
            raise TaskAwaitingInput(method_name="execute_complete", timeout=self.response_timeout)
        # Telling people may take long; nobody should be able to answer before the task waits.
        for notifier in self.notifiers:
            notifier(context)
        self.notifiers = []
        try:
            return super().execute(context)
        except TaskAwaitingInput:
            # Not before: a try that died without a question would leave the next one waiting for no answer.
            kept.set(_ASKED, question)
            raise

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Go on with the answer, or skip what follows; whoever gave it is passed on first."""
        said = {name: event.get(name) for name in ("chosen_options", "responded_by_user")}
        context["ti"].xcom_push(key=ANSWER, value=said)
        return super().execute_complete(context, event)
