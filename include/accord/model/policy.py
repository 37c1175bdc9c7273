"""What the rules need to know besides the records: one frozen value, made from settings at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DEFAULT_STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
)


@dataclass(frozen=True)
class Policy:
    """The settings that decide, as the pure core sees them.

    Attributes:
        sync_companies: the master switch (R1).
        enabled_at: when it was last switched on, UTC (R3, R6-R8, R43).
        default_object: what HubSpot people become in Salesforce; only Contact lets R31 fire.
        has_inclusion_list: a list is configured, possibly empty (R39, R40).
        no_list_means: how R33 reads without a list (U4b).
        strict_projection: R33 also asks that the person would not become a lead (U4a).
        backfill_companies: companies older than the switch may be created from (R43).
        on_tie: what R18 does with several equal companies (U1).
        recreate_deleted: deleted partners may be created anew by ordinary rules (U9).
        attach_private_contacts: R41 moves private contacts to the account made for their company.
        associate_contacts: R13b gives people without a company the company of their account.
        min_shared_contacts: how many people a claim needs (U17).
        max_creates: creations in one plan above which all of them are held (R96).
        max_changed_share: share of live records written above which all creations are held (R97); 1 switches it off.
        stage_order: lifecycle stages from first to last (R54, R61).
        stage_baseline_exists: False on the first run after the switch-on, when stages are only recorded (R60).
    """

    sync_companies: bool
    enabled_at: datetime
    default_object: Literal["Contact", "Lead"] = "Contact"
    has_inclusion_list: bool = False
    no_list_means: Literal["nobody_listed", "everybody_listed"] = "nobody_listed"
    strict_projection: bool = False
    backfill_companies: bool = False
    on_tie: Literal["review", "oldest", "create"] = "review"
    recreate_deleted: bool = False
    attach_private_contacts: bool = True
    associate_contacts: bool = True
    min_shared_contacts: int = 1
    max_creates: int = 25
    max_changed_share: float = 1.0
    stage_order: tuple[str, ...] = DEFAULT_STAGES
    stage_baseline_exists: bool = True
