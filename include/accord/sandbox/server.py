"""The two CRMs on a port of this machine: in a thread for tests and worlds, or as a process of their own."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from accord.sandbox.app import App
from accord.sandbox.control import full_state
from accord.sandbox.core import Crms
from accord.sandbox.generator import generate
from accord.sandbox.switches import Switches
from accord.sandbox.world import LoadedWorld, load_world, parse_world

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from types import TracebackType

    from accord.sandbox.clock import VirtualClock
    from accord.sandbox.journal import Journal
    from accord.sandbox.world import World

_START_SECONDS = 20


class Sandbox:
    """Both CRMs behind a loopback URL, in this process.

    Attributes:
        crms: records, clock, journal, switches, faults; hold `crms.lock` or use `crms.acting` to change them.
        world: the world that was loaded, with its id map; None without one.
        url: `http://127.0.0.1:PORT`.
    """

    def __init__(self, crms: Crms, port: int = 0, world: LoadedWorld | None = None) -> None:
        self.crms, self.world = crms, world
        # asyncio sets TCP_NODELAY only on sockets that name the protocol; without it every answer waits for 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen(256)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            App(crms),
            loop="asyncio",
            http="httptools",
            ws="none",
            lifespan="off",
            log_level="critical",
            access_log=False,
            date_header=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=120,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.run, name="sandbox", daemon=True)

    @classmethod
    def start(
        cls,
        port: int = 0,
        world: World | Path | None = None,
        switches: Mapping[str, Any] | None = None,
        crms: Crms | None = None,
        at: datetime | None = None,
    ) -> Sandbox:
        """Return a running sandbox.

        Args:
            port: 0 takes a free one.
            world: a parsed world or its file; its `now` freezes the clock.
            switches: names and values that differ from the defaults.
            crms: ready CRMs instead of empty ones.
            at: freezes the clock of empty CRMs.

        Raises:
            WorldError: the world cannot be understood.
            ValueError: a switch is unknown or its value impossible.
        """
        sandbox = cls.prepare(port, world, switches, crms, at)
        sandbox._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not sandbox._server.started and time.monotonic() < deadline:
            time.sleep(0.005)
        return sandbox

    @classmethod
    def prepare(
        cls,
        port: int = 0,
        world: World | Path | None = None,
        switches: Mapping[str, Any] | None = None,
        crms: Crms | None = None,
        at: datetime | None = None,
    ) -> Sandbox:
        """Return a sandbox that has its port but does not answer yet; arguments as for `start`."""
        parsed = parse_world(world) if isinstance(world, Path) else world
        now = parsed.now if parsed is not None else at
        crms = crms or Crms(now, Switches.model_validate(dict(switches or {})))
        loaded = load_world(parsed, crms) if parsed is not None else None
        return cls(crms, port, loaded)

    @property
    def clock(self) -> VirtualClock:
        """Return the clock both CRMs live by."""
        return self.crms.clock

    @property
    def journal(self) -> Journal:
        """Return what happened to any record."""
        return self.crms.journal

    @property
    def state(self) -> dict[str, Any]:
        """Return the state in a world's short keys, or all records of CRMs without a world."""
        with self.crms.lock:
            self.clock.run_due()
            return self.world.render() if self.world else full_state(self.crms)

    def stop(self) -> None:
        """Close the port."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)
        self._socket.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def run(self) -> None:
        """Serve until told to stop."""
        self._server.run(sockets=[self._socket])


def serve(
    port: int = 8099, world: Path | None = None, accounts: int | None = None, seed: int = 1, months: int = 6
) -> None:
    """Serve both CRMs until the process is told to stop.

    Args:
        port: on 127.0.0.1.
        world: a world file to load.
        accounts: or make a realistic world with so many accounts, the same one for the same seed.
        seed: of the made world.
        months: over which its records were created, up to now.

    Raises:
        WorldError: the world cannot be understood.
    """
    sandbox = Sandbox.prepare(port, world)
    if accounts is not None:
        generate(sandbox.crms, accounts=accounts, seed=seed, months=months)
    sandbox.run()
