"""Where the settings file is."""

from __future__ import annotations

import os
from pathlib import Path

SETTINGS_VARIABLE = "ACCORD_SETTINGS"


def settings_path() -> Path:
    """Return the file named by ACCORD_SETTINGS, else `config/accord.yaml` beside the DAGs."""
    named = os.environ.get(SETTINGS_VARIABLE)
    return Path(named) if named else Path(__file__).parents[3] / "config" / "accord.yaml"
