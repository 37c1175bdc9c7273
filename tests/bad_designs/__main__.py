"""`make bad-designs`: which oracle catches which bad design."""

from __future__ import annotations

import logging
import os
import sys
import tempfile

from rich.console import Console
from rich.table import Table

from bad_designs.bench import breaches
from bad_designs.designs import DESIGNS
from machine.mortal import mortal
from machine.scratch import scratch_warehouse


def main() -> int:
    """Return 0 where each design is caught, and ours passes under every oracle."""
    logging.disable(logging.CRITICAL)
    table, missed = Table("design", "oracle", "caught", "what it did", title="Bad designs"), 0
    with (
        tempfile.TemporaryDirectory(prefix="accord-designs-", ignore_cleanup_errors=True) as airflow,
        scratch_warehouse("designs") as database,
        mortal() as process,
        Console(stderr=True).status("begin") as status,
    ):
        # The console asks Airflow who calls; its files are as short-lived as the rest.
        os.environ["AIRFLOW_HOME"] = airflow
        for design in DESIGNS:
            status.update(design.name)
            caught = breaches(design, database, process)
            blamed = breaches(design, database, process, is_bad=False)
            missed += not caught or bool(blamed)
            verdict = "OURS TOO" if blamed else "yes" if caught else "NO"
            oracle = (design.oracle.__doc__ or "").partition(":")[0]
            table.add_row(design.name, oracle, verdict, (blamed or caught or [""])[0])
    Console().print(table)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
