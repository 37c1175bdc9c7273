"""The whole local stack: Postgres, services of the caller, Airflow, and for the Celery layout Redis and two workers."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from accord.local.airflow import Airflow
from accord.local.celery import celery_environment, worker_services
from accord.local.errors import StackError
from accord.local.places import runtime_directory
from accord.local.postgres import Postgres
from accord.local.processes import free_port, wait_until
from accord.local.progress import Progress
from accord.local.redis import redis_service
from accord.local.services import Service, Services, last_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Layout = Literal["local", "celery"]
_UI_PORT = 8080
_AIRFLOW_DATABASE = "airflow"


@dataclass(frozen=True)
class Stack:
    """The stack of one project directory; at most one of them runs at a time.

    Attributes:
        project: holds `dags/`, `plugins/` and `include/`.
        progress: where the steps are shown.
    """

    project: Path
    progress: Progress = field(default_factory=Progress)

    @property
    def runtime(self) -> Path:
        """The directory of logs, databases and `stack.json`."""
        return runtime_directory(self.project)

    @property
    def postgres(self) -> Postgres:
        """The server that holds Airflow's database and the caller's."""
        return Postgres(self.runtime / "postgres")

    @property
    def services(self) -> Services:
        """Everything that runs beside Postgres."""
        return Services(self.runtime)

    def environment(self) -> dict[str, str]:
        """Return Airflow's and Accord's variables of the stack that runs here; empty where none does."""
        return self.services.environment_of("scheduler", ("AIRFLOW", "ACCORD_"))

    def start(
        self,
        layout: Layout = "local",
        *,
        env_extra: Mapping[str, str] | None = None,
        databases: Mapping[str, str] | None = None,
        extra: Sequence[Service] = (),
        paused: Sequence[str] = (),
    ) -> Airflow:
        """Start everything and return the Airflow that answers; a stack that still runs is stopped first.

        Args:
            layout: `local` runs tasks beside the scheduler, `celery` in two workers behind Redis.
            env_extra: added to the environment of every service, such as `AIRFLOW_CONN_*`.
            databases: environment variable -> database that is made when missing; the variable gets its address.
            extra: services of the caller, started before Airflow.
            paused: DAGs that stand still until the caller unpauses them. An Airflow that has seen them before would go
                on with them the moment it starts.

        Raises:
            StackError: a part does not start; what was started is stopped again.
        """
        self.services.stop()
        try:
            return self._start(layout, dict(env_extra or {}), databases or {}, extra, paused)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> int:
        """Stop everything that is noted; return how many processes that was. Data stays."""
        stopped = self.services.stop()
        had_postgres = self.postgres.pid() is not None
        self.postgres.stop()
        return stopped + had_postgres

    def airflow(self, layout: Layout) -> Airflow:
        """Return the Airflow of this stack, not yet started, on a free port; Postgres must run."""
        return Airflow(
            project=self.project,
            runtime=self.runtime,
            metadata_dsn=self.postgres.create_database(_AIRFLOW_DATABASE),
            port=free_port(_UI_PORT),
            executor="CeleryExecutor" if layout == "celery" else "LocalExecutor",
        )

    def forget(self, database: str) -> None:
        """Drop a database of the caller; the next start makes it anew. Starts Postgres when it does not run."""
        self.postgres.start()
        self.postgres.drop_database(database)

    def _start(
        self,
        layout: Layout,
        env_extra: dict[str, str],
        databases: Mapping[str, str],
        extra: Sequence[Service],
        paused: Sequence[str],
    ) -> Airflow:
        with self.progress.step("Postgres") as step:
            step.note = f"127.0.0.1:{self.postgres.start()}"
            env_extra |= {name: self.postgres.create_database(value) for name, value in databases.items()}
        airflow = self.airflow(layout)
        environment = {**airflow.environment(), **env_extra}
        is_known = self._migrate(airflow, environment)
        if is_known and paused:
            self._run(airflow.pause_command(paused), environment, "pause")
        for service in extra:
            self._start_one(service, environment)
        if layout == "celery":
            environment |= self._start_redis(environment)
        self._start_airflow(airflow, layout, environment)
        return airflow

    def _migrate(self, airflow: Airflow, environment: Mapping[str, str]) -> bool:
        """Create or upgrade Airflow's tables and return whether there were some before.

        A run that changes nothing takes five seconds, so the version is noted beside the data.
        """
        done = self.postgres.directory / "airflow.migrated"
        wanted, had = version("apache-airflow-core"), done.read_text() if done.exists() else ""
        if had == wanted:
            return True
        with self.progress.step("Airflow's database"):
            self._run(airflow.migrate_command, environment, "migrate")
        done.write_text(wanted)
        return bool(had)

    def _run(self, command: Sequence[str], environment: Mapping[str, str], name: str) -> None:
        """Run one of Airflow's own commands to its end; its output goes to the log of that name."""
        log = self.services.log_of(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            code = subprocess.run(command, env=dict(environment), stdout=output, stderr=output, check=False).returncode
        if code != 0:
            raise StackError(f"{' '.join(command[2:5])} failed, see {log}: {last_line(log)}")

    def _start_one(self, service: Service, environment: Mapping[str, str]) -> None:
        with self.progress.step(service.name) as step:
            self.services.wait_ready(service, self.services.start(service, environment), seconds=60)
            step.note = f"127.0.0.1:{service.port}" if service.port else ""

    def _start_redis(self, environment: Mapping[str, str]) -> dict[str, str]:
        service, url = redis_service(self.runtime)
        self._start_one(service, environment)
        return celery_environment(url, self.postgres.dsn(_AIRFLOW_DATABASE))

    def _start_airflow(self, airflow: Airflow, layout: Layout, environment: Mapping[str, str]) -> None:
        workers = worker_services(self.runtime) if layout == "celery" else []
        with self.progress.step(f"Airflow ({airflow.executor})") as step:
            for service in [*airflow.services(), *workers]:
                self.services.start(service, environment)
            wait_until(lambda: self._all_well(airflow), 180, "Airflow reports that all its parts are healthy", 0.5)
            step.note = f"http://localhost:{airflow.port}"

    def _all_well(self, airflow: Airflow) -> bool:
        self.services.check_alive()
        return airflow.api.is_healthy()
