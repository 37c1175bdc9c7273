"""What every extract has in common: where it begins, what must exist, how much must arrive, and the one commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from psycopg import sql

from accord.model import killpoints
from accord.model.errors import ExtractShrunk, MissingField
from accord.store import proofs, staging, watermarks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import psycopg

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring
    from accord.store.database import Row
    from accord.store.pages import PageTable
    from accord.store.sources import Source
    from accord.store.watermarks import Mark


class Work(NamedTuple):
    """Something done in the transaction of an extract, and the name of what it counts."""

    what: str
    act: Callable[[psycopg.Connection[Row]], int]


@dataclass(frozen=True)
class Intake:
    """One extract of one source.

    Attributes:
        wiring: database and settings.
        run: for which this happens.
        source: what is read.
        began: the server's clock before the first row was asked for.
        overlap: how long before `began` the next extract will begin.
        known: how far this source had been read.
        since: read what changed since then; None: read everything.
        whole: everything is read although reading what changed would do, to prove that nothing was missed.
    """

    wiring: Wiring
    run: Run
    source: Source
    began: datetime
    overlap: timedelta
    known: Mark | None
    since: datetime | None
    whole: bool = False

    def commit(self, page: PageTable, *, read: int, more: Sequence[Work] = ()) -> dict[str, int]:
        """Merge a page table and move the mark in one transaction; return the counts of the extract.

        Args:
            page: what was read, checked before.
            read: how many rows that was.
            more: work of the same transaction, done after the merge.
        """
        with self.wiring.database.transaction() as connection:
            _, deleted_before = staging.count_rows(connection, self.source)
            changed = staging.merge(connection, self.source, page, self.run.run_id)
            also = {work.what: work.act(connection) for work in more}
            if self.whole and self.known:
                also["missed"] = proofs.missed_rows(connection, self.source, self.run.run_id, self.known.mark)
            live, deleted = staging.count_rows(connection, self.source)
            self._move_mark(connection, live)
            killpoints.passing("K10")
        killpoints.passing("K11")
        return {"read": read, "changed": changed, "deleted": max(deleted - deleted_before, 0), "live": live, **also}

    def _move_mark(self, connection: psycopg.Connection[Row], live: int) -> None:
        """Let the next extract begin where this one did, minus the overlap."""
        watermarks.move_mark(
            connection,
            self.source.name,
            self.began - self.overlap,
            run_id=self.run.run_id,
            row_count=live,
            full=self.since is None,
        )


def open_intake(
    wiring: Wiring, run: Run, source: Source, *, began: datetime, overlap_minutes: int, whole: bool
) -> Intake:
    """Return an extract that knows where it begins, after the table has the columns of the field map.

    Args:
        wiring: database and settings.
        run: for which this happens.
        source: what is read.
        began: the server's clock now.
        overlap_minutes: how long before `began` the next extract will begin.
        whole: read everything, whatever the watermark says.

    Raises:
        StopError: the watermark lies in the future.
    """
    with wiring.database.transaction() as connection:
        if staging.fit_columns(connection, source):
            watermarks.ask_for_full(connection, source.name)
    known = watermarks.read_mark(wiring.database, source.name)
    since = watermarks.begin(known, source.name, began)
    overlap = timedelta(minutes=overlap_minutes)
    return Intake(wiring, run, source, began, overlap, known, since=None if whole else since, whole=whole)


def require_fields(source: Source, names: Collection[str]) -> None:
    """Stop when a field that the settings or the key need is not among those of the CRM (F33, F34).

    Raises:
        MissingField: names each field, the setting that wants it, and what to do.
    """
    known = {name.lower() for name in names}
    missing = [f"{name} ({why})" for name, why in sorted(source.required().items()) if name.lower() not in known]
    if missing:
        raise MissingField(
            f"{source.name}: {', '.join(missing)}: not there, or not readable by the user that Accord logs in as. "
            "Create the field, give that user the right to read it, or take it out of the settings"
        )


def refuse_shrunk(intake: Intake, live: int) -> None:
    """Stop when a full extract shows far fewer live records than there were.

    Raises:
        ExtractShrunk: below `caps.min_extract_share` of the last count, or nothing where there was something (F39).
    """
    before = intake.known.row_count if intake.known else 0
    share = intake.wiring.settings.caps.min_extract_share
    if (before and not live) or live < share * before:
        raise ExtractShrunk(
            f"{intake.source.name} shows {live} records, at the last good extract it was {before}: nothing was taken "
            f"over. If they are really gone, lower caps.min_extract_share ({share}) for one run"
        )


def present_rows(intake: Intake, page: PageTable, *, deleted_at: str, lag: timedelta = timedelta(0)) -> int:
    """Return how many records of a page table were live when the extract began.

    Args:
        intake: the extract.
        page: what was read.
        deleted_at: page column with the time of a delete; what was deleted since the beginning still counts.
        lag: how long the service itself may go on counting a deleted record.
    """
    flag = intake.source.columns[intake.source.deleted_column].name
    statement = sql.SQL(
        "SELECT count(DISTINCT {id}) AS n FROM {page}"
        " WHERE coalesce({deleted}, 'false') <> 'true' OR staging.moment({at}) >= %s"
    ).format(
        id=sql.Identifier(intake.source.columns["id"].name),
        page=page.identifier,
        deleted=sql.Identifier(flag),
        at=sql.Identifier(deleted_at),
    )
    with intake.wiring.database.transaction() as connection:
        row = connection.execute(statement, [intake.began - lag]).fetchone() or {}
    return int(row["n"])
