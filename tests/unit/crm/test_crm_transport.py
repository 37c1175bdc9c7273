import logging
import time

import hubspot
import pytest
import requests
import simple_salesforce

from accord.crm.answers import Answer, Lost, NotSent
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
    FakeClock,
    Reply,
    WireServer,
    hubspot_on,
    salesforce_app,
    salesforce_on,
)

ACCOUNT = "001Qy00000002bJIAQ"


def channel_to(server, **options):
    return Channel(Hosts(SALESFORCE_HOSTS, server.url), QUICK, Secrets(), **options)


def test_hole_5_a_salesforce_call_to_a_silent_server_ends():
    with WireServer(salesforce_app(lambda _: Reply(deed="hang"))) as server:
        begun = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            salesforce_on(server).describe("Account")
        assert time.monotonic() - begun < 5 * 0.3 + 2


def test_hole_5_a_salesforce_login_at_a_silent_server_ends():
    with WireServer(lambda _: Reply(deed="hang")) as server, pytest.raises(ServiceUnavailable):
        salesforce_on(server).describe("Account")


def test_hole_5_a_hubspot_call_to_a_silent_server_ends():
    with WireServer(lambda _: Reply(deed="hang")) as server, pytest.raises(ServiceUnavailable):
        hubspot_on(server).count("companies")


def test_hole_1_and_5_a_write_to_a_silent_server_is_ambiguous_and_sent_once():
    with WireServer(salesforce_app(lambda _: Reply(deed="hang"))) as server:
        (row,) = salesforce_on(server).update("Account", [{"Id": ACCOUNT, "Name": "A"}])
        assert row.answer is Answer.AMBIGUOUS
        assert len(server.paths("/services/data")) == 1


def test_an_answer_of_one_byte_at_a_time_ends_at_the_total_deadline():
    with WireServer(lambda _: Reply(b"x" * 1000, deed="drip")) as server:
        begun = time.monotonic()
        with pytest.raises(Lost):
            channel_to(server).send("GET", "https://acme.my.salesforce.com/", {})
        assert 1 < time.monotonic() - begun < 3


def test_the_libraries_own_defaults_have_no_timeout(monkeypatch):
    """Pins the upstream gap that `timed_pool` fills."""
    seen = {}

    def request(_self, _method, _url, **options):
        seen.update(options)
        raise ConnectionError

    monkeypatch.setattr(requests.Session, "request", request)
    client = simple_salesforce.Salesforce(session_id="x", instance="acme.my.salesforce.com")
    with pytest.raises(ConnectionError):
        client.restful("limits")
    assert seen.get("timeout") is None
    assert hubspot.HubSpot(access_token="x").crm.objects.basic_api.api_client.configuration.retries is None


def test_a_longer_answer_than_any_honest_one_is_cut_off():
    with WireServer(lambda _: Reply(b"x" * 100_000)) as server, pytest.raises(Lost, match="longer than"):
        channel_to(server, longest_answer=1000).send("GET", "https://acme.my.salesforce.com/", {})


def test_no_connection_is_told_from_a_lost_answer():
    with WireServer(lambda _: Reply(deed="drop")) as server:
        channel = channel_to(server)
        with pytest.raises(Lost):
            channel.send("GET", "https://acme.my.salesforce.com/", {})
    with pytest.raises(NotSent):
        channel_to(server).send("GET", "https://acme.my.salesforce.com/", {})


def test_redirects_are_not_followed():
    with WireServer(lambda _: {}) as stranger:
        moved = Reply({}, 302, {"Location": stranger.url + "/steal"})
        with WireServer(salesforce_app(lambda _: moved)) as server:
            with pytest.raises(ServiceUnavailable):
                salesforce_on(server).describe("Account")
            with pytest.raises(ServiceUnavailable):
                hubspot_on(server).count("companies")
        assert stranger.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.my.salesforce.com.evil.example/",
        "https://evil.example/",
        "http://acme.my.salesforce.com/",
        "https://user:password@acme.my.salesforce.com/",
        "https://acme.my.salesforce.com:8443/",
        "https://169.254.169.254/latest/meta-data",
        "https://acme.my.salesforce.com/services/../steal",
        "https://acme.my.salesforce.com/services/%2e%2e/steal",
        "file:///etc/passwd",
        "https://[::1",
    ],
)
def test_a_foreign_address_is_refused_before_any_socket(url):
    with pytest.raises(BadSettings):
        Hosts(SALESFORCE_HOSTS).admit(url)


def test_the_hosts_of_salesforce_pass():
    for host in ("login.salesforce.com", "acme.my.salesforce.com", "acme--test.sandbox.my.salesforce.com"):
        assert Hosts(SALESFORCE_HOSTS).admit(f"https://{host}/x?q=1") == (f"https://{host}/x?q=1", host)


@pytest.mark.parametrize("url", ["http://10.0.0.1:80", "https://127.0.0.1:1", "http://127.0.0.1.evil.example"])
def test_a_sandbox_is_on_this_machine_or_refused(url):
    with pytest.raises(BadSettings, match="sandbox"):
        Hosts(SALESFORCE_HOSTS, url)


def test_loopback_needs_the_developer_flag():
    with pytest.raises(BadSettings):
        connect_hubspot(HubSpotLogin(HUBSPOT_TOKEN, "http://127.0.0.1:9"), QUICK, NoLimit(), FakeClock())


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with WireServer(lambda _: {"total": 3, "results": []}) as server:
        assert hubspot_on(server).count("companies") == 3


def test_hole_6_an_id_that_is_an_address_reaches_nobody():
    """simple-salesforce joins ids into URLs: such an id would carry the session to a stranger."""
    with WireServer(lambda _: {}) as stranger, WireServer(salesforce_app(lambda _: [])) as server:
        salesforce, portal = salesforce_on(server), hubspot_on(server)
        for bad in (f"{stranger.url}/steal", "..", "../../x", "001' OR Id != '"):
            with pytest.raises(AccordError):
                salesforce.update("Account", [{"Id": bad, "Name": "x"}])
            with pytest.raises(AccordError):
                salesforce.read("Account", "Id", [bad], ["Id"])
            with pytest.raises(AccordError):
                salesforce.bulk_upsert("Account", "Id", [{"Id": bad}])
            with pytest.raises(AccordError):
                portal.update_companies([{"id": bad, "name": "x"}])
            with pytest.raises(AccordError):
                list(portal.list_members(bad))
            with pytest.raises(AccordError):
                portal.associate_default([(bad, "1")])
        assert stranger.requests == []
        assert server.requests == []


def test_hole_6_the_library_itself_would_send_the_session_to_a_stranger():
    """Pins the upstream bug; with our session even the library cannot."""
    session = session_for(SalesforceLogin(), QUICK)
    client = simple_salesforce.Salesforce(session_id=SESSION, instance="acme.my.salesforce.com", session=session)
    with WireServer(lambda _: {}) as stranger:
        with pytest.raises(BadSettings):
            client.Account.update(f"{stranger.url}/steal", {"Name": "x"})
        assert stranger.requests == []


def test_a_client_over_an_unguarded_session_is_refused():
    client = simple_salesforce.Salesforce(session_id=SESSION, instance="acme.my.salesforce.com")
    with pytest.raises(BadSettings, match="session_for"):
        connect_through(lambda: client, client.session, QUICK, NoLimit(), FakeClock())
    guarded = connect_through(lambda: client, session_for(SalesforceLogin(), QUICK), QUICK, NoLimit(), FakeClock())
    with pytest.raises(BadSettings, match="session_for"):
        guarded.describe("Account")


def test_hole_9_no_secret_comes_out_of_an_echoing_service(caplog):
    caplog.set_level(logging.DEBUG)
    heard = []

    def echo(request):
        held = request.headers.get("authorization", "")
        body = [{"errorCode": "X", "message": f"you sent {held} and {held[-30:]} {held.partition(' ')[2][:15]}"}]
        return Reply(body, 400, {"X-Echo": held, "Location": f"https://x.example/{held}"})

    with WireServer(salesforce_app(echo)) as server:
        salesforce = salesforce_on(server)
        with pytest.raises(AccordError) as caught:
            salesforce.describe("Account")
        heard += [str(caught.value), repr(salesforce.__dict__)]
        heard += [str(row) for row in salesforce.update("Account", [{"Id": ACCOUNT, "Name": "A"}])]
    with WireServer(lambda request: Reply({"message": request.headers["authorization"]}, 400)) as server:
        portal = hubspot_on(server)
        heard += [str(row) for row in portal.update_companies([{"id": "1", "name": "A"}])]
        heard += [repr(HubSpotLogin(HUBSPOT_TOKEN)), repr(SalesforceLogin(consumer_secret=SECRET, session_id=SESSION))]
    heard += [record.getMessage() for record in caplog.records]
    for secret in (SECRET, SESSION, SESSION.partition("!")[2][:12], HUBSPOT_TOKEN, HUBSPOT_TOKEN[:12]):
        assert not [text for text in heard if secret in text]


def test_hole_9_a_refused_login_keeps_the_secret_to_itself():
    def refuse(request):
        text = f"bad {request.headers['authorization']} {SECRET} {request.body.decode()}"
        return Reply({"error": "invalid_client", "error_description": text}, 400)

    with WireServer(refuse) as server, pytest.raises(AccordError, match="invalid_client") as caught:
        salesforce_on(server).describe("Account")
    assert SECRET not in str(caught.value)
    assert "Y29uc3VtZXIta2V5" not in str(caught.value)  # base64 of the pair in the Basic header


def test_hole_9_every_token_is_registered_for_masking():
    told = []
    with WireServer(salesforce_app(lambda _: {"fields": []})) as server:
        login = SalesforceLogin("acme.my", "consumer-key", SECRET, sandbox_url=server.url)
        connect_salesforce(login, QUICK, NoLimit(), FakeClock(), told.append).describe("Account")
        connect_hubspot(
            HubSpotLogin(HUBSPOT_TOKEN, server.url, is_sandbox=True), QUICK, NoLimit(), FakeClock(), told.append
        )
    assert {SECRET, SESSION, HUBSPOT_TOKEN} <= set(told)


def test_hole_9_the_clients_do_not_log_answers(caplog):
    caplog.set_level(logging.DEBUG)
    with WireServer(lambda _: {"total": 1, "results": []}) as server:
        hubspot_on(server).count("companies")
    names = {record.name for record in caplog.records if record.levelno == logging.DEBUG}
    assert not [name for name in names if name.startswith(("hubspot", "urllib3", "simple_salesforce"))]


def test_an_org_id_is_no_secret_although_sessions_begin_with_it():
    secrets = Secrets()
    secrets.add(SESSION)
    assert secrets.conceal(b"sf-00DQy0000000001-001Qy00000002bJIAQ") == b"sf-00DQy0000000001-001Qy00000002bJIAQ"


def test_records_are_left_alone_where_they_only_look_like_a_secret():
    secrets = Secrets()
    secrets.add("demo", HUBSPOT_TOKEN)
    text = b"Basic information about demo; " + HUBSPOT_TOKEN[:12].encode()
    assert secrets.conceal_data(text) == text
