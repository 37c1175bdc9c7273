"""The console over the warehouse of a test: callers with a role, their forms, and what a page says."""

from __future__ import annotations

import json
from contextlib import contextmanager

import lxml.html
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from accord.console import warehouse
from accord.console.app import console_app
from accord.console.headers import SafeHeaders
from accord.console.rules import TOKEN
from accord.orchestration.callers import form_token, signed_in
from accord.orchestration.crm_pages import crm_pages

SITE = "http://testserver"


class Pages:
    """The console as one caller sees it: `admin`, `user` (may change DAGs) or `viewer`; None is nobody."""

    def __init__(self, role: str | None, airflow=None) -> None:
        create_auth_manager()
        self.app = console_app()
        self.user = SimpleAuthManagerUser(username="Ann", role=role)
        if role is not None:
            self.app.dependency_overrides[signed_in] = lambda: self.user
        self.client = TestClient(_Mounted(SafeHeaders(self.app), airflow), base_url=SITE, raise_server_exceptions=True)

    def get(self, path: str, *, status: int = 200, **query):
        """The answer to a link."""
        answer = self.client.get(path, params=query or None)
        assert answer.status_code == status, answer.text[:2000]
        return answer

    def tree(self, path: str, **query):
        """A page or part of one, parsed."""
        return lxml.html.document_fromstring(self.get(path, **query).text)

    def post(self, path: str, *, status: int = 200, headers=None, **form):
        """The answer to a form of this caller's page."""
        sent = {"Origin": SITE, "HX-Request": "true", TOKEN: form_token(self.user)} | (headers or {})
        answer = self.client.post(path, data=form, headers={k: v for k, v in sent.items() if v is not None})
        assert answer.status_code == status, answer.text[:2000]
        return answer


class _Mounted:
    """Stands where Airflow mounts the console."""

    def __init__(self, app, airflow) -> None:
        self.app, self.airflow = app, airflow

    async def __call__(self, scope, receive, send) -> None:
        scope["airflow"] = self.airflow
        await self.app(scope, receive, send)


def texts(tree) -> str:
    """What a person reads on a page, blanks made one."""
    return " ".join(tree.text_content().split())


@contextmanager
def console_of(database, tmp_path, monkeypatch, **settings):
    """Let the console find this warehouse and these settings, as it does in Airflow: by connection and file."""
    file = tmp_path / "accord.yaml"
    file.write_text(json.dumps({"sync_companies": True, "mode": "apply", **settings}))
    monkeypatch.setenv("AIRFLOW_CONN_ACCORD_WAREHOUSE", database.dsn)
    monkeypatch.setenv("ACCORD_SETTINGS", str(file))
    monkeypatch.setenv("AIRFLOW_CONN_SALESFORCE_DEFAULT", '{"conn_type": "salesforce", "extra": {"domain": "acme.my"}}')
    monkeypatch.setenv("AIRFLOW_CONN_HUBSPOT_DEFAULT", '{"conn_type": "hubspot", "password": "pat"}')
    warehouse.database.cache_clear()
    crm_pages.cache_clear()
    try:
        yield file
    finally:
        warehouse.database().close()
        warehouse.database.cache_clear()


class Airflow:
    """What the console asks of Airflow's own API, written down; it answers as Airflow does."""

    def __init__(self) -> None:
        self.asked, self.states, self.response = [], ["queued", "running", "success"], None
        self.is_paused, self.approval = False, {"state": "awaiting_input", "asked_at": "2026-01-12T00:00:00Z"}

    async def __call__(self, scope, receive, send) -> None:
        request = Request(scope, receive)
        body = await request.json() if scope["method"] in {"POST", "PATCH"} else None
        self.asked.append((scope["method"], scope["path"], body, request.headers.get("cookie")))
        await JSONResponse(*self._answer(scope["method"], scope["path"], request.query_params, body))(
            scope, receive, send
        )

    def _answer(self, method, path, query, body):
        if path.endswith("/hitlDetails") and method == "PATCH":
            if self.response:
                return {"detail": "Human-in-the-loop detail has already been updated"}, 409
            self.response = body["chosen_options"]
        if path.endswith("~/hitlDetails"):
            waiting = {"task_id": "approve", "dag_id": "sync_accounts", "dag_run_id": "manual__1"} | self.approval
            found = [{"task_instance": waiting, "subject": "3 creations are held"}]
            return {"hitl_details": found if query.get("state") in {None, self.approval["state"]} else []}, 200
        if path.endswith("/hitlDetails"):
            given = {"response_received": bool(self.response), "chosen_options": self.response}
            given |= {"task_instance": {"state": self.approval["state"]}, "created_at": self.approval["asked_at"]}
            return {"subject": "3 creations are held", "responded_by_user": {"name": "Ann"}, **given}, 200
        if method == "POST":
            return {"dag_run_id": "manual__2026-01-12T00:00:00+00:00"}, 200
        if "/dagRuns/" in path:
            return {"state": self.states.pop(0), "note": "1 paired"}, 200
        return {"is_paused": self.is_paused, "next_dagrun_run_after": "2026-01-12T00:15:00Z"}, 200


def contents(database):
    """Everything that Accord remembers and staged, table by table as a digest."""
    tables = database.rows(
        "SELECT schemaname || '.' || tablename AS name FROM pg_tables"
        " WHERE schemaname IN ('sync', 'staging') ORDER BY 1"
    )
    digest = "md5(string_agg(t::text, '|' ORDER BY t::text))"
    parts = [f"SELECT '{it['name']}' AS name, {digest} AS content FROM {it['name']} t" for it in tables]
    return database.rows(" UNION ALL ".join(parts))
