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
# Shorter secrets exist on developers' machines only, where the same text may well be somebody's name.
_TOKEN_LENGTH = 20


class Secrets:
    """The secrets in use, so that an answer that echoes one does not carry it into a message, a table or a log."""

    def __init__(self, register: Callable[[str], None] | None = None) -> None:
        """Start with none.

        Args:
            register: told every secret too, such as Airflow's `mask_secret`.
        """
        self._register = register
        self._whole: list[bytes] = []
        self._begun: list[re.Pattern[bytes]] = []

    def __repr__(self) -> str:
        return f"Secrets({len(self._whole)} forms)"

    def add(self, *secrets: str | None) -> None:
        """Know these from now on, as they are, URL-encoded and in base64."""
        for secret in filter(None, secrets):
            if self._register:
                self._register(secret)
            self._whole += [form.encode() for form in _forms(secret)]
            # A session begins with the id of the org, which is no secret: only what follows is recognised.
            starts = {form[:_RECOGNISED].encode() for form in _forms(secret.rpartition("!")[2])}
            self._begun += [re.compile(re.escape(start) + rb"[\w.!+/=%~-]*") for start in starts]

    def conceal_data(self, body: bytes) -> bytes:
        """Return records without whole secrets in them; anything less certain could be somebody's data."""
        for form in self._whole:
            if len(form) >= _TOKEN_LENGTH:
                body = body.replace(form, _SHOWN)
        return body

    def conceal(self, body: bytes) -> bytes:
        """Return the body of an error without secrets, parts of secrets, and what looks like one."""
        for begun in self._begun:
            body = begun.sub(_SHOWN, body)
        return _SHAPES.sub(_SHOWN, self.conceal_data(body))


def _forms(secret: str) -> set[str]:
    """Return the forms in which a secret travels: as it is, URL-encoded, in base64."""
    return {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}
