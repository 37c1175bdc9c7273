"""What both CRMs say of the mapped fields: a map that does not fit stops the run, the rest is kept for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.model.errors import BadSettings
from accord.steps.intake import require_fields
from accord.steps.mapped_types import hubspot_problems, salesforce_problems
from accord.store.described import Described, replace_described

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from accord.crm.hubspot import PropertyInfo
    from accord.crm.salesforce import FieldInfo
    from accord.steps.wiring import Wiring
    from accord.store.sources import Source

STAGE_PROPERTY = "lifecyclestage"
"""Company property whose options are the stages, from first to last (R61)."""
_TRIES = 4


def describe_accounts(wiring: Wiring, source: Source) -> Mapping[str, FieldInfo]:
    """Return the fields of Account that our user sees, after keeping what they say of the mapped ones.

    Raises:
        MissingField: a mapped or key field is not there.
        BadSettings: a mapped field does not fit its rule (R72); every problem is listed.
    """
    found, rules = wiring.salesforce.describe(source.object_name), wiring.settings.fields
    require_fields(source, found)
    _refuse(salesforce_problems(rules, found))
    mapped = [found[name] for name in dict.fromkeys(rule.salesforce for rule in rules)]
    replace_described(
        wiring.database,
        "salesforce",
        source.object_name,
        [Described(it.name, it.type, it.is_formula, it.picklist) for it in mapped],
    )
    return found


def describe_companies(wiring: Wiring, source: Source) -> None:
    """Keep what HubSpot says of the mapped company properties and of the stages; costs one call.

    HubSpot leaves unknown names out of its answers without a word, so that nobody else would notice a missing one.

    Raises:
        MissingField: a mapped or key property is not there.
        BadSettings: a mapped property does not fit its rule (R72); every problem is listed.
    """
    found, rules = read_properties(wiring, source.required()), wiring.settings.fields
    require_fields(source, [*found, "id", "archived"])
    _refuse(hubspot_problems(rules, found))
    kept = [found[name] for name in dict.fromkeys(rule.hubspot for rule in rules)]
    stages = found[STAGE_PROPERTY]
    ranked = tuple(option for option in stages.options if option not in stages.hidden_options)
    replace_described(
        wiring.database,
        "hubspot",
        source.object_name,
        [
            *(Described(it.name, it.type, False, it.options) for it in kept if it.name != STAGE_PROPERTY),
            Described(stages.name, stages.type, False, ranked),
        ],
    )


def read_properties(wiring: Wiring, needed: Collection[str]) -> Mapping[str, PropertyInfo]:
    """Return the company properties; where a needed one is missing they are asked for again: answers may be short."""
    found: dict[str, PropertyInfo] = {}
    for _ in range(_TRIES):
        found |= wiring.hubspot.properties("companies")
        if set(needed) - found.keys() <= {"id", "archived"}:
            break
    return found


def _refuse(problems: Sequence[str]) -> None:
    """Stop when the field map does not fit."""
    if problems:
        raise BadSettings(f"nothing was decided: {'; '.join(problems)}")
