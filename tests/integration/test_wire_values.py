"""What records hold stays a value: no query, no statement, no secret comes of it (F50, F55, F56)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.crm.connect import HubSpotLogin, SalesforceLogin, connect_hubspot, connect_salesforce
from accord.crm.limits import NoLimit
from accord.model.errors import AccordError, BadSettings, ContractBroken
from accord.model.field_map import FieldRule
from accord.model.scope import Run, Scope
from accord.model.settings import parse_settings
from accord.sandbox import soql_words
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps.apply import apply
from accord.steps.decide import decide
from accord.steps.extract import HUBSPOT_PARTS, SALESFORCE_PARTS, extract_hubspot, extract_salesforce
from accord.steps.open_run import open_run
from accord.steps.reconcile import reconcile_hubspot, reconcile_salesforce, retire_old_runs
from accord.steps.report import report
from accord.steps.sequence import run_all
from accord.steps.verify import verify
from accord.steps.wiring import Wiring
from accord.store.limiter import PostgresLimiter
from small_runs import SmallRuns
from wire_server import QUICK, FakeClock, Reply, WireServer, hubspot_on, salesforce_app, salesforce_on

if TYPE_CHECKING:
    from accord.store.database import Database

ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30) | st.sampled_from(
    [
        "' OR Name LIKE '%",
        "\\' OR Id != '",
        "x') OR (Name != '",
        "'; DROP TABLE sync.pairs; --",
        "{0}{name}%s%(x)s",
        "\\",
        "\\\\'",
        "\u2019 OR 1=1",
        "a\nUNION SELECT",
        "\x1b[2J",
    ]
)
QUIETLY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ACCOUNT = "001Qy00000002bJIAQ"


@pytest.fixture
def heard():
    """The requests of an org and a portal that answer nothing of interest, and clients of both."""

    def answer(request):
        if "composite" in request.path and request.method == "POST":
            parts = json.loads(request.body)["compositeRequest"]
            empty = {"totalSize": 0, "done": True, "records": []}
            return {
                "compositeResponse": [
                    {"referenceId": part["referenceId"], "httpStatusCode": 200, "body": empty} for part in parts
                ]
            }
        if "/query" in request.path:
            return {"totalSize": 0, "done": True, "records": []}
        return Reply({"status": "error", "category": "OBJECT_NOT_FOUND"}, 404)

    with WireServer(salesforce_app(answer)) as server:
        server.salesforce, server.hubspot = salesforce_on(server), hubspot_on(server)
        server.salesforce.read("Account", "Id", [ACCOUNT], ["Id"])
        yield server


def queries(server):
    """Return the queries that arrived, alone or in a composite request."""
    found = [parse_qs(urlsplit(one.path).query).get("q", []) for one in server.requests]
    for one in server.requests:
        if one.method == "POST" and "composite" in one.path:
            found += [parse_qs(urlsplit(part["url"]).query)["q"] for part in one.json()["compositeRequest"]]
    return [query for some in found for query in some]


@given(values=st.lists(ANY_TEXT, min_size=1, max_size=3, unique=True))
@QUIETLY
def test_f50_a_value_in_a_query_stays_one_literal(heard, values):
    heard.requests.clear()
    heard.salesforce.read("Account", "Accord_Key__c", values, ["Id", "Name"])
    [query] = queries(heard)
    words = soql_words.split(query)
    literals = [soql_words.unescape(query, word) for word in words if word.kind == "string"]
    assert literals == values
    shown = [word.text for word in words if word.kind not in {"string", "end"} and word.text != ","]
    assert shown == ["SELECT", "Id", "Name", "FROM", "Account", "WHERE", "Accord_Key__c", "IN", "(", ")"]


@given(text=ANY_TEXT.filter(lambda it: not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", it)))
@QUIETLY
def test_f50_a_name_that_is_none_becomes_no_query_and_no_address(heard, text):
    heard.requests.clear()
    crm, row = heard.salesforce, [{"K__c": "k", "Name": "A"}]
    for call in (
        lambda: crm.describe(text),
        lambda: crm.read(text, "Id", [ACCOUNT], ["Id"]),
        lambda: crm.read("Account", text, ["x"], ["Id"]),
        lambda: crm.read("Account", "Id", [ACCOUNT], [text]),
        lambda: list(crm.changed_at([ACCOUNT], [text])),
        lambda: crm.upsert_accounts(text, [{text: "k", "Name": "A"}]),
        lambda: crm.bulk_upsert(text, "K__c", row),
        lambda: crm.bulk_upsert("Account", "K__c", [{"K__c": "k", text: "A"}]),
        lambda: heard.hubspot.upsert_companies(text, [{text: "k"}]),
    ):
        with pytest.raises(ContractBroken):
            call()
    assert heard.requests == []


@given(text=ANY_TEXT)
@QUIETLY
def test_f50_an_id_that_is_none_goes_nowhere(heard, text):
    heard.requests.clear()
    if re.fullmatch(r"[0-9]{1,18}", text):
        return
    for call in (
        lambda: heard.salesforce.read("Account", "Id", [text], ["Id"]),
        lambda: list(heard.salesforce.changed_at([text], ["Name"])),
        lambda: heard.salesforce.update("Account", [{"Id": text, "Name": "A"}]),
        lambda: heard.salesforce.bulk_upsert("Account", "Id", [{"Id": text, "Name": "A"}]),
        lambda: heard.hubspot.update_companies([{"id": text}]),
        lambda: heard.hubspot.batch_read("companies", [text], ["name"]),
        lambda: list(heard.hubspot.changed_at("companies", [text], ["name"])),
        lambda: list(heard.hubspot.association_rows("contacts", "companies", [text])),
        lambda: list(heard.hubspot.list_members(text)),
        lambda: heard.hubspot.associate_default([("1", text)]),
        lambda: heard.hubspot.set_parents([(text, "1")]),
    ):
        with pytest.raises(ContractBroken):
            call()
    assert heard.requests == []


@given(text=ANY_TEXT)
@QUIETLY
def test_f50_the_name_of_a_list_stays_one_step_of_a_path(heard, text):
    heard.requests.clear()
    with pytest.raises(AccordError):
        heard.hubspot.find_list(text)
    for one in heard.requests:
        path, _, query = one.path.partition("?")
        steps = path.split("/")
        assert query in {"", "includeFilters=false"}
        assert steps[:4] == ["", "crm", "v3", "lists"]
        assert len(steps) == (5 if text.isascii() and text.isdigit() else 8), path
        assert unquote(steps[-1]) == text


@given(name=ANY_TEXT.filter(lambda it: not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", it)))
@QUIETLY
def test_f50_a_field_of_the_map_is_a_name_or_refused(name):
    for rule in ({"salesforce": name, "hubspot": "phone"}, {"salesforce": "Phone", "hubspot": name}):
        with pytest.raises(BadSettings):
            parse_settings({"fields": [rule]}, "test")


def test_f50_a_record_beside_the_one_that_is_asked_for_is_never_shown():
    world = world_of({"id": "CANARY", "sf": {"accounts": [{"Id": "A1", "Name": "Canary", "OriginKey": "hs-1-1"}]}})
    with Sandbox.start(world=world) as sandbox:
        login = SalesforceLogin("accord.my", "key", "secret", sandbox_url=sandbox.url)
        salesforce = connect_salesforce(login, QUICK, NoLimit(), FakeClock())
        for text in ("' OR Name LIKE '%", "x' OR Id != '", "\\' OR Name != '", "x') OR (Name != '", "%", "_"):
            assert salesforce.read("Account", "Accord_Key__c", [text], ["Id"]) == []


HOSTILE = [
    "Robert'); DROP TABLE sync.pairs; --",
    "%s %(name)s {0} {name} {{}}",
    "\\' \\\\ \" ` $$ $1 :name",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "O'Brien & \u2028 \u202e Söhne 🦄",
    "#N/A",
    "NULL",
]


@pytest.mark.postgres
def test_f50_hostile_names_cross_as_they_are_and_leave_every_table_standing(database):
    """Names in both CRMs, and a run id of somebody's making, which Airflow lets a person choose."""
    accounts = [
        {"Id": f"A{n}", "Name": name, "Phone": name, "Created": "2026-01-11", "Modified": "2026-01-11"}
        for n, name in enumerate(HOSTILE, 1)
    ]
    contacts = [{"Id": f"P{n}", "AccountId": f"A{n}", "Email": f"o'p{n}@x.test"} for n in range(1, len(HOSTILE) + 1)]
    world = {
        "settings": {"max_creates": 100},
        "sf": {"accounts": accounts, "contacts": contacts},
        "hs": {"companies": [{"id": "K1", "name": HOSTILE[0], "created": "2026-01-11"}]},
    }
    with SmallRuns.start(world) as sandbox:
        runs = SmallRuns(sandbox, database)
        before = tables(database)
        phone = FieldRule(salesforce="Phone", hubspot="phone", values={HOSTILE[1]: "100 % '"}, rule="always_salesforce")
        fields = (FieldRule(salesforce="Name", hubspot="name"), phone)
        runs.settings = runs.settings.model_copy(update={"fields": fields})
        wiring = wiring_of(sandbox, database, runs.settings)
        run_all(wiring, Run("manual__'); DROP TABLE sync.pairs; -- %s {0}", Scope("changed"), "apply"))
        assert tables(database) == before
        with sandbox.crms.lock:
            companies = list(sandbox.crms.portal.tables["companies"].live.values())
        assert set(HOSTILE) <= {it.get("name") for it in companies}
        assert "100 % '" in {it.get("phone") for it in companies}
        assert runs.run() == 0


def tables(database: Database) -> set[tuple[str, str]]:
    rows = database.rows(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('sync', 'staging')"
    )
    return {(row["table_schema"], row["table_name"]) for row in rows if not row["table_name"].startswith("page_")}


# F55 and F56: a whole run against CRMs that echo the caller's key in every error.

TOKEN = "pat-na1-CANARY-token-0123456789"
CONSUMER_SECRET = "CANARY-consumer-secret-0123456789"
CONSUMER_KEY = "CANARY-consumer-key-0123456789"
WORLD = {
    "settings": {"max_creates": 100},
    "sf": {
        "accounts": [
            {"Id": f"A{n}", "Name": f"Account {n}", "Created": "2026-01-11", "Modified": "2026-01-11"} for n in (1, 2)
        ],
        "contacts": [{"Id": "P1", "AccountId": "A1", "Email": "ann@acme.test"}],
    },
    "hs": {
        "companies": [{"id": "K1", "name": "Account 1", "created": "2025-01-01"}, {"id": "K2", "name": "K two"}],
        "contacts": [{"id": "h1", "email": "ann@acme.test"}],
        "assoc": [["h1", "K1", "primary"]],
    },
}


def wiring_of(sandbox, database, with_settings):
    limiter = PostgresLimiter(database, with_settings.budget, sandbox.clock)
    salesforce = SalesforceLogin("accord.my", CONSUMER_KEY, CONSUMER_SECRET, sandbox_url=sandbox.url)
    sandbox.crms.portal.tokens.add(TOKEN)
    return Wiring(
        database,
        connect_salesforce(salesforce, with_settings.wire, limiter, sandbox.clock),
        connect_hubspot(HubSpotLogin(TOKEN, sandbox.url, is_sandbox=True), with_settings.wire, limiter, sandbox.clock),
        with_settings,
        sandbox.clock,
    )


def everything_in(database: Database) -> str:
    """Return every row of every table as text, as a dump has them."""
    return "\n".join(
        str(row["line"])
        for schema, table in sorted(tables(database))
        for row in database.rows(f'SELECT t::text AS line FROM "{schema}"."{table}" t')
    )


@pytest.mark.postgres
@pytest.mark.parametrize("status", [400, 403, 404, 409, 429, 500])
def test_f55_no_key_is_in_a_table_a_log_or_a_task_after_a_run_of_echoes(database, caplog, status):
    caplog.set_level("DEBUG")
    with SmallRuns.start(WORLD) as sandbox:
        runs, said = SmallRuns(sandbox, database), []
        wiring = wiring_of(sandbox, database, runs.settings)
        paths = ("batch/upsert", "batch/update", "associate/default", "composite", "objects/companies/search")
        sandbox.crms.faults.arm([{"path": path, "do": "status", "status": status, "times": 4} for path in paths])
        for number in range(3):
            try:
                said.append(run_all(wiring, Run(f"echo/{number}", Scope("changed"), "apply")))
            except AccordError as error:
                said.append(repr(error))
        sessions = list(sandbox.crms.desk.sessions)
        assert any(fault.played for fault in sandbox.crms.faults.armed)
    text = "\n".join([everything_in(database), json.dumps(said, default=str), caplog.text])
    assert "CANARY" not in text
    assert sessions
    assert not [session for session in sessions if session.rpartition("!")[2][:12] in text]


@pytest.mark.postgres
def test_f56_what_tasks_hand_on_is_small_json_without_people_or_keys(database):
    with SmallRuns.start(WORLD) as sandbox:
        runs = SmallRuns(sandbox, database)
        wiring = wiring_of(sandbox, database, runs.settings)
        run = Run("xcom/1", Scope("changed"), "apply")
        handed = {"open": open_run(wiring, run)}
        wiring = wiring.for_run(run.run_id)
        handed |= {part: extract_salesforce(wiring, run, part) for part in SALESFORCE_PARTS}
        handed |= {f"hubspot {part}": extract_hubspot(wiring, run, part) for part in HUBSPOT_PARTS}
        handed["decide"] = decide(wiring, run)
        handed["apply"] = apply(wiring, run, handed["decide"]["digest"])
        handed |= {"verify": verify(wiring, run), "report": report(wiring, run)}
        daily = Run("xcom/daily", Scope("changed"), "apply")
        handed["reconcile salesforce"] = reconcile_salesforce(wiring, daily)
        handed["reconcile hubspot"] = reconcile_hubspot(wiring, daily)
        handed["retire"] = retire_old_runs(wiring, daily)
    for name, value in handed.items():
        text = json.dumps(value, allow_nan=False)
        assert len(text) < 4096, name
        for personal in ("CANARY", "ann@acme.test", "Account 1", "K two"):
            assert personal not in text, name
