"""Designs that others shipped and that lose or double data, each put in the place of ours while a small world runs."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from psycopg import sql

from accord.crm import answers, hubspot_writes
from accord.crm.answers import Answer, Lost, RowAnswer
from accord.crm.conceal import Secrets
from accord.crm.hubspot import HubSpot
from accord.crm.hubspot_reads import HubSpotReads, results
from accord.steps import preflight, send, undo_made, undo_values
from accord.steps.answers import confirmed, settlement
from accord.steps.intake import Intake
from accord.store import ledger, staging, watermarks
from accord.store.lease import CRMS, TTL_SECONDS
from accord.store.ledger import from_row
from bad_designs import oracles
from machine.undone import Reverts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from machine.stage import Stage

UPSERT = {"crm": "hubspot", "method": "POST", "path": "companies/batch/upsert"}
CREATE = {"crm": "hubspot", "method": "POST", "path": "companies/batch/create"}


@dataclass(frozen=True)
class Design:
    """A bad design.

    Attributes:
        name: what people call it.
        instead: puts it in the place of ours.
        story: what happens to the world.
        oracle: who must notice.
        harm: what it did.
    """

    name: str
    instead: Callable[[], Any]
    story: Callable[[Stage], None]
    oracle: Callable[[Stage], list[str]]
    harm: str


# --- stories


def _faulted(*faults: dict[str, Any]) -> Callable[[Stage], None]:
    """Return a story of two runs, the first of which meets faults."""

    def story(stage: Stage) -> None:
        stage.crms.faults.arm(list(faults))
        stage.run()
        stage.crms.faults.clear()
        stage.sandbox.clock.advance(900)
        stage.run()

    return story


def _stamped_earlier(stage: Stage) -> None:
    """A transaction begins before the last change that a run sees, and commits after that run."""
    stage.run()
    stage.edit([_renamed("A1", "Ahrens & Sons")])
    began = stage.sandbox.clock.now()
    stage.sandbox.clock.advance(60)
    stage.edit([_renamed("A2", "Berger & Sons")], pause=60)
    stage.run()
    stage.sandbox.clock.advance(60)
    with stage.crms.lock, stage.crms.acting("person"):
        rid = stage.sandbox.world.ids["A3"]
        stage.crms.org.update("Account", rid, {"Name": "Clasen & Sons"})
        row = stage.crms.org.tables["Account"][rid]
        row["SystemModstamp"] = row["LastModifiedDate"] = began.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    stage.run()


def _moved_while_paged(stage: Stage) -> None:
    """A company of the first page is edited while the pages are read, hours after the other changes."""
    for _ in range(2):
        stage.run()
        stage.sandbox.clock.advance(3 * 3_600)
    stage.edit([_company(short, short[1]) for short in ("K1", "K2", "K3", "K4")])
    stage.sandbox.clock.advance(3 * 3_600)
    original, pages = HubSpotReads._search, [0]

    def watched(self: HubSpotReads, kind: str, *rest: Any) -> Iterator[Any]:
        for page in original(self, kind, *rest):
            yield page
            pages[0] += kind == "companies"
            if pages[0] == 1:
                pages[0] = 2
                stage.edit([_company("K1", "11")], pause=3)

    with mock.patch.object(HubSpotReads, "_search", watched), mock.patch("accord.crm.hubspot_reads._SEARCH_PAGE", 2):
        stage.run()
    stage.sandbox.clock.advance(3 * 3_600)
    stage.run()


def _killed_before_the_commit(stage: Stage) -> None:
    """The process dies after the rows of the accounts were staged and before they are committed."""
    stage.run(["K10:1"])
    stage.sandbox.clock.advance(900)
    stage.run()
    stage.sandbox.clock.advance(900)
    stage.run()


def _edited_during_the_run(stage: Stage) -> None:
    """A person edits an account after it was read; then the run itself writes to the same account."""
    stage.process.begin("K1:1")
    stage.process.instead = lambda: stage.edit([_renamed("A1", "Ahrens & Sons")], pause=5)
    stage.run_begun()
    for _ in range(2):
        stage.sandbox.clock.advance(900)
        stage.run()


def _emptied(stage: Stage) -> None:
    """A person empties a phone number."""
    stage.run()
    stage.sandbox.clock.advance(900)
    stage.run()
    stage.edit([_phone("A2", "")])
    stage.run()


def _watched_claims(stage: Stage) -> None:
    """Postgres itself notes how durable each claim is."""
    with stage.database.transaction() as connection:
        connection.execute(oracles.WATCH_CLAIMS)
    stage.run()


def _undone_after_an_edit(stage: Stage) -> None:
    """A person renames a company to which a run wrote; then that run is undone."""
    stage.run()
    stage.edit([{**_company("K1", ""), "values": {"name": oracles.OF_A_PERSON}}])
    stage.undo("stage/1")


def _undone_before_the_judge(archives: bool) -> Callable[[Stage], None]:
    """Return a story in which a person renames a company that a run made or wrote to, and that run is undone."""

    def story(stage: Stage) -> None:
        reverts, entries = Reverts(stage), stage.sandbox.journal.entries
        stage.run()
        reverts.ended("stage/1", 0)
        made = [it.id for it in stage.sandbox.journal.by("pipeline") if (it.op, it.object) == ("create", "companies")]
        with stage.crms.acting("person"):
            for rid in (made[0], stage.sandbox.world.ids["K1"]):
                stage.crms.portal.update("companies", rid, {"name": oracles.OF_A_PERSON})
        stage.sandbox.clock.advance(900)
        first, number = len(entries), stage.runs + 1
        reverts.undone[f"undo/{number}"] = "stage/1"
        if archives:
            reverts.archives.add(f"undo/{number}")
        stage.undo("stage/1", archives=archives)
        stage.laws_broken += reverts.ended(f"undo/{number}", first)

    return story


def _asked_by_nobody(stage: Stage) -> None:
    """Somebody without a login follows every link of the console."""
    from console_pages import Pages

    nobody = Pages(None)
    for route in nobody.app.routes:
        path = str(getattr(route, "path", ""))
        status = nobody.client.get(path).status_code
        if path != "/static" and status not in {401, 405}:
            stage.opened.append(f"{path} answered {status}")


def _renamed(short: str, name: str) -> dict[str, Any]:
    return {"crm": "salesforce", "op": "update", "object": "Account", "id": short, "values": {"Name": name}}


def _phone(short: str, number: str) -> dict[str, Any]:
    return {"crm": "salesforce", "op": "update", "object": "Account", "id": short, "values": {"Phone": number}}


def _company(short: str, number: str) -> dict[str, Any]:
    return {"crm": "hubspot", "op": "update", "object": "companies", "id": short, "values": {"phone": number}}


# --- designs


def _create(self: HubSpot, records: list[dict[str, Any]], kept: tuple[str, ...] = ()) -> list[RowAnswer]:
    """Return what a plain create of records answers, row by row as it was sent."""
    made = []
    for record in records:
        values = {name: value or "" for name, value in record.items() if name != "accord_key" or name in kept}
        body = {"inputs": [{"properties": values, "objectWriteTraceId": "0"}]}
        answer = self._calls.write(self._calls.api.crm.objects.batch_api.create, "companies", body)
        rid = str(answer["results"][0]["id"])
        made.append(RowAnswer(record["accord_key"], Answer.APPLIED, record_id=rid, created=True))
    return made


def _naive_create() -> Any:
    """Create, and create again where no answer came."""

    def upsert(self: HubSpot, _key: str, records: list[dict[str, Any]]) -> list[RowAnswer]:
        try:
            return _create(self, records)
        except Lost:
            return _create(self, records)

    return mock.patch.object(HubSpot, "upsert_companies", upsert)


def _search_first() -> Any:
    """Search by name before each create."""

    def found(self: HubSpot, name: str) -> str | None:
        body = {"filterGroups": [{"filters": [{"propertyName": "name", "operator": "EQ", "value": name}]}]}
        rows = self._calls.read(self._calls.api.crm.objects.search_api.do_search, "companies", body)["results"]
        return str(rows[0]["id"]) if rows else None

    def one(self: HubSpot, record: dict[str, Any]) -> RowAnswer:
        there = found(self, record["name"])
        if there:
            return RowAnswer(record["accord_key"], Answer.APPLIED, record_id=there, created=False)
        return _create(self, [record])[0]

    def upsert(self: HubSpot, _key: str, records: list[dict[str, Any]]) -> list[RowAnswer]:
        made = []
        for record in records:
            try:
                made.append(one(self, record))
            except Lost:
                made.append(one(self, record))
        return made

    return mock.patch.object(HubSpot, "upsert_companies", upsert)


@contextmanager
def _key_not_unique() -> Iterator[None]:
    """A ledger and a key, but a key that the CRM does not hold to be unique."""

    def upsert(self: HubSpot, _key: str, records: list[dict[str, Any]]) -> list[RowAnswer]:
        try:
            return _create(self, records, kept=("accord_key",))
        except Lost:
            return [RowAnswer(it["accord_key"], Answer.AMBIGUOUS) for it in records]

    def taken(*_: Any) -> Iterator[Any]:
        return iter(())

    with (
        mock.patch.object(HubSpot, "upsert_companies", upsert),
        mock.patch("accord.sandbox.uniques.Uniques.taken", taken),
        mock.patch.object(preflight, "company_key_problems", return_value=[]),
    ):
        yield


def _highest_seen() -> Any:
    """The next extract begins after the highest stamp that this one saw."""

    def move(self: Intake, connection: Any, live: int) -> None:
        table = sql.Identifier("staging", self.source.table)
        row = connection.execute(
            sql.SQL("SELECT max(stamp) + interval '1 second' AS at FROM {}").format(table)
        ).fetchone()
        mark = row["at"] or self.began
        watermarks.move_mark(
            connection, self.source.name, mark, run_id=self.run.run_id, row_count=live, full=self.since is None
        )

    return mock.patch.object(Intake, "_move_mark", move)


def _offset_paging() -> Any:
    """Pages by offset, of records in the order of their change."""

    def search(self: HubSpotReads, kind: str, properties: Any, filters: Any) -> Iterator[Any]:
        stamp, after = filters[0]["propertyName"], "0"
        window = {"propertyName": stamp, "operator": "GTE", "value": filters[0]["value"]}
        while after:
            body = {"filterGroups": [{"filters": [window]}], "properties": list(properties), "limit": 2, "after": after}
            body["sorts"] = [{"propertyName": stamp, "direction": "ASCENDING"}]
            page = self._calls.read(self._calls.api.crm.objects.search_api.do_search, kind, body)
            yield results(page, "search"), page["total"]
            after = (page.get("paging") or {}).get("next", {}).get("after")

    return mock.patch.object(HubSpotReads, "_search", search)


def _mark_first() -> Any:
    """The mark is committed before the rows are."""
    original = Intake.commit

    def commit(self: Intake, page: Any, **more: Any) -> dict[str, int]:
        with self.wiring.database.transaction() as connection:
            self._move_mark(connection, 0)
        return original(self, page, **more)

    return mock.patch.object(Intake, "commit", commit)


def _none_is_done() -> Any:
    """An answer without a word about a row is taken for done, as `None` of the client is."""

    def settled(work: Any, intent: Any, said: RowAnswer) -> Any:
        if said.answer is Answer.AMBIGUOUS and intent.target_id:
            return confirmed(work, intent, intent.target_id)
        return settlement(work, intent, said)

    return mock.patch.object(send, "settlement", settled)


def _echo_by_user() -> Any:
    """What our own user changed last is an echo and left out."""
    original = staging.merge

    def merge(connection: Any, source: Any, page: Any, run_id: str) -> int:
        if source.name == "salesforce.accounts":
            ours = "(SELECT origin ->> 'user_id' FROM sync.runs WHERE run_id = %s)"
            statement = sql.SQL('DELETE FROM {} WHERE "LastModifiedById" = ' + ours).format(page.identifier)
            connection.execute(statement, [run_id])
        return original(connection, source, page, run_id)

    return mock.patch.object(staging, "merge", merge)


def _shown_token() -> Any:
    """An error carries what the service said, as it said it."""
    return mock.patch.object(Secrets, "conceal", lambda _self, body: body)


def _one_second() -> Any:
    """One second of sleep after a 429."""
    return mock.patch.object(answers, "_wait", return_value=1.0)


def _falsy_dropped() -> Any:
    """`if value` where `if value is not None` was meant."""
    original = hubspot_writes._inputs

    def inputs(keys: Any, records: Any) -> Any:
        return original(keys, [{name: value for name, value in record.items() if value} for record in records])

    return mock.patch.object(hubspot_writes, "_inputs", inputs)


def _claim_in_memory() -> Any:
    """A claim that the disk has not seen when it is acknowledged."""

    def claim(database: Any, which: str, parameters: dict[str, Any]) -> list[Any]:
        with database.transaction() as connection:
            connection.execute("SET LOCAL synchronous_commit = off")
            more = {**parameters, "lease": CRMS, "ttl": TTL_SECONDS}
            claimed = connection.execute(ledger._CLAIM.format(which=which), more).fetchall()
        return [from_row(row) for row in sorted(claimed, key=lambda row: row["seq"])]

    return mock.patch.object(ledger, "_claim", claim)


def _undone_blindly() -> Any:
    """What a run wrote is put back, whatever stands there now."""
    original = undo_values._reason

    def reason(*about: Any) -> str:
        said = original(*about)
        return "" if said == "changed_since" else said

    return mock.patch.object(undo_values, "_reason", reason)


def _archived_blindly() -> Any:
    """What a run made is archived, whoever has worked on it since."""
    return mock.patch.object(undo_made, "why_kept", return_value={})


@contextmanager
def _open_route() -> Iterator[None]:
    """A route that names no rule, in a console that does not look for one."""
    from accord.console import app
    from accord.console.pages import runs

    with (
        mock.patch.object(runs.router, "routes", list(runs.router.routes)),
        mock.patch.object(app, "rules_of", return_value=iter(())),
    ):
        runs.router.add_api_route("/runs/all", lambda: "for everybody")
        yield


DESIGNS = (
    Design(
        "create, and again where no answer came", _naive_create,
        _faulted({**UPSERT, "do": "drop_after_commit"}, {**CREATE, "do": "drop_after_commit"}),
        oracles.i1_one_to_one, "Two companies of one account.",
    ),
    Design(
        "search before create", _search_first,
        _faulted({**UPSERT, "do": "drop_after_commit"}, {**CREATE, "do": "drop_after_commit"}),
        oracles.i1_one_to_one, "The index lags: two companies of one account.",
    ),
    Design(
        "a ledger without a unique key", _key_not_unique,
        _faulted(
            {**UPSERT, "do": "late_commit", "seconds": 60}, {**CREATE, "do": "late_commit", "seconds": 60},
        ),
        oracles.i1_one_to_one, "The first create lands after the second: two companies with one key.",
    ),
    Design("the highest stamp seen as mark", _highest_seen, _stamped_earlier, oracles.i7_all_is_staged,
           "A change whose transaction took long is never read."),
    Design("pages by offset", _offset_paging, _moved_while_paged, oracles.i7_all_is_staged,
           "A record that moves up while others are edited is never read."),
    Design("the mark before the rows", _mark_first, _killed_before_the_commit, oracles.i7_all_is_staged,
           "A kill between the two: the rows are never read."),
    Design("no answer taken for done", _none_is_done,
           _faulted({"crm": "hubspot", "path": "companies/batch/update", "do": "drop_before", "times": 9}),
           oracles.i2_confirmed_is_written, "The ledger says done, the CRM shows nothing."),
    Design("a revert that does not look", _undone_blindly, _undone_after_an_edit, oracles.i4_no_edit_is_undone,
           "What a person wrote after the run is lost."),
    Design("the same before the judge of the soak", _undone_blindly, _undone_before_the_judge(archives=False),
           oracles.i4_reverts_keep_the_law, "What a person wrote after the run is lost."),
    Design("a revert that archives what people use", _archived_blindly, _undone_before_the_judge(archives=True),
           oracles.i4_reverts_keep_the_law, "A company that a person works on lies in the recycle bin."),
    Design("echoes told by user", _echo_by_user, _edited_during_the_run, oracles.i9_no_edit_is_lost,
           "A person's edit in the minute of our own write never arrives."),
    Design("the service's words in an error", _shown_token,
           _faulted({"crm": "hubspot", "path": "companies/batch/upsert", "do": "status", "status": 401}),
           oracles.i5_no_secret, "A token in logs and tables."),
    Design("one second after a 429", _one_second,
           _faulted({"crm": "hubspot", "path": "objects/companies", "do": "status", "status": 429}),
           oracles.i6_no_call_too_early, "Calls inside the window that was asked for."),
    Design("empty values dropped", _falsy_dropped, _emptied, oracles.i10_values_arrive,
           "What a person emptied stays filled on the other side."),
    Design("a route without a login", _open_route, _asked_by_nobody, oracles.f52_nobody_is_let_in,
           "Everybody sees what the pipeline does."),
    Design("claims without the disk", _claim_in_memory, _watched_claims, oracles.f61_claims_are_durable,
           "A crash of Postgres forgets that something was sent."),
)  # fmt: skip
