"""A tiny CRM on loopback that answers from a function, and the client ends that talk to it."""

import json
import socket
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from accord.crm.connect import HubSpotLogin, SalesforceLogin, connect_hubspot, connect_salesforce
from accord.model.settings import Wire

TOKEN_PATH = "/services/oauth2/token"
SECRET = "consumer-secret-canary-0123456789"
SESSION = "00DQy0000000001!AQEcanarysession0123456789"
HUBSPOT_TOKEN = "pat-na1-canary-0123456789-abcdef"


@dataclass
class Request:
    method: str
    path: str
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass
class Reply:
    body: object = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
    deed: str = ""  # "drop": close without an answer; "hang": never answer; "drip": a byte every 50 ms


def login_reply(session=SESSION):
    return Reply({"access_token": session, "instance_url": "https://acme.my.salesforce.com", "token_type": "Bearer"})


class WireServer:
    """Answers what `answer(request)` returns: a Reply, or anything that becomes a JSON body; None is 404."""

    def __init__(self, answer):
        self.requests = []
        self._answer = answer
        self._over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # headers and body are two writes: the second would wait for 40 ms

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                outer.requests.append(request)
                outer.write(self, outer._answer(request))

            do_GET = do_POST = do_PATCH = do_PUT = handle_one  # noqa: N815 - the names the library calls

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def write(self, handler, reply):
        reply = reply if isinstance(reply, Reply) else Reply(reply, 404 if reply is None else 200)
        if reply.deed == "hang":
            self._over.wait(10)
        if reply.deed in {"hang", "drop"}:
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
            return
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        handler.send_response(reply.status)
        kind = "application/json" if not isinstance(reply.body, bytes) else "text/html"
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if reply.deed != "drip":
            handler.wfile.write(body)
            return
        for byte in body:
            if self._over.wait(0.05):
                return
            try:
                handler.wfile.write(bytes([byte]))
            except OSError:
                return

    def paths(self, prefix=""):
        return [one.path.partition("?")[0] for one in self.requests if one.path.startswith(prefix)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


class FakeClock:
    """Remembers how long it was asked to sleep, and is that much later."""

    def __init__(self):
        self.sleeps = []

    def now(self):
        return datetime(2026, 1, 12, tzinfo=UTC) + timedelta(seconds=sum(self.sleeps))

    def sleep(self, seconds):
        if seconds:
            self.sleeps.append(seconds)


class RecordingLimiter:
    def __init__(self):
        self.taken, self.blocked, self.observed = [], [], []

    def take(self, bucket, calls=1):
        self.taken.append(bucket)
        return 0.0

    def block(self, bucket, seconds):
        self.blocked.append((bucket, seconds))

    def welcome_in(self, bucket):
        return 0.0

    def observe(self, crm, used, remaining):
        self.observed.append((crm, used, remaining))


QUICK = Wire(connect_timeout_seconds=0.5, read_timeout_seconds=0.3)


def salesforce_on(server, clock=None, limiter=None, wire=QUICK, **login):
    given = {"domain": "acme.my", "consumer_key": "consumer-key-canary-0123456789", "consumer_secret": SECRET} | login
    return connect_salesforce(
        SalesforceLogin(sandbox_url=server.url, **given), wire, limiter or RecordingLimiter(), clock or FakeClock()
    )


def hubspot_on(server, clock=None, limiter=None, wire=QUICK):
    login = HubSpotLogin(HUBSPOT_TOKEN, server.url, portal_id="7", is_sandbox=True)
    return connect_hubspot(login, wire, limiter or RecordingLimiter(), clock or FakeClock())


def salesforce_app(answer):
    """Return an app that logs in and passes everything else on."""
    return lambda request: login_reply() if request.path == TOKEN_PATH else answer(request)
