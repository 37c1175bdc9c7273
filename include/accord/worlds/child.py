"""`python -m accord.worlds.child`: one run of a world, described on standard input."""

from __future__ import annotations

import json
import sys

from accord.model.errors import AccordError
from accord.model.scope import Run, Scope
from accord.model.settings import parse_settings
from accord.steps.sequence import run_all
from accord.store.database import Database
from accord.worlds.clients import wiring_for
from accord.worlds.process import RemoteClock


def main() -> None:
    """Run what standard input asks for."""
    job = json.load(sys.stdin)
    settings = parse_settings(job["settings"], "a world's settings")
    wiring = wiring_for(job["url"], Database(job["dsn"]), settings, RemoteClock(job["url"]))
    try:
        run_all(wiring, Run(job["run_id"], Scope("changed"), "apply"))
    except AccordError as problem:
        sys.exit(f"{type(problem).__name__}: {problem}")


if __name__ == "__main__":
    main()
