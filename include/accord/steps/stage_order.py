"""The order of lifecycle stages by which companies move forward (R54, R61)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from accord.model.policy import DEFAULT_STAGES
from accord.store import stages

if TYPE_CHECKING:
    from accord.steps.wiring import Wiring

_log = logging.getLogger(__name__)


def stage_order(wiring: Wiring) -> tuple[str, ...]:
    """Return the stages from first to last: those of the settings, else the portal's own (R61).

    Where the settings name none and the portal was not asked yet, HubSpot's usual order stands in, and a warning says
    so.
    """
    if wiring.settings.stage_order:
        return wiring.settings.stage_order
    found = stages.portal_order(wiring.database)
    if not found:
        _log.warning(
            "stage_order is empty and the options of lifecyclestage were not read from the portal: "
            "HubSpot's usual order is used (%s)",
            ", ".join(DEFAULT_STAGES),
        )
    return found or DEFAULT_STAGES
