"""One org over simple-salesforce: the session, the two logins it may cost, and calls that end in an error of ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

import requests
import simple_salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError

from accord.crm.answers import Lost, NoSession, Said, problem
from accord.crm.limits import seconds_of, wait_turn, wait_until_welcome
from accord.crm.retry import read_again
from accord.crm.salesforce_said import call_said
from accord.crm.transport import TwoHalves
from accord.model.errors import (
    AccordError,
    BadCredentials,
    ContractBroken,
    QuotaExhausted,
    RateLimited,
    ServiceUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from accord.crm.conceal import Secrets
    from accord.crm.limits import Limiter
    from accord.model.clock import Clock

_MOST_LOGINS = 2
_USERINFO = "Salesforce GET userinfo"
_FRESH = timedelta(seconds=5)
"""How old an answer may be whose Date is taken for the time now; an older time only makes an extract overlap more."""
_STRANGER = (
    "something between here and Salesforce answered (a proxy, a login or maintenance page): check the address in the "
    "connection and the network"
)

T = TypeVar("T")


class SalesforceCalls:
    """Makes calls of one org; each try is one call, tried a second time only after a session had expired.

    Args:
        open_session: logs in and returns session id and instance host; None where the session was given.
        given: session id and instance host, where they were given.
        session: a guarded session; every call and login goes through it.
    """

    def __init__(
        self,
        session: requests.Session,
        version: str,
        limiter: Limiter,
        clock: Clock,
        secrets: Secrets,
        *,
        open_session: Callable[[], tuple[str, str]] | None = None,
        given: tuple[str, str] | None = None,
    ) -> None:
        self.version = version
        self.clock = clock
        self._session = session
        self._limiter = limiter
        self._secrets = secrets
        self._open_session = open_session
        self._logins = 1 if given else 0
        self._last = requests.Response()
        self._seen_at = datetime.min.replace(tzinfo=UTC)
        self._client = self._with_session_id(*given) if given else None
        session.hooks["response"].append(self._see)

    def root(self, path: str = "") -> str:
        """Return a path below the API version as composite requests name it."""
        return f"/services/data/v{self.version}/{path}"

    def json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        is_write: bool = False,
    ) -> Any:
        """Return the parsed answer of one call below the API version; None for an empty one.

        Raises:
            AccordError: see `answers.problem`.
        """
        text = None if body is None else json.dumps(body, allow_nan=False)
        data = TwoHalves(text.encode()) if text is not None and is_write else text
        call = f"Salesforce {method} {path.partition('?')[0]}"

        def send(client: simple_salesforce.Salesforce) -> Any:
            return client.restful(path, params=params, method=method, data=data, headers=dict(headers or {}))

        return self._signed_in(lambda client: self._asked(call, lambda: send(client)))

    def answer(self, method: str, path: str, *, body: Any, headers: Mapping[str, str]) -> requests.Response:
        """Return the answer of one call, whatever its status but for a lost session and a limit.

        Raises:
            AccordError: those two, or no answer came.
        """

        def send(client: simple_salesforce.Salesforce) -> requests.Response:
            text = None if body is None else json.dumps(body, allow_nan=False)
            known = {**client.headers, **headers}
            answer: requests.Response = client.session.request(method, client.base_url + path, headers=known, data=text)
            if answer.status_code in {401, 403, 429}:
                raise problem(f"Salesforce {method} {path}", call_said(answer.status_code, answer.content))
            return answer

        return self._signed_in(send)

    def userinfo(self) -> Any:
        """Return who is logged in; the connected app needs the scope `id` beside `api`.

        Raises:
            AccordError: see `answers.problem`.
        """
        answer = self._signed_in(lambda client: self._asked(_USERINFO, lambda: client.oauth2("userinfo")))
        # The library hands over as text what is no JSON.
        if not isinstance(answer, dict):
            raise self._no_json(_USERINFO)
        return answer

    def csv(self, path: str, params: Mapping[str, str] | None = None, *, stream: bool = False) -> requests.Response:
        """Return an answer of CSV, or of nothing (204); its body is still on the wire if it is to be streamed.

        simple-salesforce reads CSV as text of a guessed encoding, in pieces of 1 KiB, and hides the headers.

        Raises:
            AccordError: see `answers.problem`; Lost where something else than CSV came.
        """
        answer = self._raw("GET", path, params=params, stream=stream, headers={"Accept": "text/csv"})
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code != 204 and not kind.startswith("text/csv"):
            raise Lost(f"Salesforce GET {path}: expected CSV, got {kind or 'no content type'}; {_STRANGER}")
        return answer

    def upload(self, path: str, body: bytes) -> None:
        """Send a CSV; a job does not begin before it is closed, so this alone changes nothing.

        Raises:
            AccordError: see `answers.problem`.
        """
        self._raw("PUT", path, data=TwoHalves(body), headers={"Content-Type": "text/csv; charset=UTF-8"})

    def server_time(self) -> datetime:
        """Return the time in the Date header of an answer of the last seconds, UTC; asks for one where there is none.

        Raises:
            ContractBroken: no Date header came.
        """
        if self._client is None:
            self._log_in()
        if self.clock.now() - self._seen_at > _FRESH:
            read_again(lambda: self.json("GET", "limits"), self.clock)
        try:
            return parsedate_to_datetime(self._last.headers["Date"])
        except (KeyError, ValueError):
            raise ContractBroken("Salesforce: the answer has no Date; marks need the server's clock") from None

    def _raw(self, method: str, path: str, **options: Any) -> requests.Response:
        """Return the answer of one call that the library cannot make."""
        extra = options.pop("headers")

        def send(client: simple_salesforce.Salesforce) -> requests.Response:
            url = client.base_url + path
            answer: requests.Response = client.session.request(
                method, url, headers={**client.headers, **extra}, **options
            )
            if answer.status_code >= 300:
                raise problem(f"Salesforce {method} {path}", call_said(answer.status_code, answer.content))
            return answer

        return self._signed_in(send)

    def _asked(self, call: str, send: Callable[[], Any]) -> Any:
        """Return what the library makes of an answer, its errors turned into ours."""
        try:
            return send()
        except SalesforceError as refusal:
            raise problem(call, call_said(refusal.status, refusal.content)) from None
        except (AttributeError, RecursionError, TypeError, ValueError):
            # The library looks into what it parsed: `null` and a number are JSON, too.
            raise self._no_json(call) from None

    def _signed_in(self, send: Callable[[simple_salesforce.Salesforce], T]) -> T:
        """Return what a call returns; an expired session is renewed once, and the same call made once more."""
        client = self._client or self._log_in()
        try:
            return self._counted(send, client)
        except BadCredentials:
            if self._open_session is None or self._logins >= _MOST_LOGINS:
                raise
        return self._counted(send, self._log_in())

    def _counted(self, send: Callable[[simple_salesforce.Salesforce], T], client: simple_salesforce.Salesforce) -> T:
        """Return what a call returns, made when the limiter lets it."""
        wait_turn(self._limiter, self.clock, "salesforce")
        return self._heard(lambda: send(client))

    def _heard(self, send: Callable[[], T]) -> T:
        """Return what a call returns; every process hears of it where the org wants to be left alone."""
        before = self._last
        try:
            return send()
        except AccordError as trouble:
            raise self._noted(trouble, None if self._last is before else self._last) from None

    def _noted(self, trouble: AccordError, answer: requests.Response | None) -> AccordError:
        """Return a refusal, with the time that the service wants to be left alone told to every process."""
        said = (
            seconds_of(answer.headers.get("Retry-After")) if answer is not None and answer.status_code >= 300 else None
        )
        if isinstance(trouble, RateLimited) and said is not None:
            trouble = RateLimited(str(trouble), said)
        wait = trouble.retry_after_seconds if isinstance(trouble, RateLimited) else said
        if wait is not None:
            self._limiter.block("salesforce", wait)
        if isinstance(trouble, QuotaExhausted):
            self._limiter.observe("salesforce", None, 0)
        return trouble

    def _log_in(self) -> simple_salesforce.Salesforce:
        """Return a client of a new session; it counts against the two logins of this object."""
        open_session = self._open_session
        if open_session is None:
            raise BadCredentials("Salesforce: no session and no way to log in; complete the connection")
        self._logins += 1
        try:
            opened = read_again(lambda: self._login_when_welcome(open_session), self.clock)
        except ServiceUnavailable as trouble:
            raise NoSession(str(trouble)) from None
        self._client = self._with_session_id(*opened)
        return self._client

    def _login_when_welcome(self, open_session: Callable[[], tuple[str, str]]) -> tuple[str, str]:
        """Return what `_login` does, outside any time in which the org wants to be left alone."""
        wait_until_welcome(self._limiter, self.clock, "salesforce")
        return self._heard(lambda: self._login(open_session))

    def _login(self, open_session: Callable[[], tuple[str, str]]) -> tuple[str, str]:
        """Return session id and instance of one login try."""
        call = "Salesforce POST /services/oauth2/token"
        try:
            return open_session()
        except SalesforceAuthenticationFailed as refusal:
            status = self._last.status_code or 401
            # The library puts the status where the code belongs when the answer is no JSON.
            said = call_said(status, {"error": refusal.code, "error_description": refusal.auth_message})
            if isinstance(refusal.code, int):
                raise problem(call, Said(status)) from None
            if status < 500 and status not in {408, 429}:
                raise BadCredentials(f"{call}: the login was refused ({said}); check the connection") from None
            raise problem(call, said) from None
        except (AttributeError, RecursionError, TypeError, ValueError):
            # The library expects an object with access_token and instance_url, and fails on anything else.
            raise self._no_json(call) from None

    def _with_session_id(self, session_id: str, instance: str) -> simple_salesforce.Salesforce:
        """Return a client that has a session and cannot log in: by itself it would log in without end."""
        self._secrets.add(session_id)
        return simple_salesforce.Salesforce(
            session_id=session_id,
            instance=instance,
            session=self._session,
            version=self.version,
            object_pairs_hook=dict,
        )

    def _see(self, answer: requests.Response, **_: Any) -> None:
        """Note what every answer says besides its body."""
        self._last, self._seen_at = answer, self.clock.now()
        usage = simple_salesforce.Salesforce.parse_api_usage(answer.headers.get("Sforce-Limit-Info", ""))
        if "api-usage" in usage:
            used, total = usage["api-usage"][:2]
            self._limiter.observe("salesforce", used, total - used)

    def _no_json(self, call: str) -> Lost:
        """Return the error of an answer that is no JSON."""
        kind = self._last.headers.get("Content-Type") or "no content type"
        return Lost(f"{call}: expected JSON, got {kind}; {_STRANGER}")
