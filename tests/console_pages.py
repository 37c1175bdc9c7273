"""The console over the warehouse of a test: callers with a role, their forms, and what a page says."""

from __future__ import annotations

import json
from contextlib import contextmanager

import lxml.html
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from starlette.testclient import TestClient

from accord.console import warehouse
from accord.console.app import console_app
from accord.console.rules import TOKEN
from accord.orchestration.callers import form_token, signed_in

SITE = "http://testserver"


class Pages:
    """The console as one caller sees it: `admin`, `user` (may change DAGs) or `viewer`; None is nobody."""

    def __init__(self, role: str | None, airflow=None) -> None:
        create_auth_manager()
        self.app = console_app()
        self.user = SimpleAuthManagerUser(username="Ann", role=role)
        if role is not None:
            self.app.dependency_overrides[signed_in] = lambda: self.user
        self.client = TestClient(_Mounted(self.app, airflow), base_url=SITE, raise_server_exceptions=False)

    def get(self, path: str, *, status: int = 200, **query):
        """The answer to a link."""
        answer = self.client.get(path, params=query)
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
    warehouse.database.cache_clear()
    try:
        yield file
    finally:
        warehouse.database().close()
        warehouse.database.cache_clear()
