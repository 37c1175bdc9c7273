"""`accord revert RUN`: undo what a run wrote, after a look at what can be undone and what cannot."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from accord.cli.options import AsJson, SettingsFile, out, told
from accord.cli.reach import who, wiring
from accord.cli.shown import plain
from accord.model.errors import BadInput
from accord.sentences.undoing import UNDOES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring
    from accord.store.reversals import Reversal

SHOWN = 20
"""Rows that are shown; --json has all."""

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run to undo: its id, or the end of it after the slash.")]
Archive = Annotated[
    bool, typer.Option("--archive-created", help="Archive the records it made, where nobody touched them since.")
]
Preview = Annotated[bool, typer.Option("--preview", help="Only show what would be undone and what would stay.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before writing.")]


def revert(
    run_id: RunId,
    archive_created: Archive = False,
    preview: Preview = False,
    yes: Yes = False,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> None:
    """Undo what a run wrote: values, keys, pairs, people, stages, parents. What somebody changed since stays."""
    if preview and yes:
        raise BadInput("--preview writes nothing and --yes writes: give one of them")
    if not (preview or yes) and (as_json or not sys.stdin.isatty()):
        raise BadInput("nobody can be asked here: give --preview to look, or --yes to undo")
    with wiring(settings) as ready:
        run = _run(ready, run_id, archives=archive_created)
        if not yes:
            _preview(ready, run, as_json=as_json)
        if preview:
            return
        if not yes and not typer.confirm(f"Undo {run.scope.undone_run}?"):
            told.print("Nothing was written.")
            return
        _undo(ready, run, as_json=as_json)


def _run(ready: Wiring, named: str, *, archives: bool) -> Run:
    """Return the run that undoes the named one.

    Raises:
        BadInput: the named run cannot be undone, or company sync is off.
    """
    from accord.model.scope import Run, Scope
    from accord.steps.revert import undone_run

    undone = undone_run(ready.database, named)
    if not ready.settings.sync_companies:
        raise BadInput(
            "company sync is off (setting sync_companies), and then nothing is written at all (R1): turn it on to undo "
            "a run; pause the DAGs that must not run meanwhile"
        )
    scope = Scope("revert", undone_run=undone, archives=archives, requested_by=who())
    return Run(f"revert/{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}", scope, "apply")


def _preview(ready: Wiring, run: Run, *, as_json: bool) -> None:
    """Show what would be undone and what would stay; no CRM is written."""
    from accord.steps.revert import preview

    with told.status("reading what is there now"):
        rows = preview(ready, run)
    if as_json:
        for row in rows:
            typer.echo(json.dumps(asdict(row), default=str))
        return
    _show(run, rows)


def _show(run: Run, rows: Sequence[Reversal]) -> None:
    """Print counts, then the first rows of what is undone, then what stays."""
    from accord.model.reasons import plain_reason

    undone, left = [row for row in rows if not row.reason], [row for row in rows if row.reason]
    if not rows:
        out.print(plain(f"There is nothing to undo of {run.scope.undone_run}."))
        return
    counts = Table("what", "writes", title=plain(f"Undo {run.scope.undone_run}"))
    for op, n in Counter(row.op for row in undone).items():
        counts.add_row(UNDOES[op], f"{n:,}")
    for reason, n in Counter(row.reason for row in left).items():
        counts.add_row(plain(plain_reason(reason)), f"{n:,}")
    out.print(counts)
    changes = Table("record", "now", "then", title=f"Undone (the first {SHOWN})")
    for row in [row for row in undone if row.fields][:SHOWN]:
        changes.add_row(plain(f"{row.object} {row.target_id}"), plain(_values(row.before)), plain(_then(row)))
    if changes.row_count:
        out.print(changes)
    if left:
        stays = Table(title=f"Stays as it is (the first {SHOWN} of {len(left):,})", show_header=False)
        for row in left[:SHOWN]:
            stays.add_row(plain(row.message))
        out.print(stays)


def _then(row: Reversal) -> str:
    """Return what a record has once a row is done."""
    if row.object == "association":
        return UNDOES[row.op]
    from accord.steps.follow import THEN

    return _values({name: row.before.get(THEN, value) for name, value in row.fields.items()})


def _values(values: dict[str, object]) -> str:
    """Return fields and values on one line."""
    from accord.steps.follow import THEN

    return ", ".join(f"{name}: {'-' if it in {None, ''} else it}" for name, it in values.items() if name != THEN)


def _undo(ready: Wiring, run: Run, *, as_json: bool) -> None:
    """Undo the run and say what was done and what stays."""
    from accord.steps.sequence import undo_all

    with told.status("begin") as status:
        counts = undo_all(ready, run, str(run.scope.requested_by), tell=status.update)
    if as_json:
        typer.echo(json.dumps({"run_id": run.run_id, **counts}, default=str))
        return
    out.print(plain(f"{run.run_id}: {counts.get('note', '')}"))
    stays = ready.database.rows(
        "SELECT message FROM sync.reversals WHERE run_id = %s AND reason <> '' ORDER BY place LIMIT %s",
        [run.run_id, SHOWN],
    )
    for row in stays:
        out.print(plain(f"  {row['message']}"))
    out.print(plain(f"To undo this again: accord revert {run.run_id}"))
