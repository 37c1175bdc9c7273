"""Airflow on one machine: its environment, its secrets and its four processes. Nothing is started here."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from accord.local.processes import free_port
from accord.local.rest import AirflowApi
from accord.local.services import Service

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Executor = Literal["LocalExecutor", "CeleryExecutor"]
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")


@dataclass(frozen=True)
class Airflow:
    """One installation of Airflow.

    Attributes:
        project: holds `dags/`, `plugins/` and `include/`.
        runtime: gets `airflow/` (AIRFLOW_HOME) and `secrets.json`.
        metadata_dsn: connection string of its own database, scheme `postgresql`.
        port: of the API and the UI, on loopback.
        executor: where tasks run.
    """

    project: Path
    runtime: Path
    metadata_dsn: str
    port: int
    executor: Executor

    @property
    def api(self) -> AirflowApi:
        """The REST API of this installation."""
        return AirflowApi(f"http://127.0.0.1:{self.port}")

    @property
    def migrate_command(self) -> tuple[str, ...]:
        """The command that creates or upgrades Airflow's own tables."""
        return (sys.executable, "-m", "airflow", "db", "migrate")

    def pause_command(self, dag_ids: Sequence[str]) -> tuple[str, ...]:
        """Return the command that pauses DAGs, known or not, while nothing of Airflow runs."""
        pattern = f"^({'|'.join(map(re.escape, dag_ids))})$"
        return (sys.executable, "-m", "airflow", "dags", "pause", pattern, "--treat-dag-id-as-regex", "--yes")

    def services(self) -> list[Service]:
        """Return the four processes; each needs `environment`."""
        return [
            Service(name, (sys.executable, "-m", "airflow", name), port=self.port if name == "api-server" else None)
            for name in COMPONENTS
        ]

    def environment(self) -> dict[str, str]:
        """Return the whole environment of every Airflow process, the caller's own included."""
        return {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONPATH": str(self.project / "include"),
            "PYTHONUNBUFFERED": "1",
            "AIRFLOW_HOME": str(self.runtime / "airflow"),
            **{f"AIRFLOW__{name}": value for name, value in {**self._settings(), **self._secrets()}.items()},
        }

    def _settings(self) -> dict[str, str]:
        return {
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__DAGS_FOLDER": str(self.project / "dags"),
            "CORE__PLUGINS_FOLDER": str(self.project / "plugins"),
            "CORE__EXECUTOR": self.executor,
            "CORE__PARALLELISM": "8",
            "CORE__EXECUTION_API_SERVER_URL": f"{self.api.url}/execution/",
            # Everybody is admin: allowed only because the API listens on loopback and nowhere else.
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            # The default asks the name service, which takes seconds on a machine without one.
            "CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "DATABASE__SQL_ALCHEMY_CONN": self.metadata_dsn.replace("postgresql://", "postgresql+psycopg://"),
            "API__HOST": "127.0.0.1",
            "API__PORT": str(self.port),
            "API__BASE_URL": f"http://localhost:{self.port}",
            "API__WORKERS": "1",
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "DAG_PROCESSOR__REFRESH_INTERVAL": "5",
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
            "LOGGING__WORKER_LOG_SERVER_PORT": str(free_port(8793)),
            "LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port(8794)),
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }

    def _secrets(self) -> Mapping[str, str]:
        """Return keys that all processes share; made once and kept, so that stored connections stay readable."""
        file = self.runtime / "secrets.json"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(json.dumps(_new_secrets()))
        return dict(json.loads(file.read_text()))


def _new_secrets() -> dict[str, str]:
    return {
        "CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "API__SECRET_KEY": secrets.token_urlsafe(48),
        "API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
    }
