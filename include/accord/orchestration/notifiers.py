"""The notifiers of Accord: one that people may name in the settings, one that tells when an approval begins to wait."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger(__name__)


class LogNotifier(BaseNotifier):
    """Writes each alert as one line to the log of the task or callback that saw it: a warning, or that it is over."""

    def notify(self, context: Mapping[str, Any]) -> None:
        """Log the alert."""
        alert = context["alert"]
        level = logging.INFO if alert["is_over"] else logging.WARNING
        _log.log(level, "ALERT %s: %s %s", alert["title"], alert["text"], alert["link"])


class ApprovalNotifier(BaseNotifier):
    """Tells, once for each plan, that an approval waits; Airflow calls it when the question is asked."""

    def notify(self, context: Mapping[str, Any]) -> None:
        """Raise the alert; a question is asked whether or not people could be told."""
        from accord.orchestration.alerts import approval_waits

        approval_waits(context)
