"""People are told what changed, once: the way from Airflow's callbacks over the warehouse to Airflow's notifiers."""

from __future__ import annotations

import json
import threading
import uuid
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from email import message_from_string
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog

from accord.model.alerts import Reading
from accord.model.scope import Run, Scope
from accord.model.settings import Settings
from accord.orchestration import alerts as watching
from accord.orchestration import assets, metrics, tasks
from accord.store import alerts, retention, runs, trouble
from accord.store.lag import seconds_behind
from accord.store.measured import pairs_and_writes
from accord.store.watermarks import move_mark
from integration.lived_world import life_of, staffed
from told_people import DEAF, RECORDER, Deaf, MailServer, Recorder, settings_of

pytestmark = [pytest.mark.postgres, pytest.mark.airflow]
DAG = "sync_accounts"
NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def bag():
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(Path(__file__).parents[2] / "dags"))


@pytest.fixture
def told(database, tmp_path, monkeypatch):
    with settings_of(tmp_path, monkeypatch, database.dsn):
        yield Recorder.heard


def ends(bag, run_id, *, failed, minutes=None, dag_id=DAG):
    """A DAG run ends: what Airflow's DAG processor does then; with `minutes` it knows how long the run took."""
    from airflow.callbacks.callback_requests import DagCallbackRequest, DagRunContext
    from airflow.dag_processing.processor import _execute_dag_callbacks
    from airflow.sdk.api.datamodels import _generated as sdk

    known = None
    if minutes is not None:
        run = sdk.DagRun(
            dag_id=dag_id, run_id=run_id, logical_date=NOW, data_interval_start=NOW, data_interval_end=NOW, run_after=NOW,
            start_date=NOW, end_date=NOW + timedelta(minutes=minutes), run_type="scheduled", state="success",
            consumed_asset_events=[], partition_key=None,
        )  # fmt: skip
        ti = sdk.TaskInstance(
            id=uuid.uuid4(), task_id="report", dag_id=dag_id, run_id=run_id, try_number=1, dag_version_id=uuid.uuid4()
        )
        known = DagRunContext(dag_run=run, last_ti=ti)
    request = DagCallbackRequest(
        filepath="x.py", bundle_name="x", bundle_version=None, msg="task_failure", dag_id=dag_id, run_id=run_id,
        is_failure_callback=failed, context_from_server=known,
    )  # fmt: skip
    _execute_dag_callbacks(bag, request, structlog.get_logger())


def late(run_id, state="running"):
    """A run is not done in time: what the executor does then, with the context that the scheduler gives it."""
    from airflow.sdk.execution_time.callback_supervisor import execute_callback

    run = {"dag_id": DAG, "dag_run_id": run_id, "state": state}
    kwargs = {"context": {"dag_run": run, "deadline": {"id": "1", "deadline_time": "now"}}}
    done = execute_callback("accord.orchestration.alerts.run_late", kwargs, "", None, structlog.get_logger())
    assert done == (True, None)


def test_a_dag_that_fails_ten_times_is_told_once_and_that_it_is_well_again(bag, told):
    for n in range(10):
        ends(bag, f"scheduled__{n}", failed=True)
    assert told == ["Run failed (sync_accounts)"]
    for n in range(10, 13):
        ends(bag, f"scheduled__{n}", failed=False)
    ends(bag, "scheduled__13", failed=True)
    ends(bag, "r", failed=True, dag_id="reconcile_staging")
    assert told[1:] == [
        "Over: Run failed (sync_accounts)",
        "Run failed (sync_accounts)",
        "Run failed (reconcile_staging)",
    ]


def test_with_the_sync_off_a_run_that_did_nothing_ends_no_failure(bag, database, tmp_path, monkeypatch, told):
    ends(bag, "r1", failed=True)
    with settings_of(tmp_path, monkeypatch, database.dsn, sync_companies=False):
        ends(bag, "r2", failed=False)
    assert told == []
    assert [row["subject"] for row in alerts.standing(database)] == [DAG]


def test_without_the_warehouse_every_failure_is_told_because_nobody_can_remember(bag, tmp_path, monkeypatch):
    with settings_of(tmp_path, monkeypatch, "postgresql://nobody@127.0.0.1:1/nothing"):
        ends(bag, "r1", failed=True)
        ends(bag, "r2", failed=True)
    assert Recorder.heard == ["Run failed (sync_accounts)"] * 2


def test_while_the_settings_are_wrong_those_hear_it_who_were_named_before(bag, database, tmp_path, monkeypatch):
    from accord.store.history import record_settings

    with settings_of(tmp_path, monkeypatch, database.dsn) as file:
        record_settings(database, Settings(alerts={"notifiers": [RECORDER]}), by="ann", at=NOW)
        file.write_text("alerts: {notifires: []}")
        ends(bag, "r1", failed=True)
    assert Recorder.heard == ["Run failed (sync_accounts)"]


def test_a_run_is_late_until_one_is_done_in_time(bag, told):
    late("r1")
    late("r2")
    assert told == ["Run is late (sync_accounts)"]
    ends(bag, "r2", failed=False, minutes=61)
    ends(bag, "r3", failed=False)
    assert len(told) == 1
    ends(bag, "r4", failed=False, minutes=14)
    assert told[1:] == ["Over: Run is late (sync_accounts)"]


def test_a_run_that_failed_before_its_deadline_is_not_late(told):
    late("r1", state="failed")
    assert told == []


def asked(bag, run_id, digest):
    """What Airflow does when a question is asked: it calls the notifiers of the operator."""
    task = bag.dags[DAG].get_task("approve")
    pulled = {"decide": {"digest": digest, "subject": "s"}}
    ti = SimpleNamespace(xcom_pull=lambda task_ids: pulled[task_ids])
    context = {"dag": bag.dags[DAG], "run_id": run_id, "ti": ti, "task": SimpleNamespace(subject="26 creations wait")}
    for notifier in task.notifiers:
        notifier(dict(context))
    return lambda: [callback(context) for callback in task.on_success_callback]


def test_an_approval_is_told_once_for_each_plan_and_that_it_was_answered(bag, database, told):
    first, other = "a" * 64, "b" * 64
    asked(bag, "r1", first)
    asked(bag, "r1", first)
    assert told == [f"Approval waiting (sync_accounts, plan {first[:12]})"]
    late("r1")
    assert "waits for an approval" in alerts.standing(database)[-1]["text"]
    answered = asked(bag, "r1", other)
    assert told[2:] == [
        f"Over: Approval waiting (sync_accounts, plan {first[:12]})",
        f"Approval waiting (sync_accounts, plan {other[:12]})",
    ]
    answered()
    assert told[4:] == [f"Over: Approval waiting (sync_accounts, plan {other[:12]})"]


def test_a_question_is_asked_even_where_nobody_can_be_told(bag, tmp_path, monkeypatch):
    with settings_of(tmp_path, monkeypatch, "postgresql://nobody@127.0.0.1:1/nothing"):
        asked(bag, "r1", "a" * 64)()
    assert Recorder.heard == []


def raised(database, notifiers, *readings):
    settings = Settings(alerts={"notifiers": notifiers})
    watching.raise_alerts(database, settings.alerts, readings, "sync_accounts/r 1")


LAGS = Reading("lag", "hubspot", True, "HubSpot was last read 90 minutes ago")


def test_a_notifier_that_fails_is_tried_again_and_nobody_else_hears_it_twice(database, told):
    raised(database, [RECORDER, DEAF], LAGS)
    raised(database, [RECORDER, DEAF], LAGS)
    assert (Recorder.heard, Deaf.heard) == (["CRM not read (hubspot)"], [])
    Deaf.is_away = False
    raised(database, [RECORDER, DEAF])
    raised(database, [RECORDER, DEAF])
    assert (Recorder.heard, Deaf.heard) == (["CRM not read (hubspot)"], ["CRM not read (hubspot)"])


def test_what_is_a_day_old_is_no_news_and_a_notifier_that_is_gone_holds_up_nothing(database, told):
    raised(database, [DEAF], LAGS)
    raised(database, [RECORDER])
    assert database.rows("SELECT pending FROM sync.alerts") == [{"pending": []}]
    with database.transaction() as connection:
        connection.execute("UPDATE sync.alerts SET pending = '{deaf}', at = now() - interval '25 hours'")
    Deaf.is_away = False
    raised(database, [DEAF])
    assert Deaf.heard == []


@pytest.mark.parametrize("classpath", ["no.such.Notifier", "told_people.Nobody", "json.dumps"])
def test_a_notifier_that_is_none_stops_nothing(database, told, classpath):
    raised(database, [{"name": "wrong", "classpath": classpath}, RECORDER], LAGS)
    assert Recorder.heard == ["CRM not read (hubspot)"]


def test_two_processes_that_see_the_same_tell_it_once(database, told):
    threads = [threading.Thread(target=raised, args=(database, [RECORDER], LAGS)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Recorder.heard == ["CRM not read (hubspot)"]


def test_what_is_over_for_long_is_forgotten_and_what_stands_is_not(database, told):
    raised(database, [], LAGS, Reading("failed", DAG, True, ""))
    raised(database, [], Reading("lag", "hubspot", False, ""))
    with database.transaction() as connection:
        connection.execute("UPDATE sync.alerts SET at = now() - interval '91 days'")
    assert retention.retire(database)["alerts"] == 2
    assert [row["kind"] for row in alerts.standing(database)] == ["failed"]


def test_the_default_notifier_writes_one_line(database, told, caplog):
    with caplog.at_level("INFO", logger="accord"):
        raised(database, [it.model_dump() for it in Settings().alerts.notifiers], LAGS)
    assert (
        "ALERT CRM not read (hubspot): HubSpot was last read 90 minutes ago"
        " https://airflow.acme.test/dags/sync_accounts/runs/r%201" in caplog.text
    )


def test_airflows_own_mail_notifier_sends_what_the_settings_say(database, told, monkeypatch):
    kwargs = {"to": "team@acme.test", "from_email": "accord@acme.test", "subject": "{{ alert.title }}",
              "html_content": "{{ alert.text }} <a href='{{ alert.link }}'>run</a>"}  # fmt: skip
    classpath = "airflow.providers.smtp.notifications.smtp.SmtpNotifier"
    with MailServer() as server:
        extra = {"disable_ssl": True, "disable_tls": True}
        monkeypatch.setenv(
            "AIRFLOW_CONN_SMTP_DEFAULT",
            json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": server.port, "extra": extra}),
        )
        raised(database, [{"name": "mail", "classpath": classpath, "kwargs": kwargs}], LAGS)
        [mail] = map(message_from_string, server.mails)
    assert (mail["Subject"], mail["To"]) == ("CRM not read (hubspot)", "team@acme.test")
    body = mail.get_payload(0).get_payload(decode=True).decode()
    assert "90 minutes ago <a href='https://airflow.acme.test/dags/sync_accounts/runs/r%201'>" in body


def test_a_crm_lags_as_its_source_that_is_furthest_behind_and_marks_that_rest_say_nothing(database):
    wire = Settings().wire
    marks = {
        "salesforce.accounts": 25,
        "salesforce.leads": 45,
        "hubspot.companies": 70,
        "hubspot.list_members": 9_000,
        "stage_baseline": 9_000,
    }
    with database.transaction() as connection:
        for source, minutes in marks.items():
            move_mark(connection, source, NOW - timedelta(minutes=minutes), run_id="r", row_count=1, full=True)
    assert seconds_behind(database, wire, NOW) == {"salesforce": (45 - 15) * 60, "hubspot": (70 - 60) * 60}


def test_a_run_tells_of_refused_writes_until_a_later_run_mended_them(database, told):
    order = ("subscriber", "lead", "opportunity", "vip")
    world = {"hs": staffed({"K1": None}, {"h1": ("lead", "K1")})}
    with life_of(world, database, stage_order=order) as life:

        def goes_on():
            life.run()
            life.settings = life.settings.model_copy(
                update={"alerts": Settings(alerts={"notifiers": [RECORDER]}).alerts}
            )
            watching.watch_run(life.wiring(), Run(f"life/{life.runs}", Scope("changed"), "apply"))

        goes_on()
        life.option("contacts", "vip", 6)
        life.moves("contacts", "h1", "vip")
        goes_on()
        goes_on()
        assert told == ["Completed with errors (property values)"]
        assert pairs_and_writes(database, "life/2") == (0, {"salesforce": {}, "hubspot": {"rejected": 1}})
        life.option("companies", "vip", 6)
        trouble.retry(database, by="ann")
        goes_on()
        assert told[1:] == ["Over: Completed with errors (property values)"]


def test_the_tasks_put_counts_on_their_assets_and_the_report_sends_metrics(bag, database, told, monkeypatch):
    """The bodies of the tasks as they are in the DAG, beside the way Airflow opens clients and context for them."""
    events, sent = defaultdict(SimpleNamespace), []
    with life_of({"hs": staffed({"K1": None}, {"h1": ("lead", "K1")})}, database) as life:
        life.run()
        life.moves("contacts", "h1", "opportunity")
        life.run()
        run = Run("life/2", Scope("changed"), "apply")
        monkeypatch.setattr(tasks, "in_step", lambda kind, step: step(life.wiring().for_run(run.run_id), run))
        monkeypatch.setattr(tasks, "get_current_context", lambda: {"ti": SimpleNamespace(xcom_pull=lambda **_: None)})
        monkeypatch.setattr(metrics, "send", lambda found, dag_id: sent.extend(found))
        body = {name: bag.dags[DAG].get_task(name).python_callable for name in ("apply", "report")}
        body["apply"]("changed", {"digest": runs.plan_digest(database, run.run_id)}, outlet_events=events)
        assert body["report"]("changed")["note"]
    assert (events[assets.PAIRS].extra["pairs"], events[assets.PAIRS].extra["stages_set"]) == (0, 1)
    assert (events[assets.SALESFORCE].extra, events[assets.HUBSPOT].extra) == ({}, {"confirmed": 1})
    assert ("accord.writes.hubspot", 1) in [(it.name, it.value) for it in sent]
