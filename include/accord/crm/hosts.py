"""Which hosts may be spoken to. A token is sent to nobody else, whatever a connection, an id or an answer says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from accord.model.errors import BadSettings

SALESFORCE_HOSTS = ("login.salesforce.com", "test.salesforce.com", ".my.salesforce.com")
HUBSPOT_HOSTS = ("api.hubapi.com", "api-eu1.hubapi.com")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Everything but printable ASCII without blank and backslash. Readers of URLs do not agree on those: one takes
# `https://evil.example\\.my.salesforce.com` for a host of Salesforce, the next one connects to evil.example.
_DISPUTED = re.compile(r"[^!-\[\]-~]")


@dataclass(frozen=True)
class Hosts:
    """The hosts of one CRM.

    Attributes:
        names: host names, or domains that begin with a dot.
        sandbox_url: where every call goes instead (`http://127.0.0.1:8099`); None: to the host itself, over TLS.
    """

    names: tuple[str, ...]
    sandbox_url: str | None = None

    def __post_init__(self) -> None:
        """Refuse a sandbox elsewhere than on this machine.

        Raises:
            BadSettings: the host is not loopback.
        """
        if self.sandbox_url is None:
            return
        parts = _split(self.sandbox_url)
        if parts.hostname not in _LOOPBACK or parts.scheme != "http" or parts.username is not None:
            raise BadSettings(
                f"sandbox host {parts.hostname!r}: a sandbox is spoken to at http://127.0.0.1, localhost or [::1] only"
            )

    def admit(self, url: str) -> tuple[str, str]:
        """Return the address to call for a URL, and the host that was meant.

        Raises:
            BadSettings: the host is not one of this CRM, the scheme is not https, or the URL names a user, a foreign
                port or a path that climbs; raised before any socket is opened.
        """
        parts = _split(url)
        if not self._is_ours(parts):
            raise BadSettings(f"host {parts.hostname!r} is none of {', '.join(self.names)}: nothing was sent there")
        if any(step in {".", ".."} for step in parts.path.replace("%2e", ".").replace("%2E", ".").split("/")):
            raise BadSettings("the path of a call climbs with '..': nothing was sent")
        if self.sandbox_url is None:
            return url, parts.netloc
        return self.sandbox_url.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else ""), parts.netloc

    def _is_ours(self, parts: SplitResult) -> bool:
        """Return whether this is a host of the CRM, or the sandbox that stands for it."""
        if parts.username is not None or parts.password is not None:
            return False
        if self.sandbox_url and parts.netloc == _split(self.sandbox_url).netloc:
            return True
        if parts.scheme != "https" or parts.port not in {None, 443}:
            return False
        host = (parts.hostname or "").lower()
        return any(host.endswith(name) if name.startswith(".") else host == name for name in self.names)


def _split(url: str) -> SplitResult:
    """Return the parts of a URL.

    Raises:
        BadSettings: it has no such parts.
    """
    unreadable = BadSettings("an address of a CRM cannot be read as a URL: nothing was sent")
    if _DISPUTED.search(url):
        raise unreadable
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise unreadable from None
    return parts
