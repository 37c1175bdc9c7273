"""What the demo needs beside the stack: a sandbox with a made world, settings, and connections to it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import requests
import yaml

from accord.local.processes import free_port
from accord.local.services import Service

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "pat-na1-sandbox"  # noqa: S105 - opens nothing but the sandbox on this machine
SANDBOX_PORT = 8099
INCLUSION_LIST = "Accord inclusion list"


@dataclass(frozen=True)
class Stage:
    """One demo: how large, and where its files are.

    Attributes:
        runtime: the stack's directory.
        accounts: how many Salesforce accounts the world has; everything else follows from it.
        months: months over which they were created; the last one is the current month.
        seed: of the world.
        port: of the sandbox.
    """

    runtime: Path
    accounts: int
    months: int
    seed: int
    port: int

    @property
    def url(self) -> str:
        """The sandbox's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings_file(self) -> Path:
        """The demo's settings, made anew each time."""
        return self.runtime / "demo-accord.yaml"

    def enabled_at(self, now: datetime) -> datetime:
        """Return the moment of the switch-on: the first of this month, so that the months before it are imported."""
        return datetime(now.year, now.month, 1, tzinfo=UTC)

    def sandbox(self) -> Service:
        """Return the two CRMs as a service of the stack."""
        options = ("--port", self.port, "--accounts", self.accounts, "--months", self.months, "--seed", self.seed)
        command = (sys.executable, "-m", "accord.cli", "sandbox", *map(str, options))
        return Service("sandbox", command, is_ready=self.answers, port=self.port)

    def answers(self) -> bool:
        """Return whether the sandbox is up."""
        try:
            return requests.get(f"{self.url}/_sandbox/health", timeout=5).ok
        except requests.RequestException:
            return False

    def control(self, path: str, **query: Any) -> Any:
        """Return what the sandbox says of itself under `/_sandbox/`."""
        answer = requests.get(f"{self.url}/_sandbox/{path}", params=query, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def writes(self) -> int:
        """Return how many records the pipeline has written so far, as the sandbox's own journal has it."""
        return sum(self.control("state")["pipeline_writes"].values())

    def write_settings(self, now: datetime) -> None:
        """Write the demo's settings: switched on, applying, with the world's list and a cap that lets it run."""
        settings = {
            "sync_companies": True,
            "mode": "apply",
            "enabled_at": self.enabled_at(now).isoformat(),
            "inclusion_list": INCLUSION_LIST,
            "caps": {"max_creates": max(25, self.accounts)},
            "budget": {"hubspot_calls_in_10_seconds": 190},
        }
        self.settings_file.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")

    def environment(self) -> dict[str, str]:
        """Return the connections to the sandbox and the place of the settings, for every Airflow process."""
        salesforce = {
            "conn_type": "salesforce",
            "extra": {
                "consumer_key": "demo-consumer-key",
                "consumer_secret": "demo-consumer-secret",
                "domain": "accord-demo.my",
                "sandbox_url": self.url,
            },
        }
        hubspot = {"conn_type": "hubspot", "host": self.url, "password": TOKEN}
        return {
            "AIRFLOW_CONN_SALESFORCE_DEFAULT": json.dumps(salesforce),
            "AIRFLOW_CONN_HUBSPOT_DEFAULT": json.dumps(hubspot),
            "ACCORD_SETTINGS": str(self.settings_file),
        }


def stage_of(runtime: Path, accounts: int, months: int, seed: int) -> Stage:
    """Return the stage of a new demo, on a free port."""
    return Stage(runtime, accounts, months, seed, free_port(SANDBOX_PORT))
