import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from accord.local.airflow import Airflow
from accord.local.errors import StackError
from accord.local.rest import AirflowApi, Backfill


@contextmanager
def answering(answer):
    """Serve `answer(method, path, query) -> (status, body)` as Airflow's REST API."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            url = urlsplit(self.path)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = url.path.removeprefix("/api/v2/")
            status, body = answer(self.command, path, {k: v[0] for k, v in parse_qs(url.query).items()})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_POST = do_PATCH = do_GET  # noqa: N815

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield AirflowApi(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


def run(number, state="success"):
    return {"dag_run_id": f"r{number}", "logical_date": f"2025-{number:02}-01T00:00:00Z", "state": state}


def test_all_pages_of_a_list_are_read():
    everything = [run(number) for number in range(1, 251)]

    def answer(method, path, query):
        begin = int(query["offset"])
        return 200, {"dag_runs": everything[begin : begin + int(query["limit"])], "total_entries": len(everything)}

    with answering(answer) as api:
        assert api.runs("import_accounts") == everything


def test_a_backfill_is_over_when_each_of_its_own_runs_has_ended_and_not_before():
    backfill = Backfill(1, "import_accounts", ("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"))
    asked = iter([[run(1), run(3)], [run(1), run(2, "running"), run(3)], [run(1), run(2, "failed"), run(3)]])

    def answer(method, path, query):
        page = next(asked)
        return 200, {"dag_runs": page, "total_entries": len(page)}

    seen = []
    with answering(answer) as api:
        ended = api.wait_for_backfill(backfill, 30, lambda runs: seen.append(len(runs)))
    assert [entry["state"] for entry in ended] == ["success", "failed"]
    assert seen == [1, 2, 2]


def test_a_new_backfill_waits_until_airflow_has_noticed_the_end_of_the_last():
    """A second active backfill of a DAG is refused, and the end is noticed up to half a minute late."""
    calls = []

    def answer(method, path, query):
        calls.append((method, path))
        if method == "GET":
            is_over = len(calls) > 1
            return 200, {"backfills": [{"completed_at": "2025-01-01" if is_over else None}], "total_entries": 1}
        if path == "backfills/dry_run":
            return 200, {"backfills": [{"logical_date": "2025-01-01T00:00:00Z"}]}
        return 200, {"id": 7}

    with answering(answer) as api:
        moment = datetime(2025, 1, 1, tzinfo=UTC)
        assert api.create_backfill("import_accounts", moment, moment) == Backfill(
            7, "import_accounts", ("2025-01-01T00:00:00Z",)
        )
    assert calls == [("GET", "backfills"), ("GET", "backfills"), ("POST", "backfills/dry_run"), ("POST", "backfills")]


def test_a_run_that_does_not_end_in_time_is_named_with_its_state():
    with (
        answering(lambda *_: (200, run(1, "queued"))) as api,
        pytest.raises(StackError, match="r1 of import_accounts is still queued"),
    ):
        api.wait_for_run("import_accounts", "r1", seconds=0)


def test_a_refusal_tells_airflows_reason():
    with (
        answering(lambda *_: (422, {"detail": "months must be positive"})) as api,
        pytest.raises(StackError, match=r"422 .*months must be positive"),
    ):
        api.trigger("import_accounts")


@pytest.mark.parametrize("sick", ["metadatabase", "scheduler", "triggerer", "dag_processor"])
def test_airflow_is_healthy_only_when_every_part_is(sick):
    parts = {name: {"status": "healthy"} for name in ("metadatabase", "scheduler", "triggerer", "dag_processor")}
    with answering(lambda *_: (200, parts)) as api:
        assert api.is_healthy()
        parts[sick] = {"status": None}
        assert not api.is_healthy()
    assert not api.is_healthy()


def test_keys_are_made_once_and_kept_to_oneself(tmp_path):
    """A new Fernet key would make the connections stored in the UI unreadable."""
    airflow = Airflow(tmp_path, tmp_path, "postgresql://postgres:p@127.0.0.1:1/airflow", 8080, "LocalExecutor")
    first = airflow.environment()
    assert first["AIRFLOW__CORE__FERNET_KEY"] == airflow.environment()["AIRFLOW__CORE__FERNET_KEY"]
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 64
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


def test_everybody_is_admin_only_where_nobody_else_can_come(tmp_path):
    environment = Airflow(tmp_path, tmp_path, "postgresql://x@127.0.0.1:1/a", 8080, "LocalExecutor").environment()
    assert environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "True"
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"


@pytest.mark.postgres
@pytest.mark.airflow
def test_what_an_earlier_airflow_left_on_stands_still_before_a_new_one_starts(tmp_path, postgres_server):
    """Else a schedule that an earlier demo switched on begins at once, and the import waits for its lease."""
    (tmp_path / "dags").mkdir()
    names = ("sync", "import", "sync_record")
    (tmp_path / "dags" / "three.py").write_text(
        f"from airflow.sdk import DAG\nfor name in {names}:\n    globals()[name] = DAG(name, is_paused_upon_creation=False)"
    )
    airflow = Airflow(tmp_path, tmp_path, postgres_server.create_database("airflow_paused"), 8080, "LocalExecutor")
    parse = (sys.executable, "-m", "airflow", "dags", "reserialize")
    for command in (airflow.migrate_command, parse, airflow.pause_command(["sync", "import", "unknown"])):
        done = subprocess.run(command, env=airflow.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
    with psycopg.connect(airflow.metadata_dsn) as connection:
        found = connection.execute("SELECT dag_id, is_paused FROM dag").fetchall()
    assert set(found) == {("sync", True), ("import", True), ("sync_record", False)}
