"""Nothing gets out and nobody gets in by the wire: hosts (F54), secrets (F55), log lines (F58), certificates (F60)."""

import base64
import html
import io
import json
import logging
import socket
import ssl
import threading
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from simple_salesforce.exceptions import SalesforceError

import accord
from accord.crm.conceal import Secrets
from accord.crm.connect import (
    HubSpotLogin,
    SalesforceLogin,
    connect_hubspot,
    connect_salesforce,
    connect_through,
    session_for,
)
from accord.crm.hosts import SALESFORCE_HOSTS, Hosts
from accord.crm.limits import NoLimit
from accord.crm.transport import Channel
from accord.model.errors import AccordError, BadSettings, ServiceUnavailable
from wire_server import (
    HUBSPOT_TOKEN,
    QUICK,
    SECRET,
    SESSION,
    TOKEN_PATH,
    FakeClock,
    Reply,
    WireServer,
    hubspot_on,
    login_reply,
    salesforce_app,
    salesforce_on,
)

ACCOUNT = "001Qy00000002bJIAQ"
PASSWORD = 'pass"word\\canary/0123456789'
SECURITY_TOKEN = "security-token-canary-0123456789"
CANARIES = (SECRET, SESSION, HUBSPOT_TOKEN, PASSWORD, SECURITY_TOKEN)


@contextmanager
def listener():
    """Yield a port of this machine and the bytes that arrived there."""
    heard = bytearray()
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.2)

        def listen():
            try:
                one, _ = server.accept()
                heard.extend(one.recv(1000) or b"connected")
            except OSError:
                return

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join()


# F54


@pytest.mark.parametrize(
    "place",
    [
        "https://127.0.0.1:{port}",
        "https://localhost:{port}",
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254",
        "https://api.hubapi.com@127.0.0.1:{port}",
        "https://127.0.0.1:{port}\\@api.hubapi.com",
        "https://127.0.0.1:{port}#@api.hubapi.com",
        "https://api.hubapi.com.evil.example",
        "https://api.hubapi.com:{port}",
        "http://api.hubapi.com",
        "file:///etc/passwd",
        "ftp://api.hubapi.com",
        "//api.hubapi.com",
        "api.hubapi.com",
        "https://api.hubapi.com\n.evil.example",
    ],
)
def test_f54_a_portal_elsewhere_is_refused_before_any_socket(place):
    with listener() as (port, heard):
        login = HubSpotLogin(HUBSPOT_TOKEN, place.format(port=port))
        with pytest.raises(BadSettings) as refused:
            connect_hubspot(login, QUICK, NoLimit(), FakeClock())
    assert not heard
    assert HUBSPOT_TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    "domain",
    ["127.0.0.1:{port}/", "127.0.0.1:{port}#", "127.0.0.1:{port}?", "user@127.0.0.1:{port}/", "127.0.0.1:{port}\\", ""],
)
def test_f54_a_domain_that_is_another_host_is_refused_before_any_socket(domain):
    with listener() as (port, heard):
        login = SalesforceLogin(domain.format(port=port) + ".my", "consumer-key", SECRET)
        with pytest.raises(AccordError):
            connect_salesforce(login, QUICK, NoLimit(), FakeClock()).describe("Account")
    assert not heard


@pytest.mark.parametrize(
    "instance",
    ["https://127.0.0.1:{port}", "http://127.0.0.1:{port}", "https://169.254.169.254", "https://x@127.0.0.1:{port}"],
)
def test_f54_an_instance_elsewhere_gets_no_session(instance):
    """The token answer names the instance; the session goes to hosts of Salesforce only."""
    with listener() as (port, heard):
        reply = {"access_token": SESSION, "instance_url": instance.format(port=port)}
        with WireServer(lambda _: reply) as server:
            with pytest.raises(AccordError):
                salesforce_on(server).describe("Account")
            assert server.paths() == [TOKEN_PATH]
    assert not heard


@pytest.mark.parametrize(
    "page", ["https://evil.example/services/data/v66.0/query/01g-1", "/../query/01g", "query/../x"]
)
def test_f54_a_next_page_elsewhere_is_not_followed(page):
    reply = {"totalSize": 9, "done": False, "records": [{"Id": ACCOUNT}], "nextRecordsUrl": page}
    with WireServer(salesforce_app(lambda _: reply)) as server:
        with pytest.raises(AccordError):
            list(salesforce_on(server).query_pages("SELECT Id FROM Account"))
        assert len(server.paths("/services/data")) == 1


@pytest.mark.parametrize("mark", ["\\", "\t", "\n", "\r", "\0", " ", "\u2028", "é"])
@pytest.mark.parametrize("place", ["https://evil.example{}.my.salesforce.com/", "https://acme.my.salesforce.com/{}"])
def test_f54_what_two_readers_of_urls_read_differently_is_refused(mark, place):
    """`https://evil.example\\.my.salesforce.com` ends like a host of ours, and would be sent to evil.example."""
    with pytest.raises(BadSettings):
        Hosts(SALESFORCE_HOSTS).admit(place.format(mark))


# F55


def forms(secret):
    """Return every form in which a secret must not show; shorter than 12 characters nothing is told from chance."""
    escaped = json.dumps(secret)[1:-1]
    found = {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode(), escaped, html.escape(secret)}
    return found | {form.rpartition("!")[2][:12] for form in found}


def seen_in(text):
    return [(secret, form) for secret in CANARIES for form in forms(secret) if form in text]


def chain(error):
    """Yield an error, and all that it was raised from or while handling."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def echo(request):
    """Answer with everything that came, in every form, in every place of an answer."""
    held = request.headers.get("authorization", "") + " " + request.body.decode()
    token = held.partition(" ")[2].partition(" ")[0]
    forms_of_it = [
        held,
        quote(token),
        base64.b64encode(token.encode()).decode(),
        token[:20],
        token[5:],
        html.escape(held),
    ]
    unicode = "".join(f"\\u{ord(letter):04x}" for letter in token)
    body = f'{{"message": {json.dumps(" ".join(forms_of_it))}, "more": "{unicode}", "errorCode": "{unicode}"}}'
    words = token.encode("ascii", "replace").decode()
    headers = {"X-Echo": words, "Location": f"https://x.example/{words}", "Content-Type": f"text/html; key={words}"}
    return Reply(body.encode(), echo.status, headers)


@pytest.fixture
def logs():
    """The text of every log line at DEBUG, with the tracebacks."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.parametrize("status", [200, 201, 302, 400, 401, 403, 404, 409, 423, 429, 500, 503])
def test_f55_no_secret_comes_back_out_of_an_echo(status, logs):
    echo.status = status
    heard = []

    def told(call):
        try:
            heard.append(str(call()))
        except AccordError as error:
            logging.getLogger("test").exception("failed")
            for one in chain(error):
                heard.extend((str(one), repr(one), repr(one.args)))
                heard.append("".join(traceback.format_exception(one, chain=True)))
                heard.append(str(getattr(one, "content", "")) if isinstance(one, SalesforceError) else "")

    with WireServer(salesforce_app(echo)) as server:
        salesforce = salesforce_on(server)
        told(lambda: salesforce.describe("Account"))
        told(lambda: salesforce.org_id)
        told(lambda: salesforce.update("Account", [{"Id": ACCOUNT, "Name": "A"}]))
        told(lambda: salesforce.bulk_upsert("Account", "K__c", [{"K__c": "k", "Name": "A"}]))
        told(lambda: list(salesforce.bulk_pages("SELECT Id FROM Account")))
    with WireServer(echo) as server:
        portal = hubspot_on(server)
        told(lambda: portal.count("companies"))
        told(lambda: portal.server_time())
        told(lambda: portal.upsert_companies("accord_key", [{"accord_key": "k", "name": "A"}]))
        told(lambda: portal.associate_default([("1", "2")]))
    with WireServer(echo) as server:
        told(lambda: salesforce_on(server).describe("Account"))
    assert not seen_in("\n".join(heard))
    assert not seen_in(logs.getvalue())


def test_f55_a_password_of_the_hook_is_concealed_as_well(logs):
    """Airflow's own hook logs in with what stands in the connection; its answers come by our session."""

    def refuse(request):
        text = f"{request.body.decode()} {PASSWORD}{SECURITY_TOKEN} {json.dumps(PASSWORD + SECURITY_TOKEN)}"
        return Reply(text.encode(), 500, {"Content-Type": "text/xml"})

    with WireServer(refuse) as server:
        login = SalesforceLogin(sandbox_url=server.url)
        session = session_for(login, QUICK, others=(PASSWORD, SECURITY_TOKEN, None))
        answer = session.post("https://login.salesforce.com/services/Soap/u/66.0", data=PASSWORD + SECURITY_TOKEN)
    assert "***" in answer.text
    assert not seen_in(answer.text)


def test_f55_the_password_of_the_connection_is_known_before_the_first_call(monkeypatch):
    extra = {"security_token": SECURITY_TOKEN, "session_id": "s" * 30}
    monkeypatch.setenv(
        "AIRFLOW_CONN_SALESFORCE_DEFAULT",
        json.dumps({"conn_type": "salesforce", "login": "ann", "password": PASSWORD, "extra": extra}),
    )
    from accord.model.settings import Settings
    from accord.orchestration import wiring

    made = {}
    monkeypatch.setattr(wiring, "connect_through", lambda _, session, *__: made.update(session=session))
    wiring._salesforce(Settings(), NoLimit(), FakeClock())
    secrets = made["session"].get_adapter("https://login.salesforce.com").secrets
    for secret in (PASSWORD, SECURITY_TOKEN, extra["session_id"]):
        assert secrets.conceal(f"the word is {secret}".encode()) == b"the word is ***"


@pytest.mark.parametrize("before", ["", "x", "xy", "Bearer ", "key:"])
@pytest.mark.parametrize("after", ["", "y", "yz"])
@pytest.mark.parametrize("secret", CANARIES)
def test_f55_a_secret_within_a_base64_text_is_found(before, after, secret):
    secrets = Secrets()
    secrets.add(secret)
    freed = secrets.conceal(base64.b64encode((before + secret + after).encode()))
    assert b"***" in freed
    assert len(freed) < len(before + after) * 4 / 3 + 12


def test_f55_an_assertion_we_were_never_told_is_concealed():
    assertion = b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJjYW5hcnkifQ.c2lnbmF0dXJl-canary"
    assert Secrets().conceal(b"assertion=" + assertion) == b"assertion=***"


def test_f55_names_that_hold_a_backslash_or_a_quote_stay_as_they_are():
    secrets = Secrets()
    secrets.add(HUBSPOT_TOKEN)
    body = json.dumps({"message": 'no "Tom \\ Jerry\n" here'}).encode()
    assert secrets.conceal(body) == body


def test_f55_a_renewed_session_is_concealed_like_the_first():
    sessions = iter(["00DQy0000000001!AQEfirst-canary-0123456789", "00DQy0000000001!AQEsecond-canary-987654321"])

    def answer(request):
        if request.path == TOKEN_PATH:
            return login_reply(next(sessions))
        held = request.headers["authorization"]
        return Reply([{"errorCode": "INVALID_SESSION_ID", "message": held}], 401)

    with WireServer(answer) as server, pytest.raises(AccordError) as caught:
        salesforce_on(server).describe("Account")
    assert "canary" not in str(caught.value)


def test_f55_a_client_says_nothing_of_its_token_when_it_is_shown():
    with WireServer(salesforce_app(lambda _: {"fields": []})) as server:
        session = session_for(SalesforceLogin(consumer_secret=SECRET), QUICK)
        shown = [repr(salesforce_on(server)), repr(hubspot_on(server)), repr(session)]
        shown.append(repr(connect_through(lambda: None, session, QUICK, NoLimit(), FakeClock()).__dict__))
    assert not seen_in(" ".join(shown))


# F58

FORGED = 'Acme\n2026-01-01 ERROR all is lost\r\x1b[2J\x1b]0;owned\x07\u2028x\x85y\u202e"'


def test_f58_what_a_service_says_stays_on_one_line_of_the_log(logs):
    """A message, a code, a field name and a correlation id may all hold a record's text."""
    said = {"message": FORGED, "errorCode": FORGED, "fields": [FORGED], "correlationId": FORGED, "category": FORGED}
    said |= {"errors": [{"code": FORGED, "context": {"propertyName": [FORGED]}}], "policyName": FORGED}
    log = logging.getLogger("test")
    count = 0
    for status in (400, 403, 404, 423, 429, 500):
        for crm in (salesforce_on, hubspot_on):
            body = [said] if crm is salesforce_on else said
            with WireServer(salesforce_app(lambda _, it=body, code=status: Reply(it, code))) as server:
                with pytest.raises(AccordError) as caught:
                    crm(server).count({"x": "SELECT COUNT() FROM Account"} if crm is salesforce_on else "companies")
                log.warning("%s", caught.value)
                count += 1
    lines = [line for line in logs.getvalue().split("\n") if line.startswith("test ")]
    assert len(lines) == count
    assert all(line.isprintable() for line in logs.getvalue().split("\n"))


def test_f58_a_refused_row_is_fit_for_a_table():
    errors = [{"statusCode": FORGED, "message": FORGED, "fields": [FORGED]}]
    with WireServer(salesforce_app(lambda _: [{"success": False, "errors": errors}])) as server:
        (one,) = salesforce_on(server).update("Account", [{"Id": ACCOUNT, "Name": "A"}])
    assert one.code.isprintable()
    assert one.message.isprintable()


# F60


@contextmanager
def tls_server(directory, name="localhost", *, days=1):
    """Yield the port of a server with a certificate of its own making, its file, and what was sent to it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = Path(directory) / "own.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(2)

        def serve():
            try:
                one, _ = server.accept()
                with context.wrap_socket(one, server_side=True) as secure:
                    heard.extend(secure.recv(1000))
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            except (OSError, ssl.SSLError):
                return

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], pem, heard
        thread.join()


class Straight:
    """Hosts that let everything pass, so that only the certificate is in the way."""

    def admit(self, url):
        return url, url


@pytest.mark.parametrize("trusted_by_environment", [False, True])
def test_f60_a_certificate_of_somebodys_own_making_is_refused(tmp_path, monkeypatch, trusted_by_environment):
    with tls_server(tmp_path) as (port, pem, heard):
        if trusted_by_environment:
            for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
                monkeypatch.setenv(name, str(pem))
        with pytest.raises(ServiceUnavailable, match="no connection"):
            Channel(Straight(), QUICK, Secrets()).send(
                "GET", f"https://localhost:{port}/", {"Authorization": "Bearer x"}
            )
    assert not heard


@pytest.mark.parametrize(("name", "days"), [("other.example", 1), ("localhost", -1)])
def test_f60_a_certificate_of_another_host_or_time_is_refused(tmp_path, monkeypatch, name, days):
    with tls_server(tmp_path, name, days=days) as (port, pem, heard):
        monkeypatch.setattr("certifi.where", lambda: str(pem))
        with pytest.raises(ServiceUnavailable, match="no connection"):
            Channel(Straight(), QUICK, Secrets()).send(
                "GET", f"https://localhost:{port}/", {"Authorization": "Bearer x"}
            )
    assert not heard


def test_f60_a_trusted_certificate_passes(tmp_path, monkeypatch):
    """Shows that the refusals above are those of the certificate."""
    with tls_server(tmp_path) as (port, pem, heard):
        monkeypatch.setattr("certifi.where", lambda: str(pem))
        answer = Channel(Straight(), QUICK, Secrets()).send("GET", f"https://localhost:{port}/", {})
    assert answer.status == 200
    assert heard


def test_f60_a_server_without_tls_is_no_server():
    with WireServer(lambda _: {}) as server:
        with pytest.raises(ServiceUnavailable):
            Channel(Straight(), QUICK, Secrets()).send("GET", server.url.replace("http:", "https:"), {})
        assert not server.requests


def test_f60_nowhere_is_a_certificate_left_unchecked():
    package = Path(accord.__file__).parent
    forbidden = (
        "verify=False",
        "CERT_NONE",
        "check_hostname = False",
        "_create_unverified",
        "disable_warnings",
        "trust_env = True",
    )
    found = [
        f"{path.relative_to(package)}: {word}"
        for path in package.rglob("*.py")
        for word in forbidden
        if word in path.read_text()
    ]
    assert found == []
