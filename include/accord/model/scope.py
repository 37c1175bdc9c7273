"""Which records a run may act on, and how the run is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Scope:
    """The records a run may act on; staging and the rules always see everything.

    Attributes:
        kind: `changed` (sync_accounts: whatever the rules let take part), `interval` (import_accounts: accounts whose
            CreatedDate lies in [since, until) count as imported, R9, and only they and open requests are acted on),
            `record` (sync_record: one record asked for by hand, R46-R49), `revert` (revert_run: what another run wrote,
            R104).
        since: start of the interval, UTC, inclusive; only for `interval`.
        until: end of the interval, UTC, exclusive; only for `interval`.
        record_id: the id that was asked for; only for `record`.
        requested_by: the person who started the run, for the record; None where the schedule did.
        undone_run: the run whose writes are undone; only for `revert`.
        archives: records that it made are archived where nobody touched them since; only for `revert`.
    """

    kind: Literal["changed", "interval", "record", "revert"]
    since: datetime | None = None
    until: datetime | None = None
    record_id: str | None = None
    requested_by: str | None = None
    undone_run: str | None = None
    archives: bool = False


@dataclass(frozen=True)
class Run:
    """One run of the pipeline.

    Attributes:
        run_id: unique and stable over retries (Airflow: `dag_id/run_id`); names the run in every table.
        scope: what it may act on.
        mode: `plan` writes nothing to a CRM, `apply` does.
    """

    run_id: str
    scope: Scope
    mode: Literal["plan", "apply"]
