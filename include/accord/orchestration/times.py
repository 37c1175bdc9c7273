"""Times as people type them into a form."""

from __future__ import annotations

from datetime import UTC, datetime

from accord.model.errors import BadInput


def parse_utc(text: str) -> datetime:
    """Return a date or time as UTC; one without a zone is read as UTC.

    Raises:
        BadInput: the text is no ISO 8601 date or time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is no date: write 2026-01-31 or 2026-01-31T08:00:00Z") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
