"""placeholder"""

from __future__ import annotations

from accord.sandbox.core import Crms


def generate(crms: Crms, accounts: int = 5000, seed: int = 1, months: int = 6) -> None:
    """Return nothing."""
