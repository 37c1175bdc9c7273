"""The console as an ASGI app that is built when it is first asked for.

Plugin files are imported by the scheduler and by every task process, which must not pay for FastAPI and the templates.
"""

from __future__ import annotations

import threading
from typing import Any

PREFIX = "/accord"
"""Where the console is mounted, below Airflow's own address."""


class LazyConsole:
    """Builds the console on its first request; not a FastAPI app itself, so Airflow does not look into it."""

    def __init__(self) -> None:
        self._app: Any = None
        self._lock = threading.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request; the app that the console is mounted in stays known as `airflow`."""
        if scope["type"] != "http":
            return
        scope["airflow"] = scope.get("app")
        app = self._app
        if app is None:
            from anyio import to_thread

            # Pandas and the rules take seconds to import; tasks report to the same server meanwhile.
            app = await to_thread.run_sync(self._built)
        await app(scope, receive, send)

    def _built(self) -> Any:
        """Return the console; whoever comes second waits for the first."""
        with self._lock:
            if self._app is None:
                from accord.console.app import served_console

                self._app = served_console()
        return self._app
