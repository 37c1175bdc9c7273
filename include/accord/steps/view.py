"""Both CRMs as the rules see them now, under the settings of the last run: read for explaining, decides nothing."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from accord.model.errors import BadSettings
from accord.model.scope import Run, Scope
from accord.model.settings import parse_settings
from accord.rules import conclude, study
from accord.rules.candidates import candidates, in_review
from accord.rules.case import Case
from accord.store import history, known
from accord.store.snapshot import read_snapshot
from accord.store.standstill import state_of

if TYPE_CHECKING:
    import pandas as pd

    from accord.model.facts import System
    from accord.model.policy import Policy
    from accord.model.snapshot import Snapshot
    from accord.store.database import Database


@dataclass(frozen=True)
class View:
    """A snapshot, and what the rules make of it, worked out as far as it is asked for; mapped fields play no part."""

    snapshot: Snapshot
    policy: Policy

    @cached_property
    def case(self) -> Case:
        """What is known of all records."""
        return study(self.snapshot, self.policy)

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """What the rules decide now, columns DECISIONS."""
        return conclude(self.case, self.snapshot.field_values).decisions

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """Accounts and companies that may be one (`rules.candidates`)."""
        return candidates(self.case, self.snapshot.pairs)

    def candidates_of(self, system: System, key: int) -> pd.DataFrame:
        """Return the candidates of one record, those with the most people first."""
        own = "account_key" if system == "salesforce" else "company_key"
        found = self.candidates[self.candidates[own] == key]
        return found.sort_values(["people", "primaries", "is_stated"], ascending=False, kind="stable")

    def partner_key(self, system: System, key: int) -> int | None:
        """Return the record that a live one is known to be one with, None where it is paired with nobody."""
        case = self.case
        mine, theirs, partner = case.records.accounts, case.records.companies, case.identity.company
        if system == "hubspot":
            mine, theirs, partner = theirs, mine, case.identity.account  # type: ignore[assignment]
        place = np.flatnonzero(mine.key == key)
        if not len(place) or partner[place[0]] < 0:
            return None
        return int(theirs.key[partner[place[0]]])

    def blockers(self, system: System, key: int) -> list[tuple[System, int]]:
        """Return the records in review that a waiting record may belong to, or that want what it wants (R45)."""
        found = self.candidates_of(system, key)
        companies = set(found["company_key"]) if system == "salesforce" else {key}
        near = self.candidates[self.candidates["company_key"].isin(companies)]
        accounts = set(near["account_key"]) - ({key} if system == "salesforce" else set())
        companies -= {key} if system == "hubspot" else set()
        account_asked, company_asked = in_review(self.case)
        records = self.case.records
        return [
            *(("salesforce", int(it)) for it in records.accounts.key[account_asked] if it in accounts),
            *(("hubspot", int(it)) for it in records.companies.key[company_asked] if it in companies),
        ]


_latest: dict[str, tuple[str, View | None]] = {}
_reading = threading.Lock()


def view(database: Database) -> View | None:
    """Return the view, None before the first run and where its settings are those of another version.

    A page server keeps the latest one until a run, an answer or a request changes what it shows: it takes seconds to
    make one of a large portal.
    """
    with _reading:
        now = state_of(database)
        if _latest.get(database.dsn, ("", None))[0] != now:
            _latest.clear()
            _latest[database.dsn] = now, _read(database)
        return _latest[database.dsn][1]


def _read(database: Database) -> View | None:
    """Return the view as it is now."""
    last = known.last_run(database)
    if last is None:
        return None
    try:
        settings = parse_settings(last.settings, "the settings of the last run")
    except BadSettings:
        return None
    snapshot = read_snapshot(
        database,
        settings,
        org_id=last.org_id,
        portal_id=last.portal_id,
        pipeline_user=settings.pipeline_user or last.user_id,
        run=Run("explain", Scope("changed"), "plan"),
    )
    return View(snapshot, settings.policy(history.enabled_at(database, settings, datetime.now(UTC))))
