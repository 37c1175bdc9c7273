"""Which accounts take part in matching and creation (R6-R11), and which wait outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.rules.arrays import Bools

if TYPE_CHECKING:
    from accord.model.policy import Policy
    from accord.rules.answers import Answers
    from accord.rules.identity import Identity
    from accord.rules.records import Records
    from accord.rules.undone import Undone


@dataclass(frozen=True)
class Standing:
    """Live accounts without a pair, sorted into disjoint kinds; the order is R21, R104, R76, R11, R7.

    Attributes:
        is_person: person accounts, however old (R11).
        inside: take part (R6, R8, R9).
        outside: older than the switch, untouched and not imported; rivals all the same (R7, R19b).
        undone: somebody undid their pairing or creation, and nobody asked for it again (R104).
        buried: their company was archived, and nobody asked for a new one (R76).
        matchable: everything that people can point at by hand (R47): inside, outside, undone and buried.
    """

    is_person: Bools
    inside: Bools
    outside: Bools
    undone: Bools
    buried: Bools
    matchable: Bools


def account_standing(
    records: Records, identity: Identity, answers: Answers, undone: Undone, policy: Policy
) -> Standing:
    """Return where each unpaired live account stands; imports, requests and `recreate_deleted` lift R76."""
    accounts = records.accounts
    unpaired = accounts.is_live & (identity.company < 0) & ~identity.in_review & ~identity.company_unseen
    is_wanted = accounts.is_wanted | answers.make_company
    lifted = is_wanted | policy.recreate_deleted
    resting = unpaired & undone.accounts
    unpaired &= ~resting
    buried = unpaired & identity.company_gone & ~lifted
    is_person = unpaired & ~buried & accounts.is_person
    pool = unpaired & ~buried & ~is_person
    inside = pool & (accounts.is_new | accounts.is_touched | is_wanted)
    return Standing(
        is_person=is_person,
        inside=inside,
        outside=pool & ~inside,
        undone=resting,
        buried=buried,
        matchable=pool | (buried & ~accounts.is_person) | (resting & ~accounts.is_person),
    )
