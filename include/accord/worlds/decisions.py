"""A plan in the words of a world's `expect`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.sandbox.world_ids import natural

if TYPE_CHECKING:
    from accord.model.snapshot import Plan
    from accord.worlds.names import Names, WorldNames

    Row = dict[str, Any]

_NAMED_ACCOUNTS = {"taken_by": "taken_by_key", "rival": "rival_key", "waiting_for": "waiting_for_key"}
_SIDES = {"salesforce": "sf", "hubspot": "hs"}
_REPRESENTED = "contacts_already_represented"


def world_decisions(plan: Plan, names: WorldNames) -> list[Row]:
    """Return one row per decision with the short keys of worlds, keys that do not apply and held fields left out.

    `warn` is a text where there is one warning and a list where there are several. A company whose people are
    already represented names that other company as `with` (R34), every other decision its partner.
    """
    people = _people(plan, names)
    rows = [_decision(row, people, names) for row in plan.decisions.to_dict("records")]
    return rows + [_field(row) for row in plan.fields.to_dict("records") if not row["held"]]


def _decision(row: Row, people: dict[tuple[str, int, str], list[str]], names: WorldNames) -> Row:
    """Return one decision."""
    is_account = row["system"] == "salesforce"
    own, other = (names.accounts, names.companies) if is_account else (names.companies, names.accounts)
    partner, runner_up = other.short(row["partner_key"]), names.companies.short(row["runner_up_key"])
    if row["reason"] == _REPRESENTED:
        partner, runner_up = runner_up, None
    decision = {"target": own.short(row["key"]), "do": row["action"], "reason": row["reason"], "with": partner}
    decision |= {"runner_up": runner_up, "because": names.persons.short(row["because_key"])}
    decision |= {name: names.accounts.short(row[column]) for name, column in _NAMED_ACCOUNTS.items()}
    decision |= {role: people.get((row["system"], row["key"], role)) for role in ("attach", "associate")}
    decision |= {
        "value": row["value"],
        "evidence": row["evidence"],
        "warn": _warn(row["warnings"]),
        "rule": row["rule"],
    }
    if row["action"] == "SET_STAGE":
        decision |= {"attach": None, "associate": None, "evidence": None}
    return {name: value for name, value in decision.items() if value}


def _people(plan: Plan, names: WorldNames) -> dict[tuple[str, int, str], list[str]]:
    """Return the people that a decision moves, by target and role: attached Salesforce, associated HubSpot contacts."""
    found: dict[tuple[str, int, str], set[int]] = {}
    kinds: dict[str, tuple[str, Names]] = {
        "attach": ("salesforce_contact_key", names.contacts),
        "associate": ("hubspot_contact_key", names.persons),
    }
    for row in plan.people.to_dict("records"):
        if row["role"] in kinds:
            found.setdefault((row["system"], row["key"], row["role"]), set()).add(row[kinds[row["role"]][0]])
    return {
        target: sorted((str(kinds[target[2]][1].short(key)) for key in keys), key=natural)
        for target, keys in found.items()
    }


def _field(row: Row) -> Row:
    """Return one SET_FIELD; a value of None clears."""
    value = row["value"] if isinstance(row["value"], str) else None
    decision = {"target": row["name"], "do": "SET_FIELD", "side": _SIDES[row["side"]], "value": value}
    return {**decision, "rule": row["rule"]}


def _warn(warnings: str) -> str | list[str] | None:
    """Return no, one or several warnings."""
    found = warnings.split()
    return found if len(found) > 1 else (found[0] if found else None)
