"""hubspot-api-client made safe: one pool of ours under every API object, and every API object made once.

By itself the client opens new connections at every access, waits for ever, follows redirects with the token, drops the
body of a 200 it expected as 201, and resends a dropped GET three times outside any budget. Here its objects send by
`Channel`, and callers pass `_preload_content=False`, so that they get the answer itself and not a model of it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import hubspot

from accord.crm.answers import problem
from accord.crm.hubspot_said import call_said
from accord.crm.limits import wait_turn
from accord.crm.transport import TwoHalves
from accord.model.errors import QuotaExhausted, RateLimited

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    import urllib3

    from accord.crm.limits import Bucket, Limiter
    from accord.crm.transport import Channel
    from accord.model.clock import Clock

_SEARCH = re.compile(r"/crm/(?:v3/objects/\w+|objects/[\d-]+/\w+)/search\Z")
_WRITE = re.compile(r"/batch/(?:create|update|upsert|archive|labels/archive|associate/default)\Z")
_VARIABLE = re.compile(r"/\d+(?=/|\Z)|(?<=/name/).+")
# v3 paths end in September 2027; the same bodies answer under dated paths.
_DATED = (
    (re.compile(r"^/crm/v3/objects/"), "/crm/objects/{}/"),
    (re.compile(r"^/crm/v4/associations/"), "/crm/associations/{}/"),
    (re.compile(r"^/crm/v3/(lists|properties|owners)"), r"/crm/\1/{}"),
    (re.compile(r"^/account-info/v3/"), "/account-info/{}/"),
)


_BUCKETS: tuple[Bucket, ...] = ("hubspot", "hubspot_search")


class HubSpotPool:
    """Stands where the client's urllib3 pool was; counts calls, and turns a refusal into an error of ours.

    Attributes:
        last: the latest answer, for its headers.
        seen_at: when it came.
    """

    def __init__(self, channel: Channel, base_url: str, version: str, limiter: Limiter, clock: Clock) -> None:
        self.clock = clock
        self.last: urllib3.BaseHTTPResponse | None = None
        self.seen_at = datetime.min.replace(tzinfo=UTC)
        self._channel = channel
        self._base_url = base_url.rstrip("/")
        self._version = version
        self._limiter = limiter

    def request(
        self,
        method: str,
        url: str,
        body: str | None = None,
        fields: Any = None,
        headers: Mapping[str, str] | None = None,
        **_client_options: Any,
    ) -> urllib3.BaseHTTPResponse:
        """Return an answer of 2xx; called by the client's own code.

        Raises:
            AccordError: any other answer, or none.
        """
        path, _, query = url.removeprefix(self._base_url).partition("?")
        path = dated(path, self._version)
        query = urlencode(fields) if fields else query
        bucket: Bucket = "hubspot_search" if _SEARCH.search(path) else "hubspot"
        content = TwoHalves(body.encode()) if body is not None and _WRITE.search(path) else body
        target = self._base_url + path + (f"?{query}" if query else "")
        wait_turn(self._limiter, self.clock, bucket)
        answer = self._channel.send(method, target, {**(headers or {}), "Accept-Encoding": "gzip"}, content)
        self._note(answer)
        if not 200 <= answer.status < 300:
            raise self._refusal(f"HubSpot {method} {_VARIABLE.sub('/{id}', path)}", bucket, answer)
        return answer

    def _note(self, answer: urllib3.BaseHTTPResponse) -> None:
        """Take note of the day's calls."""
        self.last, self.seen_at = answer, self.clock.now()
        most = answer.headers.get("X-HubSpot-RateLimit-Daily", "")
        left = answer.headers.get("X-HubSpot-RateLimit-Daily-Remaining", "")
        if left.isdigit():
            self._limiter.observe("hubspot", int(most) - int(left) if most.isdigit() else None, int(left))

    def _refusal(self, call: str, bucket: Bucket, answer: urllib3.BaseHTTPResponse) -> Exception:
        """Return the error of a refused call; a limit stops the bucket for every process."""
        said = call_said(answer.status, answer.headers, answer.data)
        error = problem(call, said)
        if said.retry_after is not None:
            # Said outright, it is meant for whoever calls: searches and all others, also after a 503.
            for every in _BUCKETS:
                self._limiter.block(every, said.retry_after)
        elif isinstance(error, RateLimited):
            self._limiter.block(bucket, error.retry_after_seconds)
        if isinstance(error, QuotaExhausted):
            self._limiter.observe("hubspot", None, 0)
        return error


def dated(path: str, version: str) -> str:
    """Return a path of the client in the API version that is set; `v3` is the client's own."""
    if version == "v3":
        return path
    for pattern, replacement in _DATED:
        path = pattern.sub(replacement.format(version), path)
    return path


def client_over(pool: HubSpotPool, base_url: str, token: str) -> hubspot.HubSpot:
    """Return a client whose API objects are made once each and share this pool."""
    made: dict[tuple[str, str], Any] = {}

    def api(package: ModuleType, name: str, _config: dict[str, Any]) -> Any:
        key = (package.__name__, name)
        if key not in made:
            configuration = package.Configuration(host=base_url.rstrip("/"))
            configuration.access_token, configuration.retries = token, False
            client = package.ApiClient(configuration=configuration)
            client.rest_client.pool_manager = pool
            made[key] = getattr(package, name)(api_client=client)
        return made[key]

    return hubspot.HubSpot(api_factory=api)
