"""One alert, told by one of Airflow's notifiers as the settings name it."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.sdk.configuration import conf

if TYPE_CHECKING:
    from accord.model.alert_settings import Notifier
    from accord.model.alerts import Change

_log = logging.getLogger(__name__)


def told_by(notifier: Notifier, change: Change, run_id: str) -> bool:
    """Return whether a notifier took an alert; what goes wrong in one is logged and stops neither run nor others."""
    module, _, name = notifier.classpath.rpartition(".")
    try:
        tell = getattr(import_module(module), name)(**notifier.kwargs)
        tell(_context(change, run_id))
    except Exception as problem:
        said = f"{type(problem).__name__}: {problem}"
        _log.error("notifier %s of the settings could not tell %r: %s", notifier.name, change.title, said)
        return False
    return True


def _context(change: Change, run_id: str) -> dict[str, Any]:
    """Return what the templates of a notifier may use: `alert` and nothing else."""
    dag_id, _, name = run_id.partition("/")
    base = str(conf.get("api", "base_url", fallback="") or "").rstrip("/")
    return {
        "alert": {
            "kind": change.kind,
            "subject": change.subject,
            "title": change.title,
            "text": change.text,
            "is_over": change.is_over,
            "dag_id": dag_id,
            "run_id": name,
            "link": f"{base}/dags/{quote(dag_id, safe='')}/runs/{quote(name, safe='')}",
        }
    }
