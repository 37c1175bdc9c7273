"""Who may do what in the console, route by route: Airflow's own login and rights, and no other site in between."""

from __future__ import annotations

import pytest
from starlette.routing import Mount

from accord.console.app import console_app, rules_of
from accord.console.headers import CSP
from accord.console.rules import SAFE, TOKEN
from console_pages import SITE, Airflow, Pages, console_of, contents

pytestmark = pytest.mark.postgres

EFFECTS = {
    "/records/sync": {"id": "29000000001"},
    "/plan/answer": {"run": "sync_accounts/manual__1", "digest": "0" * 64, "answer": "approve"},
    "/reviews/answer": {"id": "1", "choice": "leave"},
    "/reviews/undo": {"id": "1"},
    "/errors/retry": {},
    "/runs/revert": {"run": "sync/1", "mode": "plan"},
    "/settings/switch": {"answer": "off"},
}
LINKS = {
    "/": {}, "/airflow": {}, "/records": {"q": "acme"}, "/records/card": {"id": "29000000001"},
    "/records/sync": {"run": "manual__1", "id": "29000000001"}, "/plan": {}, "/plan/fields": {"run": "sync/1"},
    "/plan/approval": {"run": "sync_accounts/manual__1"}, "/plan.csv": {"run": "sync/1"}, "/reviews": {},
    "/reviews/one": {"id": "1"}, "/reviews/candidates": {"id": "1"}, "/errors": {}, "/runs": {},
    "/runs/one": {"run": "sync/1"}, "/runs/writes": {"run": "sync/1"}, "/runs/reversals": {"run": "sync/1"},
    "/runs/revert": {"run": "manual__1", "of": "sync/1", "mode": "plan"}, "/settings": {}, "/settings/what-if": {"name": "on_tie", "value": "create"},
}  # fmt: skip


@pytest.fixture
def console(database, tmp_path, monkeypatch):
    with console_of(database, tmp_path, monkeypatch):
        yield database


def routes():
    """(method, path) of every route of the console."""
    return [(method, path) for path, methods, _ in rules_of(console_app()) for method in sorted(methods)]


def test_every_route_has_one_rule_and_is_tried_here():
    app = console_app()
    for path, methods, rules in rules_of(app):
        assert [it.is_effect for it in rules] == [not methods <= set(SAFE)], path
    assert {path for method, path in routes() if method == "POST"} == EFFECTS.keys()
    assert {path for method, path in routes() if method == "GET"} == LINKS.keys()
    assert [it.path for it in app.routes if isinstance(it, Mount)] == ["/static"]


def test_a_route_without_a_rule_is_no_console(monkeypatch):
    from accord.console.pages import runs

    monkeypatch.setattr(runs.router, "routes", list(runs.router.routes))
    runs.router.add_api_route("/open", lambda: "everybody")
    with pytest.raises(AssertionError, match="/open"):
        console_app()


def test_nobody_gets_anything_without_a_login(console):
    """With Airflow's own dependency, which finds no token."""
    nobody = Pages(None)
    before = contents(console)
    for method, path in routes():
        form = EFFECTS.get(path) if method == "POST" else None
        answer = nobody.client.request(method, path, params=LINKS.get(path), data=form, headers={"Origin": SITE})
        assert answer.status_code == 401, (method, path)
        assert nobody.client.request(method, path).status_code == 401, f"{method} {path} without its parameters"
        for other in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
            assert nobody.client.request(other, path).status_code in {401, 405}
    for path in ("/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect", "/static/../app.py", "/nothing"):
        assert nobody.client.get(path).status_code == 404, path
    assert contents(console) == before


def test_a_forged_token_opens_nothing(console):
    nobody = Pages(None)
    assert nobody.client.get("/", headers={"Authorization": "Bearer x.y.z"}).status_code in {401, 403}
    assert nobody.client.get("/", cookies={"_token": "x.y.z"}).status_code in {401, 403}


def test_a_viewer_sees_everything_and_changes_nothing(console):
    airflow = Airflow()
    viewer = Pages("viewer", airflow)
    before = contents(console)
    for path, form in EFFECTS.items():
        assert "You may not change the DAG" in viewer.post(path, status=403, **form).text
    assert contents(console) == before
    assert not airflow.asked
    buttons = viewer.tree("/settings").xpath("//*[@hx-post]")
    assert not buttons


def test_whoever_may_not_see_the_dag_sees_nothing(console, monkeypatch):
    """As a user of another team."""
    monkeypatch.setattr("accord.console.rules.may", lambda user, dag_id, method: False)
    stranger = Pages("viewer")
    for path, query in LINKS.items():
        stranger.get(path, status=403, **query)


def test_only_runs_of_accord_can_be_answered(console):
    for run in ("other_dag/manual__1", "sync_accounts/", "sync_accounts", "../sync_accounts/x"):
        Pages("user", Airflow()).post("/plan/answer", status=404, run=run, digest="0" * 64, answer="approve")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": None},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"HX-Request": None},
        {TOKEN: None},
        {TOKEN: "0" * 64},
    ],
)
def test_no_other_site_can_ask_for_an_effect(console, headers):
    user = Pages("user", Airflow())
    before = contents(console)
    for path, form in EFFECTS.items():
        user.post(path, status=403, headers=headers, **form)
    assert contents(console) == before


def test_links_have_no_effect(console):
    """On an installation that never ran: what there is to see is not much, and it stays as it is."""
    airflow = Airflow()
    airflow.states = ["running"] * 5
    user = Pages("user", airflow)
    before = contents(console)
    for path, query in LINKS.items():
        assert user.client.get(path, params=query or None).status_code in {200, 400}, path
    assert contents(console) == before
    assert {method for method, *_ in airflow.asked} == {"GET"}


def test_nothing_from_elsewhere_runs_in_a_page(console):
    user = Pages("user")
    for path in ("/", "/static/console.css", "/nothing"):
        headers = user.client.get(path).headers
        assert headers["Content-Security-Policy"] == CSP
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert "unsafe" not in CSP
    assert "frame-ancestors 'self'" in CSP
    tree = user.tree("/")
    assert not tree.xpath("//script[not(@src)] | //style | //*[@style]")
    addresses = tree.xpath("//script/@src | //link/@href | //img/@src")
    assert addresses
    assert all(it.startswith("/static/") for it in addresses)
    for it in addresses:
        assert user.client.get(it).status_code == 200


def test_a_failure_tells_no_detail(console, monkeypatch):
    def broken(*_):
        raise RuntimeError("postgresql://accord:secret@host")

    monkeypatch.setattr("accord.store.shown_runs.page", broken)
    user = Pages("user")
    user.client._transport.raise_server_exceptions = False
    answer = user.client.get("/runs")
    assert (answer.status_code, "secret" in answer.text, "log" in answer.text) == (500, False, True)
    assert answer.headers["Content-Security-Policy"] == CSP


def test_a_wrong_form_is_answered_without_repeating_it(console):
    answer = Pages("user").post("/settings/switch", status=422, answer="<img src=x onerror=alert(1)>")
    assert "onerror" not in answer.text
    assert answer.headers["Content-Type"].startswith("text/html")
