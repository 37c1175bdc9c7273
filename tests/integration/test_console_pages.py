"""The pages of the console over small worlds that are run the whole way: what they show, and what their forms do."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from accord.model.scope import Run, Scope
from accord.steps.decide import decide
from accord.steps.extract import extract_all
from accord.steps.open_run import open_run
from accord.steps.report import report
from accord.steps.sequence import undo_all
from accord.store.database import Database
from accord.worlds.clients import wiring_for
from console_pages import Airflow, Pages, console_of, contents, texts
from integration.lived_world import life_of, staffed
from small_runs import SmallRuns
from tiny_worlds import grown

pytestmark = pytest.mark.postgres

WORLD = {
    "new": ["A1", "A2", "A3"],
    "aged": ["K1", "K2", "K3"],
    "shared": {"A1": {"K1": 2}, "A2": {"K2": 1, "K3": 1}},
}


def named_world(short):
    """A world in which everybody has a name."""
    named = grown(short)
    for it in named["sf"]["accounts"]:
        it["Name"] = f"Account {it['Id']}"
    for it in named["hs"]["companies"]:
        it["name"] = f"Company {it['id']}"
    return named


@pytest.fixture(scope="module")
def shown(postgres_server, migrated_template, tmp_path_factory):
    """The same world for all tests that only look: it changed once, so that there are two runs to look at."""
    database = Database(postgres_server.create_database("console_shown", template=migrated_template))
    with (
        pytest.MonkeyPatch.context() as patch,
        SmallRuns.start(named_world(WORLD)) as sandbox,
        console_of(database, tmp_path_factory.mktemp("console"), patch),
    ):
        small = SmallRuns(sandbox, database)
        small.run()
        account = {"Website": "www.acme.test", "Name": "=A1 Account"}
        small.person(crm="salesforce", op="update", object="Account", id=small.ids["A1"], values=account)
        email = {"email": "sa1k11@people.test"}
        small.person(crm="hubspot", op="update", object="contacts", id=small.ids["sA1K11"], values=email)
        small.run()
        yield small
    postgres_server.drop_database("console_shown")


@pytest.fixture
def seen(shown):
    return Pages("viewer", Airflow())


@pytest.fixture
def runs(database, tmp_path, monkeypatch):
    """A pair, a tie and a creation, run once, to act on."""
    with SmallRuns.start(named_world(WORLD)) as sandbox, console_of(database, tmp_path, monkeypatch):
        small = SmallRuns(sandbox, database)
        small.run()
        yield small


@pytest.fixture
def pages(runs):
    return Pages("user", Airflow())


def review_id(runs):
    return runs.database.rows("SELECT id FROM sync.reviews WHERE state = 'open'")[0]["id"]


# --- what they show


def test_the_overview_says_what_was_done_what_waits_and_what_it_cost(shown, seen):
    tree = seen.tree("/")
    said = texts(tree)
    assert "1 question for a person to answer" in said
    assert "waiting: an account that it may belong to is in review" in said
    assert "1 paired, 1 company created, 2 waiting, 1 for review" in said
    # Two pairs: the one found and the one made; the newest day has both reasons.
    assert [it.get("points") for it in tree.xpath("//polyline")]
    assert {it.text for it in tree.xpath("//rect/title") if it.text} >= {
        f"{day}: 1 {text}"
        for day in [tree.xpath("//svg//text[@text-anchor='end']")[-1].text]
        for text in (
            "paired: the company holds the account's people",
            "company created: no company holds any of the account's people",
        )
    }
    assert tree.xpath("//meter")


def test_what_airflow_knows_is_part_of_the_overview(seen):
    said = texts(seen.tree("/airflow"))
    assert "Next run: 2026-01-12 00:15 UTC" in said
    assert "3 creations are held" in said


def test_the_question_of_a_run_that_was_ended_is_not_said_to_wait(shown):
    """Airflow keeps it without an answer for ever; its link led to a plan that nobody can approve."""
    airflow = Airflow()
    airflow.approval["state"] = "failed"
    assert "approval" not in texts(Pages("viewer", airflow).tree("/airflow"))


@pytest.mark.parametrize("asked", ["account a1", "ACCOUNT", "acc a1", "sA1K11@people.test", "acme.test", "A1-account"])
def test_records_are_found_by_what_people_know(shown, seen, asked):
    wanted = shown.ids["sA1K11" if "@" in asked else "A1"]
    assert wanted in texts(seen.tree("/records", q=asked))


def test_what_a_partner_waited_for_is_not_told_once_both_are_a_pair(runs, pages):
    """No later run need have decided about the company itself."""
    told, account = "waits until this account is settled", runs.ids["A1"]
    with runs.database.transaction() as connection:
        connection.execute(
            "UPDATE sync.decisions SET record_id = %s, waiting_for_id = %s, partner_id = NULL WHERE record_id = %s",
            [runs.ids["K1"], account, runs.ids["K2"]],
        )
    assert told not in texts(pages.tree("/records/card", id=account))
    with runs.database.transaction() as connection:
        connection.execute("UPDATE sync.pairs SET is_active = false, ended_at = now() WHERE account_id = %s", [account])
    assert told in texts(pages.tree("/records/card", id=account))


@pytest.mark.parametrize("name", ["Mapleline S.A.", "Cote & Fils B.V. (node.js)", "O'Neil a/b Co.KG"])
def test_a_record_is_found_by_its_whole_name(runs, pages, name):
    with runs.database.transaction() as connection:
        connection.execute("UPDATE staging.salesforce_accounts SET name = %s WHERE id = %s", [name, runs.ids["A1"]])
    assert runs.ids["A1"] in texts(pages.tree("/records", q=name))


def test_nothing_is_found_by_what_nobody_has(seen):
    assert "Nothing in staging" in texts(seen.tree("/records", q="zzz & ' \\ : *"))


def test_the_card_has_the_pair_the_reason_the_people_and_links_into_both_crms(shown, seen):
    tree = seen.tree("/records/card", id=shown.ids["A1"][:15])
    said = texts(tree)
    assert "the company holds 2 people of the account" in said
    assert len(tree.xpath("//table//tbody/tr")) == 2
    links = set(tree.xpath("//a[@data-leads='crm']/@href"))
    assert f"https://acme.my.salesforce.com/{shown.ids['A1']}" in links
    assert any(it.endswith(f"/record/0-2/{shown.ids['K1']}") for it in links)
    assert "Noted the pair in the key field" in said


def test_an_unknown_id_is_said_in_the_page(seen):
    answer = seen.client.get("/records/card", params={"id": "9999"}, headers={"HX-Request": "true"})
    assert (answer.status_code, "is in staging" in answer.text) == (400, True)


def test_the_plan_is_counted_filtered_and_paged(shown, seen, monkeypatch):
    everything = seen.tree("/plan", run="sync/1")
    assert len(everything.xpath("//table[@id='rows']/tbody/tr")) == 5
    only = seen.tree("/plan", run="sync/1", action="LINK")
    assert [texts(it) for it in only.xpath("//table[@id='rows']/tbody/tr/td[1]")] == [
        f"=A1 Account Salesforce account {shown.ids['A1']}"
    ]
    told, address = [], "/plan?run=sync/1"
    monkeypatch.setattr("accord.store.shown_plan.PAGE", 2)
    monkeypatch.setattr("accord.console.pages.plan.PAGE", 2)
    while address:
        tree = seen.tree(address)
        told += [it.text for it in tree.xpath("//table[@id='rows']/tbody/tr/td[1]/a")]
        address = "".join(tree.xpath("//a[@rel='next']/@href"))
    assert sorted(told) == ["=A1 Account", "Account A2", "Account A3", "Company K2", "Company K3"]


def test_the_tab_of_a_run_finds_its_plan_by_airflows_placeholders(shown, seen):
    shown.database.rows("UPDATE sync.runs SET run_id = 'sync_accounts/a__00+00:00' WHERE run_id = 'sync/2' RETURNING 1")
    tree = seen.tree("/plan", dag="sync_accounts", run_id="a__00 00:00")
    assert tree.xpath("//table[@id='counts']")


def test_a_plan_as_csv_has_no_formula_in_it(shown, seen):
    rows = list(csv.DictReader(io.StringIO(seen.get("/plan.csv", run="sync/1").text.removeprefix("\ufeff"))))
    assert len(rows) == 5
    assert {it["account_name"] for it in rows if it["action"] == "LINK"} == {"'=A1 Account"}


def test_a_run_shows_its_writes_before_and_after(shown, seen):
    said = texts(seen.tree("/runs/one", run="sync/1"))
    assert "accord_key: blank → sf-" in said
    assert "sync/1" in texts(seen.tree("/runs"))
    written = [[texts(cell) for cell in row] for row in seen.tree("/runs/writes", run="sync/1").xpath("//tbody/tr")]
    assert ["HubSpot", "create", "confirmed", "1"] in written


# --- what their forms do


def test_a_tie_is_resolved_on_the_page_and_the_next_run_obeys(runs, pages):
    asked = review_id(runs)
    sides = pages.tree("/reviews/candidates", id=asked)
    assert [texts(it) for it in sides.xpath("//article/h2")] == ["Company K2", "Company K3"]
    assert all(len(it.xpath(".//li")) == 1 for it in sides.xpath("//article"))
    answer = pages.post("/reviews/answer", id=asked, choice="pair", other=runs.ids["K3"])
    assert "Ann answered" in answer.text
    assert answer.headers["HX-Trigger-After-Swap"] == "accord-changed"
    runs.run()
    assert ("A2", "K3") in runs.pairs()
    assert "Take the answer back" in texts(pages.tree("/reviews/one", id=asked))


@pytest.mark.parametrize("choice", ["apart", "create", "leave"])
def test_every_other_answer_is_stored_as_given_and_can_be_taken_back(runs, pages, choice):
    asked = review_id(runs)
    pages.post("/reviews/answer", id=asked, choice=choice, other=runs.ids["K2"])
    [row] = runs.database.rows("SELECT state, choice, answered_by FROM sync.reviews WHERE id = %s", [asked])
    wanted = ("left", None, "Ann") if choice == "leave" else ("answered", choice, "Ann")
    assert (row["state"], row["choice"], row["answered_by"]) == wanted
    assert "asked again as review" in pages.post("/reviews/undo", id=asked).text
    assert review_id(runs) != asked


def test_an_answer_that_is_wrong_stores_nothing_and_says_why(runs, pages):
    asked = review_id(runs)
    said = pages.post("/reviews/answer", id=asked, choice="pair", other=runs.ids["K1"], status=400).text
    assert "is paired with" in said
    assert review_id(runs) == asked


def test_sync_now_starts_the_dag_and_is_shown_to_its_end(runs):
    airflow = Airflow()
    pages = Pages("user", airflow)
    pages.client.cookies.set("_token", "jwt-of-ann")
    started = pages.post("/records/sync", id=runs.ids["A1"])
    method, path, body, cookie = airflow.asked[0]
    assert (method, path, cookie) == ("POST", "/api/v2/dags/sync_record/dagRuns", "_token=jwt-of-ann")
    assert body["conf"] == {"record_id": runs.ids["A1"]}
    assert "queued" in started.text
    told = [
        pages.get("/records/sync", run="manual__1+00:00", id=runs.ids["A1"]) for _ in ("queued", "running", "success")
    ]
    assert [("every 2s" in it.text, it.headers.get("HX-Trigger-After-Swap")) for it in told] == [
        (True, None),
        (True, None),
        (False, "accord-changed"),
    ]
    assert "1 paired" in told[-1].text


def test_a_run_is_undone_after_a_preview_of_what_is_put_back(runs):
    airflow = Airflow()
    airflow.states = ["running", "success"]
    pages = Pages("user", airflow)
    assert "Looking at what would be undone" in pages.post("/runs/revert", run="sync/1", mode="plan").text
    assert airflow.asked[0][1:3] == (
        "/api/v2/dags/revert_run/dagRuns",
        {"logical_date": None, "conf": {"run": "sync/1", "archive_created": False, "mode": "plan"}},
    )
    told = [pages.get("/runs/revert", run="manual__1", of="sync/1", mode="plan").text for _ in ("running", "success")]
    assert ["every 2s" in it for it in told] == [True, False]
    assert "Undo this run?" in told[-1]
    undone(runs, "plan")
    assert "There is nothing to undo" not in texts(pages.tree("/runs/reversals", run="revert_run/plan"))
    assert re.search(r"Planned only: \d+ writes would be undone", texts(pages.tree("/runs/one", run="revert_run/plan")))
    pages.post("/runs/revert", status=400, run="sync/nothing", mode="apply")


def undone(runs, mode):
    """What the DAG does that the console starts."""
    wiring = wiring_for(runs.sandbox.url, runs.database, runs.settings, runs.sandbox.clock)
    undo_all(wiring, Run(f"revert_run/{mode}", Scope("revert", undone_run="sync/1"), mode), None)


def test_what_is_no_id_starts_nothing(runs):
    airflow = Airflow()
    assert "Give the id of" in Pages("user", airflow).post("/records/sync", id="001<b>", status=400).text
    assert not airflow.asked


@pytest.mark.parametrize(("word", "option"), [("approve", "Approve"), ("reject", "Reject")])
def test_a_plan_is_answered_through_airflow_bound_to_its_digest(runs, word, option):
    run_id = "sync_accounts/manual__1"
    plan_only(runs, run_id)
    airflow = Airflow()
    pages = Pages("user", airflow)
    form = pages.tree("/plan/approval", run=run_id)
    digest = form.xpath(f"//form[.//input[@value='{word}']]//input[@name='digest']/@value")[0]
    stale = pages.post("/plan/answer", run=run_id, digest="0" * 64, answer=word, status=409)
    assert "made anew" in stale.text
    assert airflow.response is None
    assert "Recorded: Ann" in pages.post("/plan/answer", run=run_id, digest=digest, answer=word).text
    assert airflow.response == [option]
    assert "Ann answered" in texts(pages.tree("/plan/approval", run=run_id))
    assert "already been updated" in pages.post("/plan/answer", run=run_id, digest=digest, answer=word, status=400).text


@pytest.mark.parametrize(
    "approval",
    [
        {"state": "running", "asked_at": "2026-01-12T00:00:00Z"},
        {"state": "awaiting_input", "asked_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()},
    ],
)
def test_nobody_is_asked_before_airflow_is_ready_for_the_answer(runs, approval):
    """It takes an answer of the first seconds for a failure, and then asks a second time."""
    run_id = "sync_accounts/manual__1"
    plan_only(runs, run_id)
    airflow = Airflow()
    airflow.approval = approval
    part = Pages("user", airflow).tree("/plan/approval", run=run_id)
    assert not part.xpath("//form")
    assert part.xpath("//p[@hx-trigger]/@hx-get") == [f"/plan/approval?run={run_id.replace('/', '%2F')}"]


def test_a_rejected_plan_is_no_failure_and_says_who_rejected_it(runs, pages):
    run_id = "sync_accounts/manual__1"
    wiring = plan_only(runs, run_id)
    said = report(wiring, Run(run_id, Scope("changed"), "apply"), declined_by="Ann")
    assert said["note"] == "Rejected by Ann: nothing of this plan was written; the next run plans anew"
    overview = texts(pages.tree("/"))
    assert "declinedRejected by Ann" in overview
    assert "failed" not in overview
    assert pages.tree("/runs/one", run=run_id).xpath("//main//span[contains(@class, 'wary')]/text()") == ["declined"]


def plan_only(runs, run_id):
    """A run up to its plan, as one that waits at the gate; the clients it has."""
    wiring = wiring_for(runs.sandbox.url, runs.database, runs.settings, runs.sandbox.clock)
    run = Run(run_id, Scope("changed"), "apply")
    open_run(wiring, run)
    wiring = wiring.for_run(run_id)
    extract_all(wiring, run)
    decide(wiring, run)
    return wiring


@pytest.mark.parametrize("form", [{}, {"family": "property values"}, {"one": True}])
def test_what_was_refused_is_told_and_tried_again_at_once_when_asked(database, tmp_path, monkeypatch, form):
    order = ("subscriber", "lead", "opportunity", "vip")
    world = {"hs": staffed({"K1": None}, {"h1": ("lead", "K1")})}
    with life_of(world, database, stage_order=order) as life, console_of(database, tmp_path, monkeypatch):
        life.run()
        life.option("contacts", "vip", 6)
        life.moves("contacts", "h1", "vip")
        life.run()
        pages = Pages("user")
        said = texts(pages.tree("/errors"))
        assert "property values" in said
        assert "Mend the value" in said
        [row] = life.rows("SELECT id, error_text FROM sync.intents WHERE state = 'rejected'")
        assert row["error_text"] in said
        assert "property values" in texts(pages.tree("/"))
        life.option("companies", "vip", 6)
        life.run()
        assert life.stage_writes()[-1:] != [("K1", "vip")]
        asked = {"id": row["id"]} if form.pop("one", False) else form
        assert "1 write is tried again" in pages.post("/errors/retry", **asked).text
        assert "Ann asked for another try, 2" in texts(pages.tree("/errors"))
        life.run()
        assert life.stage_writes()[-1] == ("K1", "vip")
        assert "Nothing stands refused" in texts(pages.tree("/errors"))
        run = life.rows("SELECT run_id FROM sync.intents WHERE state = 'rejected'")[0]["run_id"]
        assert "Ann asked for another try, 2" in texts(pages.tree("/runs/one", run=run)), "the history forgets her"


def test_the_switch_holds_until_the_file_says_something_else(database, tmp_path, monkeypatch):
    from accord.console.warehouse import settings_of_file
    from accord.store import switch
    from accord.store.history import settings_history

    with console_of(database, tmp_path, monkeypatch) as file:
        pages = Pages("user")
        assert "Ann turned the sync off" in pages.post("/settings/switch", answer="off").text
        assert not switch.applied(database, settings_of_file()).sync_companies
        tree = pages.tree("/settings")
        assert tree.xpath("//span[@id='switch']")[0].text == "off"
        assert "Turned off here by Ann" in texts(tree)
        assert settings_history(database, 1)[0].by == "Ann"
        # A pull request that turns it off as well, and a later one that turns it on.
        for word, is_on in (("false", False), ("true", True)):
            file.write_text(f"sync_companies: {word}")
            assert switch.applied(database, settings_of_file()).sync_companies is is_on
        pages.post("/settings/switch", answer="off")
        pages.post("/settings/switch", answer="on")
        assert switch.applied(database, settings_of_file()).sync_companies


def test_what_if_says_what_would_be_decided_and_stores_nothing(runs, pages):
    before = contents(runs.database)
    said = texts(pages.tree("/settings/what-if", name="on_tie", value="create"))
    assert "on_tie: review -> create" in said
    assert "Account A2" in said
    assert contents(runs.database) == before
    for name, value in (("on_tie", "nonsense"), ("no_such", "1"), ("caps.nothing", "1"), ("on_tie", "&a [*a, *a]")):
        pages.get("/settings/what-if", name=name, value=value, status=400)
