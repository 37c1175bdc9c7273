"""The settings as the rules see them, with what only the warehouse knows: the switch-on, the stages, their baseline."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from accord.model.policy import DEFAULT_STAGES
from accord.store import history, stages

if TYPE_CHECKING:
    from datetime import datetime

    from accord.model.policy import Policy
    from accord.model.settings import Settings
    from accord.store.database import Database

_log = logging.getLogger(__name__)


def policy_of(database: Database, settings: Settings, now: datetime) -> Policy:
    """Return the settings as the rules see them.

    Args:
        database: the warehouse.
        settings: those to decide by.
        now: the time, UTC; the switch-on where none is on record yet (R3).
    """
    return settings.policy(
        history.enabled_at(database, settings, now),
        stage_order=stage_order(database, settings),
        stage_baseline_exists=stages.is_begun(database, history.switched_on(database, settings, now)),
    )


def stage_order(database: Database, settings: Settings) -> tuple[str, ...]:
    """Return the stages from first to last: those of the settings, else the portal's own (R61).

    Where the settings name none and the portal was not asked yet, HubSpot's usual order stands in, and a warning says
    so.
    """
    if settings.stage_order:
        return settings.stage_order
    found = stages.portal_order(database)
    if not found:
        _log.warning(
            "stage_order is empty and the options of lifecyclestage were not read from the portal: "
            "HubSpot's usual order is used (%s)",
            ", ".join(DEFAULT_STAGES),
        )
    return found or DEFAULT_STAGES
