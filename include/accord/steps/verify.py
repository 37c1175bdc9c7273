"""After the writes: do they stand, did HubSpot make twins of what we made, does the ledger add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.steps.races import find_races
from accord.steps.recheck import current_values, shows
from accord.steps.work import Work
from accord.store import ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring
    from accord.store.ledger import Intent

SAMPLE: Mapping[ledger.System, int] = {"hubspot": 100, "salesforce": 1_000}
"""Written records that are read again: one call a CRM. The next extract compares all of them by content hash."""
PARENTS = 1_000
"""Parents that are read again, by their associations."""
_SAMPLED: Sequence[ledger.Op] = ("create", "restamp", "update")


def verify(wiring: Wiring, run: Run) -> dict[str, int]:
    """Return how many written records show what was written, how many do not, and how many twins were found.

    A stage that HubSpot answered with 200 and did not move is recorded as `not_moved`; a twin that HubSpot made of a
    company of ours becomes a review `race_with_auto_create` (R105). Nothing is written to a CRM.

    Raises:
        RetryableError: a CRM cannot be read.
    """
    if run.mode != "apply" or not wiring.settings.sync_companies:
        return {}
    work = Work(wiring, run, epoch=0)
    stages = ledger.intents_of_run(wiring.database, run.run_id, "confirmed", ["stage"])
    sample, parents = _sample(work), _parents(work)
    differing = [*_differing(work, stages), *_differing(work, sample), *_differing(work, parents)]
    _record(work, differing)
    created = ledger.intents_of_run(wiring.database, run.run_id, "confirmed", ["create"], system="hubspot")
    return {
        "verified": len(stages) + len(sample) + len(parents) - len(differing),
        "not_as_written": len(differing),
        "raced": find_races(work, created),
        "unaccounted": _unaccounted(work),
    }


def _sample(work: Work) -> list[Intent]:
    """Return the first writes of records to each CRM that one call can read."""
    return [
        intent
        for system, rows in SAMPLE.items()
        for intent in ledger.intents_of_run(
            work.wiring.database, work.run.run_id, "confirmed", _SAMPLED, system=system, limit=rows
        )
    ]


def _parents(work: Work) -> list[Intent]:
    """Return the parents that were set, as many as one call reads."""
    found = ledger.intents_of_run(work.wiring.database, work.run.run_id, "confirmed", ["parent"], limit=PARENTS)
    return [intent for intent in found if intent.fields]


def _differing(work: Work, intents: Sequence[Intent]) -> list[Intent]:
    """Return the writes whose record does not show them now."""
    differing: list[Intent] = []
    for system in SAMPLE:
        written = [intent for intent in intents if intent.system == system]
        if written:
            current = current_values(work, written)
            differing += [i for i in written if not shows(i, current.get(str(i.target_id), {}))]
    return differing


def _record(work: Work, differing: Sequence[Intent]) -> None:
    """Note on the outcome that the record shows something else; the write itself stays confirmed."""
    with work.wiring.database.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE sync.outcomes SET code = %s, message = %s WHERE intent_id = %s AND field = ''",
            [
                (
                    "not_moved" if intent.op == "stage" else "differs_from_written",
                    f"{intent.object} {intent.target_id} does not show {', '.join(sorted(intent.fields))} as written",
                    intent.id,
                )
                for intent in differing
            ],
        )


def _unaccounted(work: Work) -> int:
    """Return how many decisions of the plan have neither a write, nor a pair, nor an outcome that says why (I2)."""
    return int(work.wiring.database.rows(_UNACCOUNTED, {"run": work.run.run_id})[0]["n"])


_UNACCOUNTED = """
    SELECT count(*) AS n FROM sync.decisions d
    WHERE d.run_id = %(run)s AND d.action IN ('LINK', 'RELINK', 'CREATE_COMPANY', 'CREATE_ACCOUNT', 'SET_STAGE')
        AND NOT EXISTS (SELECT FROM sync.intents i WHERE i.source_id IN (d.record_id, d.company_id)
            AND i.action = d.action)
        AND NOT EXISTS (SELECT FROM sync.pairs p WHERE p.is_active AND p.account_id = d.account_id)
        AND NOT EXISTS (SELECT FROM sync.pairs p WHERE p.is_active AND p.company_id = d.company_id)
        AND NOT EXISTS (SELECT FROM sync.outcomes o WHERE (o.system, o.record_id, o.action)
            = (d.system, d.record_id, d.action))
"""
