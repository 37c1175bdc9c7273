"""What is measured on: a sandbox in a process of its own, Postgres, and one child process for each thing measured.

The bench itself holds no records, so that a child's peak memory is the child's own (`ru_maxrss` survives a fork).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from accord.local.errors import StackError
from accord.local.places import runtime_directory
from accord.local.postgres import Postgres
from accord.local.processes import free_port, stop_pids, wait_until
from accord.sandbox.generator import LIST_NAME
from accord.store.database import Database
from accord.store.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from accord.local.progress import Progress
    from accord.model.scope import Run

SWITCHES = {"enforce_rate_limits": False, "bulk_polls": 0, "daily_limit": 10**9, "daily_api_requests": 10**9}
"""What the vendors' tempo decides is taken out: no rate limit, a bulk job is complete at the first look."""
SETTINGS = {
    "sync_companies": True,
    "mode": "apply",
    "inclusion_list": LIST_NAME,
    "caps": {"max_creates": 10**9},
}
_START_SECONDS = 900


@dataclass(frozen=True)
class Measured:
    """What a child process found out about itself.

    Attributes:
        seconds: wall time of the work, without starting Python.
        cpu_seconds: of the child's own process, Postgres and sandbox not counted.
        peak_mib: most memory the process ever held, Python and its libraries included.
        result: what the work returned.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float
    result: dict[str, Any]


@dataclass(frozen=True)
class Rig:
    """A running sandbox and an empty, migrated database.

    Attributes:
        url: of the sandbox.
        database: the warehouse.
        settings: of every run on this rig.
    """

    url: str
    database: Database
    settings: Mapping[str, Any]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Return what the sandbox says under `/_sandbox/`."""
        answer = requests.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=600)
        answer.raise_for_status()
        return answer.json()

    def calls(self) -> list[dict[str, Any]]:
        """Return the API calls since this was last asked: crm, method, path, calls."""
        rows: list[dict[str, Any]] = self.control("GET", "calls")["by_path"]
        self.control("DELETE", "calls")
        return rows

    def writes(self) -> int:
        """Return how many records the pipeline has written, as the sandbox's journal has it."""
        return int(sum(self.control("GET", "state")["pipeline_writes"].values()))

    def measure(self, work: str, run: Run, **arguments: Any) -> Measured:
        """Return what a child process found while it did one piece of work (`accord.bench.child`).

        Raises:
            StackError: it failed; the end of its error output follows.
        """
        scope = {name: value for name, value in vars(run.scope).items() if value is not None}
        job = {
            "work": work,
            "url": self.url,
            "dsn": self.database.dsn,
            "settings": self.settings,
            "run": {"run_id": run.run_id, "mode": run.mode, "scope": scope},
            "arguments": arguments,
        }
        done = subprocess.run(
            [sys.executable, "-m", "accord.bench.child"],
            input=json.dumps(job, default=str),
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise StackError(f"{work} failed:\n{done.stderr[-3000:]}")
        return Measured(**json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def rig(command: Sequence[str], settings: Mapping[str, Any], progress: Progress) -> Iterator[Rig]:
    """Yield a rig, gone at the end with all its files.

    Args:
        command: arguments of Python that serve a sandbox on the port `{port}`.
        settings: of the runs, beside being switched on as soon as the world is made, applying, and without a cap.
        progress: where the start is shown.
    """
    directory = Path(tempfile.mkdtemp(prefix="bench-", dir=runtime_directory(Path.cwd())))
    directory.chmod(0o711)
    postgres = Postgres(directory / "postgres")
    try:
        with ExitStack() as running:
            with progress.step("make the world"):
                url = running.enter_context(_sandbox(command, directory))
                postgres.start()
                database = Database(postgres.create_database("bench"))
                migrate(database)
                found = Rig(url, database, {**SETTINGS, "enabled_at": datetime.now(UTC).isoformat(), **settings})
                found.control("PATCH", "switches", SWITCHES)
            yield found
    finally:
        postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _sandbox(command: Sequence[str], directory: Path) -> Iterator[str]:
    """Yield the address of a sandbox process."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (directory / "sandbox.log").open("w") as log:
        arguments = [part.format(port=port) for part in command]
        process = subprocess.Popen([sys.executable, *arguments], stdout=log, stderr=log)  # noqa: S603 - our own Python

    def answers() -> bool:
        if process.poll() is not None:
            raise StackError(f"the sandbox ended: {(directory / 'sandbox.log').read_text()[-2000:]}")
        try:
            return requests.get(f"{url}/_sandbox/health", timeout=5).ok
        except requests.RequestException:
            return False

    try:
        wait_until(answers, _START_SECONDS, "the sandbox answered", every=0.5)
        yield url
    finally:
        stop_pids([process.pid])
        process.wait()
