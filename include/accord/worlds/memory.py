"""What Accord remembers of earlier runs in a world: pairs, stages, field values, requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from accord.store import history, requests, stages
from accord.worlds.answered import is_active

if TYPE_CHECKING:
    from accord.model.settings import Settings
    from accord.sandbox.world import LoadedWorld
    from accord.sandbox.world_ids import IdKind, WorldIds
    from accord.store.database import Database


def remember(database: Database, loaded: LoadedWorld, settings: Settings) -> None:
    """Write a world's memory into an empty, migrated database: the switch was on before, so stages have a baseline."""
    world, names = loaded.world, loaded.names
    pairs = [
        (names.real("Account", it["account"]), names.real("companies", it["company"]), is_active(world, it))
        for it in world.links
    ]
    # A contact without `was` had at the last run the stage it has now, so that only a written change is one.
    seen = [(names.real("contacts", it["id"]), str(it.get("was", it.get("stage")) or "")) for it in world.contacts]
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(_REVIEWED, [_review(names, it) for it in world.resolutions])
        cursor.executemany(
            "INSERT INTO sync.pairs (account_id, company_id, is_active, run_id) VALUES (%s, %s, %s, 'earlier')", pairs
        )
        cursor.executemany(
            "INSERT INTO sync.stage_baseline (contact_id, stage, run_id) VALUES (%s, %s, 'earlier')", seen
        )
        stages.begin_under(connection, settings.enabled_at or world.now, "earlier")
        if world.fields:
            base = Jsonb({it["name"]: it.get("base") for it in world.fields})
            account, company = pairs[0][:2] if pairs else _only_pair(loaded)
            cursor.execute(
                "INSERT INTO sync.field_base (account_id, company_id, salesforce, hubspot, run_id)"
                " VALUES (%s, %s, %s, %s, 'earlier')",
                [account, company, base, base],
            )
    history.record_settings(database, settings, by="world", at=settings.enabled_at or world.now)
    if settings.sync_companies:
        _ask(database, loaded, settings)


def _only_pair(loaded: LoadedWorld) -> tuple[str, str]:
    """Return the first account and company, which are the pair of a world with fields and without links."""
    account, company = loaded.world.accounts[0]["Id"], loaded.world.companies[0]["id"]
    return loaded.names.real("Account", account), loaded.names.real("companies", company)


def _review(names: WorldIds, resolution: dict[str, Any]) -> dict[str, str | None]:
    """Return the review that a resolution of the world stands for: answered, or still open (R47)."""
    account, company, choice = resolution.get("account"), resolution.get("company"), resolution["choice"]
    account_id = names.real("Account", account) if account else None
    company_id = names.real("companies", company) if company else None
    is_open = choice.startswith("tie_")
    return {
        "system": "salesforce" if account_id else "hubspot",
        "record": account_id or company_id,
        "reason": choice if is_open else "answered_before",
        "rule": "R47" if is_open else "",
        "state": "open" if is_open else "answered",
        "choice": None if is_open else choice,
        "account": account_id,
        "company": company_id,
    }


def _ask(database: Database, loaded: LoadedWorld, settings: Settings) -> None:
    """Put the world's import and manual lists on record as requests."""
    asked: tuple[tuple[requests.Kind, str, list[str]], ...] = (
        ("import", "salesforce", _listed(loaded, "Account", "import_accounts")),
        ("manual", "salesforce", _listed(loaded, "Account", "manual_sync")),
        ("manual", "hubspot", _listed(loaded, "companies", "manual_sync")),
    )
    for kind, system, record_ids in asked:
        requests.add(database, settings, kind=kind, system=system, record_ids=record_ids, requested_by="world")


def _listed(loaded: LoadedWorld, kind: IdKind, name: str) -> list[str]:
    """Return the real ids of one kind in a list of the world; `all` names every account, a stranger nothing."""
    value = loaded.world.settings[name]
    if value == "all":
        return [loaded.names.real(kind, row["Id"]) for row in loaded.world.accounts]
    found = (loaded.names.find(kind, short) for short in value)
    return list(dict.fromkeys(real for real in found if real is not None))


_REVIEWED = """
    INSERT INTO sync.reviews (system, record_id, reason, rule, state, choice, account_id, company_id, run_id)
    VALUES (%(system)s, %(record)s, %(reason)s, %(rule)s, %(state)s, %(choice)s, %(account)s, %(company)s, 'earlier')
"""
