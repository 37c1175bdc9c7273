"""The approval as Airflow tries it: an answer that came early is not wiped by a second question."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.providers.standard.operators import hitl
from airflow.sdk.exceptions import TaskAwaitingInput

from accord.orchestration.approval import ANSWER, Approval
from accord.orchestration.tasks import _answered


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


def test_a_try_that_died_before_it_had_asked_leaves_the_question_to_the_next_one(asked, monkeypatch):
    kept = Kept()
    with monkeypatch.context() as dying:
        dying.setattr(hitl, "upsert_hitl_detail", lambda **_: (_ for _ in ()).throw(ConnectionError("no server")))
        context = {"ti": SimpleNamespace(id="one"), "task_instance": SimpleNamespace(id="one")}
        with pytest.raises(ConnectionError):
            Approval(task_id="approve", subject="?").execute({**context, "task_state_store": kept})
    assert tried(kept, "one") == "execute_complete"
    assert asked == ["one"]


def test_a_rejection_is_passed_on_with_its_name(asked):
    """What an operator returns is lost where it skips what follows, and then nobody knows why nothing was written."""
    passed_on = {}
    ti = SimpleNamespace(xcom_push=lambda key, value: passed_on.update({key: value}))
    event = {"chosen_options": ["Reject"], "responded_by_user": {"id": "1", "name": "Ann"}}
    event |= {"params_input": {}, "responded_at": datetime(2026, 1, 1, tzinfo=UTC), "timedout": False}
    Approval(task_id="approve", subject="?").execute_complete({"ti": ti}, event)
    assert _answered(passed_on[ANSWER], "Reject") == "Ann"


def test_people_are_told_before_the_question_can_be_answered(asked):
    """Telling takes long on a busy machine, and an early answer makes Airflow try the task anew."""
    order = []
    approval = Approval(task_id="approve", subject="?", notifiers=[])
    approval.notifiers = [lambda _: order.append(("told", len(asked)))]
    with pytest.raises(TaskAwaitingInput):
        approval.execute(
            {"ti": SimpleNamespace(id="one"), "task_instance": SimpleNamespace(id="one"), "task_state_store": Kept()}
        )
    assert (order, asked) == ([("told", 0)], ["one"])


def test_a_task_that_was_cleared_asks_anew(asked):
    kept = Kept()
    tried(kept, "one")
    tried(kept, "two")
    assert asked == ["one", "two"]


@pytest.mark.parametrize(
    ("answer", "approved_by", "declined_by"),
    [
        ({}, None, None),
        ({"chosen_options": ["Approve"], "responded_by_user": {"name": "Ann"}}, "Ann", None),
        ({"chosen_options": ["Reject"], "responded_by_user": {"id": "7"}}, None, "7"),
        ({"chosen_options": ["Reject"], "responded_by_user": None}, None, "unknown"),
    ],
)
def test_an_answer_names_whoever_gave_it(answer, approved_by, declined_by):
    assert [_answered(answer, it) for it in ("Approve", "Reject")] == [approved_by, declined_by]
