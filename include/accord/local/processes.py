"""Processes by id: alive or not, ports, waiting and stopping. Never by name, so that no stranger is ever hit."""

from __future__ import annotations

import os
import signal
import socket
import time
from typing import TYPE_CHECKING

import psutil

from accord.local.errors import StackError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def is_alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not.

    A killed process stays a zombie while PID 1 of a container is slow to reap it, and `kill -0` calls it alive.
    """
    try:
        return bool(psutil.Process(pid).status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD})
    except psutil.NoSuchProcess:
        return False


def free_port(preferred: int | None = None) -> int:
    """Return the preferred loopback port when nobody listens there, else any free one."""
    for port in (preferred, 0):
        if port is None:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StackError("no free port on 127.0.0.1")


def wait_until(ready: Callable[[], bool], seconds: float, what: str, every: float = 0.1) -> None:
    """Wait until something is true.

    Raises:
        StackError: it was not within the given seconds; the message says what was waited for.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise StackError(f"{what} within {seconds:.0f} s: it did not happen")
        time.sleep(every)


def stop_groups(pids: Iterable[int], seconds: float = 20) -> None:
    """Stop processes that lead their own group, with all their children: SIGTERM, then SIGKILL for what is left.

    Raises:
        StackError: a group outlived SIGKILL.
    """
    left = [pid for pid in pids if group_members(pid)]
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
        for pid in left:
            _signal_group(pid, number)
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            left = [pid for pid in left if group_members(pid)]
            time.sleep(0.1)
    if left:
        raise StackError(f"process groups {left} would not stop")


def group_members(group: int) -> list[int]:
    """Return the ids of the living processes of a group; its leader may be gone already."""
    return [pid for pid in psutil.pids() if _group_of(pid) == group and is_alive(pid)]


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return
