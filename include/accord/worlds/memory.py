"""What Accord remembers of earlier runs in a world: pairs, stages, field values, requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from accord.store import history, requests, stages

if TYPE_CHECKING:
    from accord.model.settings import Settings
    from accord.sandbox.world import LoadedWorld
    from accord.store.database import Database


def remember(database: Database, loaded: LoadedWorld, settings: Settings) -> None:
    """Write a world's memory into an empty, migrated database: the switch was on before, so stages have a baseline."""
    world, ids = loaded.world, loaded.ids
    pairs = [(ids[it["account"]], ids[str(it["company"])], it.get("active", True)) for it in world.links]
    # A contact without `was` had at the last run the stage it has now, so that only a written change is one.
    seen = [(ids[it["id"]], str(it.get("was", it.get("stage")) or "")) for it in world.contacts]
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO sync.pairs (account_id, company_id, is_active, run_id) VALUES (%s, %s, %s, 'earlier')", pairs
        )
        cursor.executemany(
            "INSERT INTO sync.stage_baseline (contact_id, stage, run_id) VALUES (%s, %s, 'earlier')", seen
        )
        stages.begin_under(connection, settings.enabled_at or world.now, "earlier")
        if world.fields:
            base = Jsonb({it["name"]: it.get("base") for it in world.fields})
            account, company = pairs[0][:2] if pairs else (ids[world.accounts[0]["Id"]], ids[world.companies[0]["id"]])
            cursor.execute(
                "INSERT INTO sync.field_base (account_id, company_id, salesforce, hubspot, run_id)"
                " VALUES (%s, %s, %s, %s, 'earlier')",
                [account, company, base, base],
            )
    history.record_settings(database, settings, by="world", at=settings.enabled_at or world.now)
    if settings.sync_companies:
        _ask(database, loaded, settings)


def _ask(database: Database, loaded: LoadedWorld, settings: Settings) -> None:
    """Put the world's import and manual lists on record as requests."""
    for kind, name in (("import", "import_accounts"), ("manual", "manual_sync")):
        for record_id in _listed(loaded, name):
            system = "hubspot" if record_id.isdigit() else "salesforce"
            requests.add(
                database,
                settings,
                kind="manual" if kind == "manual" else "import",
                system=system,
                record_ids=[record_id],
                requested_by="world",
            )


def _listed(loaded: LoadedWorld, name: str) -> list[str]:
    """Return the real ids in a list of the world; `all` names every account."""
    value = loaded.world.settings.get(name) or []
    if value == "all":
        return [loaded.ids[row["Id"]] for row in loaded.world.accounts]
    return [loaded.ids[str(short)] for short in value if str(short) in loaded.ids]
