"""The layout of several machines on one: CeleryExecutor, Redis between scheduler and workers, two workers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from accord.local.processes import free_port
from accord.local.services import Service

if TYPE_CHECKING:
    from pathlib import Path

    from accord.local.services import Services

WORKERS = ("worker-1", "worker-2")


def celery_environment(broker_url: str, metadata_dsn: str) -> dict[str, str]:
    """Return what every Airflow process needs to hand tasks to Celery and to read their results."""
    return {
        "AIRFLOW__CELERY__BROKER_URL": broker_url,
        "AIRFLOW__CELERY__RESULT_BACKEND": metadata_dsn.replace("postgresql://", "db+postgresql+psycopg://"),
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": "4",
        # Celery refuses to run as root otherwise; the workers listen on loopback and run only this project's DAGs.
        "C_FORCE_ROOT": "true",
    }


def worker_services(runtime: Path) -> list[Service]:
    """Return the workers; each has its own log port, pid file and temporary directory.

    The separate temporary directories show that no task needs a file that another worker wrote.
    """
    return [_worker(name, runtime) for name in WORKERS]


def count_tasks(services: Services) -> dict[str, int]:
    """Return worker -> how many tasks it has finished since its start, read from its log.

    Airflow's own record names only the host, and here both workers are on the same one.
    """
    return {name: services.log_of(name).read_text(errors="replace").count(" succeeded in ") for name in WORKERS}


def _worker(name: str, runtime: Path) -> Service:
    scratch = runtime / "scratch" / name
    scratch.mkdir(parents=True, exist_ok=True)
    pid_file = scratch / "worker.pid"
    pid_file.unlink(missing_ok=True)
    command = (sys.executable, "-m", "airflow", "celery", "worker", "-H", f"{name}@%h", "--pid", str(pid_file))
    return Service(
        name=name,
        command=command,
        environment={"TMPDIR": str(scratch), "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port())},
    )
