"""The approval as Airflow tries it: an answer that came early is not wiped by a second question."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from airflow.providers.standard.operators import hitl
from airflow.sdk.exceptions import TaskAwaitingInput

from accord.orchestration.approval import Approval


@pytest.fixture
def asked(monkeypatch):
    """The questions that Airflow's server was given; each wipes the answer that was there."""
    found = []
    monkeypatch.setattr(hitl, "upsert_hitl_detail", lambda **detail: found.append(detail["ti_id"]))
    return found


class Kept(dict):
    """What a task remembers between its tries."""

    set = dict.__setitem__


def tried(kept, question):
    """One try of the task, as a process of its own has it; it ends by waiting."""
    context = {"ti": SimpleNamespace(id=question), "task_instance": SimpleNamespace(id=question)}
    with pytest.raises(TaskAwaitingInput) as waits:
        Approval(task_id="approve", subject="3 creations are held").execute({**context, "task_state_store": kept})
    return waits.value.method_name


def test_a_further_try_of_the_same_question_waits_for_the_answer_without_asking_again(asked):
    kept = Kept()
    assert tried(kept, "one") == "execute_complete"
    assert tried(kept, "one") == "execute_complete"
    assert asked == ["one"]


def test_a_task_that_was_cleared_asks_anew(asked):
    kept = Kept()
    tried(kept, "one")
    tried(kept, "two")
    assert asked == ["one", "two"]
