"""`python -m accord.local up|celery|down|status|logs`: the stack alone, for a team's own connections."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from accord.local.errors import StackError
from accord.local.progress import Progress
from accord.local.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable

# The name that the DAGs look for; connections to real CRMs come from the caller's environment or from the UI.
_DATABASES = {"AIRFLOW_CONN_ACCORD_WAREHOUSE": "accord"}


def up(stack: Stack) -> None:
    """Start the stack with the LocalExecutor and leave it running."""
    _tell(stack, stack.start("local", databases=_DATABASES).port)


def celery(stack: Stack) -> None:
    """Start the stack with Redis and two Celery workers and leave it running."""
    _tell(stack, stack.start("celery", databases=_DATABASES).port)


def down(stack: Stack) -> None:
    """Stop the stack; its data stays in the runtime directory."""
    with stack.progress.step("Stop") as step:
        step.note = f"{stack.stop()} processes"


def status(stack: Stack) -> None:
    """Show what runs."""
    postgres = stack.postgres.pid()
    for name, pid in [
        *([("postgres", postgres)] if postgres else []),
        *((s.name, s.pid) for s in stack.services.alive()),
    ]:
        stack.progress.console.print(f"{name}  process {pid}")


def logs(stack: Stack) -> None:
    """Print the paths of the logs of what runs, for `tail`."""
    for path in [stack.postgres.log, *(stack.services.log_of(service.name) for service in stack.services.alive())]:
        stack.progress.console.print(str(path), soft_wrap=True)


COMMANDS: dict[str, Callable[[Stack], None]] = {
    "up": up,
    "celery": celery,
    "down": down,
    "status": status,
    "logs": logs,
}


def main(arguments: list[str]) -> int:
    """Run one command on the project in the current directory; return the exit status."""
    stack = Stack(Path.cwd(), Progress())
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        stack.progress.console.print(f"usage: python -m accord.local {'|'.join(COMMANDS)}")
        return 2
    try:
        COMMANDS[arguments[0]](stack)
    except StackError as problem:
        stack.progress.console.print(f"[red]{problem}[/red]", soft_wrap=True)
        return 1
    return 0


def _tell(stack: Stack, port: int) -> None:
    stack.progress.console.print(
        f"Airflow: http://localhost:{port} (everybody on this machine is admin: it listens on loopback only)\n"
        f"Logs: {stack.services.log_of('*')}    Stop: make down",
        soft_wrap=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
