"""Tokens taken out of whatever a service sends back, before anything else sees it."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable

_SHOWN = b"***"
# What a token looks like, for those we were never told: a bearer or basic header, a Salesforce session, a HubSpot key.
_SHAPES = re.compile(rb"(?i:\b(?:bearer|basic)\s+[\w.!+/=~-]{8,})|\b00D\w{12,15}![\w.]+|\bpat-\w{2,4}-[\w-]{8,}")
_RECOGNISED = 12


class Secrets:
    """The secrets in use, so that an answer that echoes one does not carry it into a message, a table or a log."""

    def __init__(self, register: Callable[[str], None] | None = None) -> None:
        """Start with none.

        Args:
            register: told every secret too, such as Airflow's `mask_secret`.
        """
        self._register = register
        self._forms: list[re.Pattern[bytes]] = []

    def __repr__(self) -> str:
        return f"Secrets({len(self._forms)} forms)"

    def add(self, *secrets: str | None) -> None:
        """Know these from now on, as they are, URL-encoded and in base64."""
        for secret in filter(None, secrets):
            if self._register:
                self._register(secret)
            encoded = base64.b64encode(secret.encode()).decode()
            for form in {secret, quote(secret, safe=""), encoded}:
                # The first characters are enough to recognise one that was cut off or continues differently.
                self._forms.append(re.compile(re.escape(form[:_RECOGNISED]).encode() + rb"[\w.!+/=%~-]*"))

    def conceal(self, body: bytes) -> bytes:
        """Return the body with every secret replaced by `***`."""
        for form in self._forms:
            body = form.sub(_SHOWN, body)
        return _SHAPES.sub(_SHOWN, body)

    def clean(self, text: str) -> str:
        """Return the text with every secret replaced by `***`."""
        return self.conceal(text.encode(errors="replace")).decode()
