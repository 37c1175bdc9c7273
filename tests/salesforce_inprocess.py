"""The sandbox's Salesforce side without a socket: a requests adapter that hands each request to the service."""

import io
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from simple_salesforce import Salesforce
from urllib3 import HTTPResponse

from accord.sandbox.core import Crms
from accord.sandbox.salesforce_http import SERVICE
from accord.sandbox.wire import Call


class InProcess(BaseAdapter):
    """Answers https requests from the service; `requests_seen` keeps method and path of each."""

    def __init__(self, crms):
        super().__init__()
        self.crms = crms
        self.requests_seen = []

    def send(self, request, **_options):
        url = urlsplit(request.url)
        body = request.body or b""
        headers = {name.lower(): value for name, value in request.headers.items()} | {"x-original-host": url.netloc}
        call = Call(
            request.method,
            unquote(url.path),
            parse_qs(url.query, keep_blank_values=True),
            headers,
            body.encode() if isinstance(body, str) else body,
        )
        self.requests_seen.append((request.method, url.path))
        answer = SERVICE.answer(self.crms, call)
        response = requests.Response()
        response.status_code, response.url, response.request = answer.status, request.url, request
        response.headers.update(answer.headers)
        response.raw = HTTPResponse(
            io.BytesIO(answer.body), headers=answer.headers, status=answer.status, preload_content=False
        )
        response.encoding = requests.utils.get_encoding_from_headers(response.headers)
        return response

    def close(self):
        pass


def session_on(crms):
    """Return a requests session whose https goes to these CRMs."""
    session = requests.Session()
    session.mount("https://", InProcess(crms))
    return session


def login(crms, **options):
    """Return simple-salesforce logged in by client credentials."""
    given = {"consumer_key": "key", "consumer_secret": "secret", "domain": "acme.my", "version": "66.0"} | options
    return Salesforce(session=session_on(crms), **given)


def make_crms(**switches):
    """Return empty CRMs with some switches set."""
    crms = Crms()
    crms.switches.patch({"bulk_polls": 0} | switches)
    return crms


def add_accounts(crms, *names, **values):
    """Return the ids of new accounts, made by a person."""
    with crms.acting("person"):
        return [crms.org.create("Account", {"Name": name, **values}) for name in names]
