"""What a new pair begins with in the memory of mapped fields. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.store import settling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accord.model.settings import FieldRule
    from accord.steps.intents import Wish

    Values = Mapping[str, str | None]


def both_sides(wish: Wish, rules: Sequence[FieldRule]) -> tuple[str, str, Values, Values]:
    """Return what both sides of a new pair have once its record is created, as the memory of fields keeps it.

    A value that was not sent is blank on the new side. A reference that was not sent is blank on both, as if it had
    come up since: so a later run writes it. The owner that Salesforce gives a new account by itself is no change.
    """
    system, record_id = settling.about(wish.intent)
    to_hubspot, sent = wish.intent.system == "hubspot", wish.intent.fields.keys()
    had, arrived = dict(wish.common), dict(wish.common)
    for rule in (rule for rule in rules if (rule.hubspot if to_hubspot else rule.salesforce) not in sent):
        arrived[rule.name] = None
        if rule.kind == "owner" or (rule.kind == "parent" and to_hubspot):
            had[rule.name] = None
        if rule.kind == "owner" and not to_hubspot:
            del arrived[rule.name]
    sides = (had, arrived) if to_hubspot else (arrived, had)
    return system, record_id, *sides
