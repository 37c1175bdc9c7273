"""Finds companies that HubSpot made by itself, for the very people of a company that we made just then (R105)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from accord.rules.races import WINDOW
from accord.steps.twins import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accord.steps.work import Work
    from accord.store.ledger import Intent


def find_races(work: Work, created: Sequence[Intent]) -> int:
    """Return how many twins were found and put up for review as `race_with_auto_create`; nothing is merged (R84).

    A company made before its people are associated finds them without any other company; one that they have now, and
    that HubSpot made by itself within the window, is the twin. One that HubSpot makes later still is found by the rules
    of the next run (`rules.races`), which ask the same question.

    Args:
        work: ready clients.
        created: confirmed creations of companies, each with the people that were to be associated.
    """
    ours = {contact: intent for intent in created for role, contact in intent.people if role == "associate"}
    if not ours:
        return 0
    others = {
        (contact, company)
        for page in work.wiring.hubspot.association_rows("contacts", "companies", sorted(ours))
        for contact, company, _ in page
        if company != ours[contact].target_id
    }
    since = min(intent.sent_at or work.now for intent in created) - WINDOW.item()
    twins = _auto_created(work, {company for _, company in others}, since.timestamp())
    raced = {(ours[contact].source_id, str(ours[contact].target_id), twin) for contact, twin in others if twin in twins}
    _review(work, sorted(raced))
    return len(raced)


def _auto_created(work: Work, companies: Iterable[str], since: float) -> set[str]:
    """Return those companies that HubSpot's own setting made since a moment (U13)."""
    wanted = sorted(companies)
    if not wanted:
        return set()
    names = ["createdate", "hs_object_source", "hs_object_source_label"]
    settings = work.wiring.settings
    return {
        company
        for company, record in work.wiring.hubspot.batch_read("companies", wanted, names).items()
        for values in [record["properties"]]
        if values.get("hs_object_source_label") in settings.auto_created_labels
        or values.get("hs_object_source") in settings.auto_created_sources
        if moment(values.get("createdate") or record["createdAt"]).timestamp() >= since
    }


def _review(work: Work, raced: Sequence[tuple[str, str, str]]) -> None:
    """Ask a person what the twin is, as the rules do once they see it."""
    with work.wiring.database.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO sync.reviews (system, record_id, reason, rule, candidates, run_id)"
            " VALUES ('hubspot', %s, 'race_with_auto_create', 'R105', %s, %s) ON CONFLICT DO NOTHING",
            [(twin, Jsonb([account, company]), work.run.run_id) for account, company, twin in raced],
        )
