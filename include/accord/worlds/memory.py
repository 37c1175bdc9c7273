"""What Accord remembers of earlier runs in a world: pairs, stages, field values, requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.store import requests

if TYPE_CHECKING:
    from accord.model.settings import Settings
    from accord.sandbox.world import LoadedWorld
    from accord.sandbox.world_ids import IdKind, WorldIds
    from accord.store.database import Database


def remember(database: Database, loaded: LoadedWorld, settings: Settings) -> None:
    """Write a world's memory into an empty, migrated database."""
    world, names = loaded.world, loaded.names
    pairs = [(names.real("Account", it["account"]), names.real("companies", it["company"])) for it in world.links]
    active = [it.get("active", True) for it in world.links]
    # A contact without `was` had at the last run the stage it has now, so that only a written change is one.
    stages = [(names.real("contacts", it["id"]), str(it.get("was", it.get("stage")) or "")) for it in world.contacts]
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO sync.pairs (account_id, company_id, is_active, run_id) VALUES (%s, %s, %s, 'earlier')",
            [(*pair, is_active) for pair, is_active in zip(pairs, active, strict=True)],
        )
        cursor.executemany(_REVIEWED, [_review(names, it) for it in world.resolutions])
        cursor.executemany(
            "INSERT INTO sync.stage_baseline (contact_id, stage, run_id) VALUES (%s, %s, 'earlier')", stages
        )
        if world.fields and pairs:
            cursor.executemany(
                "INSERT INTO sync.field_base (account_id, company_id, name, value, run_id)"
                " VALUES (%s, %s, %s, %s, 'earlier')",
                [(*pairs[0], it["name"], it.get("base")) for it in world.fields],
            )
    if settings.sync_companies:
        _ask(database, loaded, settings)


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
