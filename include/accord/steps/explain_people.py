"""Everything that Accord knows of one contact or lead: whom the rules pair it with, and what it was part of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.model.facts import PersonStory, Role
from accord.steps import facts
from accord.steps.pairing import paired
from accord.steps.view import view
from accord.store import explained_people
from accord.store.names import names

if TYPE_CHECKING:
    from accord.model.facts import Record, State
    from accord.store.database import Database, Row


def person_story(database: Database, record: Record, row: Row | None, state: State, heir: Record | None) -> PersonStory:
    """Return everything that is known of a contact or lead.

    Args:
        database: the warehouse.
        record: the contact or lead.
        row: as staging holds it, None where it does not.
        state: whether it lives.
        heir: where a merged one lives on.
    """
    seen = view(database)
    known = paired(database, seen, record)
    in_hubspot = [record.id] if record.system == "hubspot" else [it.id for it, _ in known.counterparts]
    seats = explained_people.companies_of(database, in_hubspot)
    roles = explained_people.roles(database, record.system, record.id)
    writes = explained_people.writes_about(database, record.system, record.id)
    account_id = row.get("account_id") if row else None
    named = names(
        database,
        [
            ("salesforce", "account", account_id),
            *(("hubspot", "company", it["company_id"]) for it in seats),
            *(it for role in roles for it in facts.ids_of_decision(role)),
            *(it for write in writes for it in facts.ids_of_write(write)),
        ],
    )
    return PersonStory(
        record=record,
        state=state,
        heir=heir,
        is_private=record.system == "salesforce" and record.kind == "contact" and row is not None and not account_id,
        account=named.account(account_id),
        converted=known.converted,
        counterparts=known.counterparts,
        unpaired=known.unpaired if state == "live" else "not_live",
        companies=tuple(
            (it, row["is_primary"]) for row in seats if (it := named.company(row["company_id"])) is not None
        ),
        is_listed=known.is_listed,
        stage=(row.get("stage") if row else "") or "",
        roles=tuple(Role(_role(it, record.id), facts.decided(it, named)) for it in roles),
        writes=tuple((facts.run_of(it), facts.write(it, named)) for it in writes),
    )


def _role(row: Row, record_id: str) -> str:
    """Return what a person was for a decision; of those who asked for a stage the furthest one moved it (R53)."""
    return "stage_behind" if row["role"] == "stage" and row["because_id"] != record_id else str(row["role"])
