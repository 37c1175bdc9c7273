"""Connections that give up at a deadline. A socket timeout alone never ends an answer of one byte a second."""

from __future__ import annotations

import io
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket


class _TimedFile(io.RawIOBase):
    """Reads a socket until the deadline of the call that is in progress on its connection."""

    def __init__(self, sock: socket.socket, call: _TimedHTTP) -> None:
        self._raw = sock.makefile("rb", buffering=0)
        self._sock = sock
        self._call = call

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._call.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer as a whole took too long")
        silence = self._sock.gettimeout()
        self._sock.settimeout(left if silence is None else min(silence, left))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._sock.settimeout(silence)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedSocket:
    """A connected socket whose files obey the deadline; everything else is the socket's own."""

    def __init__(self, sock: socket.socket, call: _TimedHTTP) -> None:
        self._sock = sock
        self._call = call

    def makefile(self, *_mode: Any, **_buffering: Any) -> io.BufferedReader:
        return io.BufferedReader(_TimedFile(self._sock, self._call))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class _TimedHTTP(HTTPConnection):
    """A plain connection, for loopback."""

    def __init__(self, *args: Any, total_seconds: float, silence_seconds: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ends_at = float("inf")
        self._total_seconds = total_seconds
        self._silence_seconds = silence_seconds

    def connect(self) -> None:
        super().connect()
        # urllib3 keeps the connect timeout while it sends, which would cut off a long upload.
        self.sock.settimeout(self._silence_seconds)
        self.sock = _TimedSocket(self.sock, self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        self.ends_at = time.monotonic() + self._total_seconds
        super().request(*args, **kwargs)


class _TimedHTTPS(_TimedHTTP, HTTPSConnection):
    """A connection over TLS: the deadline of the one, the handshake of the other."""


def timed_pool(total_seconds: float, silence_seconds: float, **options: Any) -> urllib3.PoolManager:
    """Return a pool in which a call ends within `total_seconds`, and earlier after `silence_seconds` without a byte."""
    limits = {"total_seconds": total_seconds, "silence_seconds": silence_seconds}

    class Plain(HTTPConnectionPool):
        ConnectionCls = staticmethod(partial(_TimedHTTP, **limits))  # type: ignore[assignment]

    class Secure(HTTPSConnectionPool):
        ConnectionCls = staticmethod(partial(_TimedHTTPS, **limits))  # type: ignore[assignment]

    pool = urllib3.PoolManager(**options)
    pool.pool_classes_by_scheme = {"http": Plain, "https": Secure}
    return pool
