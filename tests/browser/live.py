"""The stack that runs, as the tests use it: people at work in both CRMs, runs, and what came of them."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests
import yaml

from accord.demo.stage import Stage
from accord.demo.story import WAREHOUSE
from accord.local.processes import free_port, stop_groups, wait_until
from accord.local.services import Service
from accord.local.stack import Stack
from accord.store.database import Database

SYNC, RECORD, REVERT = "sync_accounts", "sync_record", "revert_run"
PATIENCE = 600
"""Seconds that a run may take: the machine may be busy with other things."""


@dataclass(frozen=True)
class Live:
    """The demo that is up in this project."""

    stack: Stack
    site: str
    stage: Stage
    database: Database
    made: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, project: Path) -> Live | None:
        """The demo that is up, None where none is."""
        stack = Stack(project)
        running = {service.name: service for service in stack.services.alive()}
        if not {"sandbox", "api-server", "scheduler"} <= running.keys():
            return None
        stage = Stage(stack.runtime, 0, 0, 0, running["sandbox"].port or 0)
        site = f"http://localhost:{running['api-server'].port}"
        return cls(stack, site, stage, Database(stack.postgres.dsn(WAREHOUSE)))

    @property
    def api(self):
        """Airflow's API, which asks this machine for no login."""
        airflow = self.stack.airflow("local")
        return replace(airflow, port=int(self.site.rpartition(":")[2])).api

    def person(self, crm: str, op: str, **what: Any) -> str:
        """Do something in a CRM as a person does, and return the id it made."""
        answer = requests.post(f"{self.stage.url}/_sandbox/edit", json={"crm": crm, "op": op, **what}, timeout=60)
        assert answer.ok, answer.text
        return str(answer.json().get("id", ""))

    def account(self, name: str, *emails: str) -> str:
        """A person makes an account with contacts in Salesforce."""
        made = self.person("salesforce", "create", object="Account", values={"Name": name})
        for email in emails:
            values = {"LastName": email.partition("@")[0], "Email": email, "AccountId": made}
            self.person("salesforce", "create", object="Contact", values=values)
        return made

    def company(self, name: str, *emails: str) -> str:
        """A person makes a company with contacts in HubSpot."""
        made = self.person("hubspot", "create", object="companies", values={"name": name}, source="CRM_UI")
        for email in emails:
            contact = self.person("hubspot", "create", object="contacts", values={"email": email}, source="FORM")
            self.person("hubspot", "associate", contact=contact, company=made, primary=True)
        return made

    def run(self) -> dict[str, Any]:
        """Run `sync_accounts` once more, to its end."""
        # HubSpot's search shows an edit a moment later.
        time.sleep(self.lag)
        return self.finished(SYNC, self.api.trigger(SYNC))

    def begin(self) -> str:
        """Begin a run of `sync_accounts`."""
        time.sleep(self.lag)
        return self.api.trigger(SYNC)

    def finished(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """A run at its end, which was a good one."""
        found = self.api.wait_for_run(dag_id, run_id, PATIENCE)
        assert found["state"] == "success", (dag_id, found)
        return found

    @property
    def lag(self) -> float:
        """Seconds after which HubSpot's search shows an edit."""
        return float(requests.get(f"{self.stage.url}/_sandbox/switches", timeout=60).json()["search_lag_seconds"]) + 1

    def calls(self) -> int:
        """How many calls both CRMs were sent so far."""
        return sum(self.stage.control("calls")["total"].values())

    def partner(self, account: str) -> str:
        """The company that an account is paired with, "" where it is not."""
        rows = self.database.rows("SELECT company_id FROM sync.pairs WHERE account_id = %s AND is_active", [account])
        return str(rows[0]["company_id"]) if rows else ""

    def value(self, sql: str, *parameters: object) -> Any:
        """The first column of the first row of the warehouse's answer."""
        rows = self.database.rows(sql, list(parameters))
        assert rows, sql
        return next(iter(rows[0].values()))

    @contextmanager
    def settings(self, **changes: Any):
        """The team's settings file with something changed in it."""
        text = self.stage.settings_file.read_text()
        self.stage.settings_file.write_text(yaml.safe_dump({**yaml.safe_load(text), **changes}))
        try:
            yield
        finally:
            self.stage.settings_file.write_text(text)

    def settle(self) -> None:
        """Let no approval wait: a run that stands still would hold up every later one."""
        with suppress(Exception):
            for run in self.api.runs(SYNC):
                if run["state"] == "running":
                    self.api.answer_approval(SYNC, run["dag_run_id"], "approve", "Reject")


@contextmanager
def with_logins(live: Live, users: dict[str, str]):
    """A second API server on the same Airflow, at which everybody logs in; the address of it.

    Args:
        live: the stack.
        users: name -> role; the password of each is `password-` and the name.
    """
    port = free_port()
    passwords = live.stack.runtime / "passwords-of-tests.json"
    passwords.write_text(json.dumps({name: f"password-{name}" for name in users}))
    settings = {
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in users.items()),
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "API__PORT": str(port),
        "API__BASE_URL": f"http://localhost:{port}",
    }
    # Of this process only what is not Airflow's: the tests have set that for themselves.
    environment = {name: it for name, it in os.environ.items() if not name.startswith("AIRFLOW")}
    environment |= live.stack.environment() | {f"AIRFLOW__{name}": it for name, it in settings.items()}
    environment["PYTHONPATH"] = str(live.stack.project / "include")
    service = Service("api-server-with-logins", (sys.executable, "-m", "airflow", "api-server"), port=port)
    running = live.stack.services.start(service, environment)
    site = f"http://localhost:{port}"
    try:
        wait_until(lambda: _answers(site), 300, "the API server with logins answers", 0.5)
        yield site
    finally:
        stop_groups([running.pid])
        passwords.unlink()


def _answers(site: str) -> bool:
    try:
        return requests.get(f"{site}/api/v2/version", timeout=5).ok
    except requests.RequestException:
        return False
