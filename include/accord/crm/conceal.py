"""Tokens taken out of whatever a service sends back, before anything else sees it."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

_SHOWN = b"***"
# What a token looks like, for those we were never told: a bearer or basic header, a Salesforce session, a HubSpot key,
# a signed assertion.
_SHAPES = re.compile(
    rb"(?i:\b(?:bearer|basic)\s+[\w.!+/=~-]{8,})|\b00D\w{12,15}![\w.]+|\bpat-\w{2,4}-[\w-]{8,}|\beyJ[\w-]{6,}\.[\w.-]+"
)
_JSON_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*\\(?:[^"\\]|\\.)*"')
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
        """Know these from now on, in every form in which a service may send them back."""
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
        return self._conceal(_JSON_TEXT.sub(self._conceal_escaped, body))

    def conceal_text(self, text: str) -> str:
        """Return a header of any answer, or the words after its status, freed as the body of an error is."""
        return self.conceal(text.encode("utf-8", "replace")).decode("utf-8", "replace")

    def _conceal(self, body: bytes) -> bytes:
        """Return a text without what is recognised in it as it stands."""
        body = self.conceal_data(body)
        for begun in self._begun:
            body = begun.sub(_SHOWN, body)
        return _SHAPES.sub(_SHOWN, body)

    def _conceal_escaped(self, found: re.Match[bytes]) -> bytes:
        """Return a JSON text with escapes in it, freed of what shows only when they are resolved."""
        try:
            text: bytes = orjson.loads(found[0]).encode()
        except (ValueError, UnicodeEncodeError):
            return found[0]
        freed = self._conceal(text)
        return found[0] if freed == text else orjson.dumps(freed.decode("utf-8", "replace"))


def _forms(secret: str) -> set[str]:
    """Return the forms in which a secret travels: as it is, in a URL, in JSON, in HTML, within a base64 text."""
    quoted = quote(secret, safe="")
    lower = re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)
    in_json = json.dumps(secret)[1:-1]
    return {secret, quoted, lower, in_json, in_json.replace("/", r"\/"), html.escape(secret), *_in_base64(secret)}


def _in_base64(secret: str) -> set[str]:
    """Return a secret in base64: alone, and wherever it stands in a longer text, without the letters it shares."""
    raw = secret.encode()
    alone = base64.b64encode(raw).decode()
    within = [base64.b64encode(b"\0" * before + raw).decode().rstrip("=") for before in range(3)]
    shared = [bool((before + len(raw)) % 3) for before in range(3)]
    inner = {text[first : len(text) - last] for text, first, last in zip(within, (0, 2, 3), shared, strict=True)}
    return {alone, *inner} - {""}
