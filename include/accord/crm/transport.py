"""One guarded way out for both clients: allowed hosts, deadlines, no redirects, bounded answers, no echo of secrets."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import certifi
import requests
import urllib3
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from accord.crm.answers import Lost, NotSent
from accord.crm.timed import timed_pool
from accord.model.killpoints import passing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from accord.crm.conceal import Secrets
    from accord.crm.hosts import Hosts
    from accord.model.settings import Wire

_LONGEST_ANSWER = 64 * 2**20
# A call may last as long as five of the longest silences: with the default of 120 s the ten minutes that Salesforce
# itself allows a call.
_SILENCES = 5
_CHUNK = 2**16
_LOGIN_PATH = "/services/oauth2/token"


class TwoHalves:
    """The body of a write, sent in two pieces so that a test can die between and after them."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __len__(self) -> int:
        return len(self._body)

    def __iter__(self) -> Iterator[bytes]:
        half = len(self._body) // 2
        yield self._body[:half]
        passing("K4")
        yield self._body[half:]
        passing("K5")


class Channel:
    """Sends one request and returns its answer; knows nothing of either API.

    Attributes:
        secrets: what is taken out of every answer.
    """

    def __init__(self, hosts: Hosts, wire: Wire, secrets: Secrets, *, longest_answer: int = _LONGEST_ANSWER) -> None:
        silence = wire.read_timeout_seconds
        self._hosts = hosts
        self.secrets = secrets
        self._longest = longest_answer
        self._timeout = urllib3.Timeout(connect=wire.connect_timeout_seconds, read=silence)
        self._pool = timed_pool(_SILENCES * silence, silence, maxsize=16, ca_certs=certifi.where())

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: Any = None, *, stream: bool = False
    ) -> urllib3.BaseHTTPResponse:
        """Return the answer, whatever its status; its body is read and freed of secrets unless it is to be streamed.

        Raises:
            BadSettings: the host is not allowed; nothing was sent.
            NotSent: no connection was made.
            Lost: sent, and no whole answer came back.
        """
        target, host = self._hosts.admit(url)
        sent = {**headers, "X-Original-Host": host} if target != url else dict(headers)
        if isinstance(body, TwoHalves):
            sent["Content-Length"] = str(len(body))
        try:
            answer = self._pool.request(
                method,
                target,
                body=body,
                headers=sent,
                preload_content=False,
                redirect=False,
                retries=False,
                timeout=self._timeout,
            )
            # The clients follow a redirect with the token in their hands; without the header they cannot.
            answer.headers.pop("Location", None)
            self._free_words(answer)
            return answer if stream and answer.status < 300 else self._read(answer, target)
        except urllib3.exceptions.HTTPError as problem:
            raise _translated(problem) from None

    def _read(self, answer: urllib3.BaseHTTPResponse, target: str) -> urllib3.HTTPResponse:
        """Return the answer with its whole body in memory, decoded.

        Raises:
            Lost: the body is longer than any honest answer.
        """
        body = bytearray()
        for chunk in answer.stream(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._longest:
                answer.close()
                raise Lost(f"the answer is longer than {self._longest} bytes and was cut off")
        freed = self._freed(bytes(body), answer.status, is_login=urllib3.util.parse_url(target).path == _LOGIN_PATH)
        headers = answer.headers.copy()
        headers.discard("Content-Encoding")
        headers.discard("Content-Length")
        return urllib3.HTTPResponse(
            body=io.BytesIO(freed),
            headers=headers,
            status=answer.status,
            reason=answer.reason,
            preload_content=False,
        )

    def _free_words(self, answer: urllib3.BaseHTTPResponse) -> None:
        """Free headers and reason of secrets in place: an error names a content type, and a log the reason."""
        for name, value in list(answer.headers.items()):
            freed = self.secrets.conceal_text(value)
            if freed != value:
                answer.headers[name] = freed
        answer.reason = self.secrets.conceal_text(answer.reason or "")

    def _freed(self, body: bytes, status: int, *, is_login: bool) -> bytes:
        """Return a body freed of secrets, but for the one that a login is there to bring."""
        if status >= 300:
            return self.secrets.conceal(body)
        return body if is_login else self.secrets.conceal_data(body)


class ChannelAdapter(BaseAdapter):
    """Lets a `requests` session send through a channel, and through nothing else.

    Attributes:
        secrets: those of the channel.
    """

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self.secrets = channel.secrets
        self._channel = channel

    def send(self, request: requests.PreparedRequest, stream: bool = False, *_: Any, **__: Any) -> requests.Response:
        """Return the answer; timeouts and proxies of the caller are replaced by the channel's own."""
        raw = self._channel.send(
            request.method or "GET", request.url or "", request.headers, request.body, stream=stream
        )
        response = requests.Response()
        response.status_code = raw.status
        response.reason = raw.reason or ""
        response.headers = CaseInsensitiveDict(raw.headers)
        response.url = request.url or ""
        response.request = request
        response.raw = raw
        # Salesforce sends text/csv and JSON in utf-8 without saying so; requests would guess latin-1.
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Keep the connections: the channel outlives a session."""


def guarded_session(channel: Channel) -> requests.Session:
    """Return a session that reaches the channel's hosts only and reads no proxy or password from the environment."""
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", ChannelAdapter(channel))
    session.mount("http://", ChannelAdapter(channel))
    return session


def _translated(problem: urllib3.exceptions.HTTPError) -> NotSent | Lost:
    """Return the same trouble, sorted by whether the service may have seen the request."""
    # ConnectTimeoutError covers refused connections and names that do not resolve; a bad certificate ends the
    # handshake. Everything else may have happened after the request was out.
    unsent = isinstance(problem, urllib3.exceptions.ConnectTimeoutError | urllib3.exceptions.NewConnectionError)
    if unsent or "CERTIFICATE_VERIFY_FAILED" in str(problem):
        return NotSent(f"no connection could be made ({type(problem).__name__})")
    return Lost(f"the connection broke before a whole answer was there ({type(problem).__name__})")
