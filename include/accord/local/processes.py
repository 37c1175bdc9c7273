"""Processes by id: alive or not, ports, waiting and stopping. Never by name, so that no stranger is ever hit."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
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
            raise StackError(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(every)


def stop_groups(groups: Iterable[int], seconds: float = 20) -> None:
    """Stop processes that lead their own group, with all their children: SIGTERM, then SIGKILL for what is left.

    Raises:
        StackError: a group outlived SIGKILL.
    """
    _stop(list(groups), os.killpg, _group_lives, seconds)


def stop_pids(pids: Iterable[int], seconds: float = 5) -> None:
    """Stop single processes: SIGTERM, then SIGKILL for what is left.

    Raises:
        StackError: a process outlived SIGKILL.
    """
    _stop(list(pids), os.kill, is_alive, seconds)


def is_group_of(pid: int, born: float) -> bool:
    """Return whether the group of a process lives and still is the one whose leader was born at that time.

    A process id is not given away again while a group of that number has members, so a missing leader is no doubt.
    """
    try:
        is_stranger = abs(psutil.Process(pid).create_time() - born) > 1
    except psutil.NoSuchProcess:
        is_stranger = False
    return not is_stranger and _group_lives(pid)


def _stop(left: list[int], send: Callable[[int, int], None], lives: Callable[[int], bool], seconds: float) -> None:
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
        for target in left:
            with suppress(ProcessLookupError):
                send(target, number)
        deadline = time.monotonic() + patience
        while left := [target for target in left if lives(target)]:
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
    if left:
        raise StackError(f"processes {left} would not stop")


def _group_lives(group: int) -> bool:
    return any(_group_of(pid) == group and is_alive(pid) for pid in psutil.pids())


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return None
