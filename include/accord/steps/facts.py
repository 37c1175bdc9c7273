"""Rows of the warehouse -> facts that sentences are made of. Pure: every id was given its name before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from accord.model.facts import (
    Decided,
    LeftOut,
    Mention,
    Pairing,
    Person,
    Request,
    Review,
    RunOf,
    Value,
    Write,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord.model.facts import Candidate, Kind, Record, System
    from accord.store.names import Names

    Id = tuple[System, Kind, str | None]

Row = Mapping[str, Any]

_ACCOUNTS = ("taken_by_id", "rival_id", "waiting_for_id")


def ids_of_decision(row: Row) -> Iterator[Id]:
    """Yield every record that a decision names."""
    yield "salesforce", "account", row["account_id"]
    yield "hubspot", "company", row["company_id"]
    yield "hubspot", "company", row["runner_up_id"]
    yield "hubspot", "contact", row["because_id"]
    yield from (("salesforce", "account", row[name]) for name in _ACCOUNTS)


def ids_of_person(row: Row) -> Iterator[Id]:
    """Yield both sides of a person."""
    yield "salesforce", "contact", row["salesforce_contact_id"]
    yield "hubspot", "contact", row["hubspot_contact_id"]


def ids_of_write(row: Row) -> Iterator[Id]:
    """Yield what a write is about."""
    yield "salesforce", "account", row["account_id"]
    yield "hubspot", "company", row["company_id"]
    if row["object"] == "association":
        yield "hubspot", "contact", row["fields"].get("contact")
        yield "hubspot", "company", row["fields"].get("company")
    else:
        yield row["system"], row["object"], row["target_id"]


def ids_of_pair(row: Row) -> Iterator[Id]:
    """Yield both sides of a pair, or of the answer to a review."""
    yield "salesforce", "account", row["account_id"]
    yield "hubspot", "company", row["company_id"]


def run_of(row: Row) -> RunOf:
    """Return the run of a row that was joined with it."""
    return RunOf(row["run_id"], row["started_at"], row["status"])


def decided(
    row: Row,
    names: Names,
    *,
    people: Sequence[Row] = (),
    writes: Sequence[Write] = (),
    values: Sequence[Value] = (),
    left: Sequence[LeftOut] = (),
    candidates: Sequence[Candidate] = (),
    blockers: Sequence[Record] = (),
) -> Decided:
    """Return a decision; a row without `started_at` is what the rules say now."""
    is_account = row["system"] == "salesforce"
    return Decided(
        run=run_of(row) if row.get("started_at") else None,
        record=names.of_decision(row["system"], row["record_id"]),
        action=row["action"],
        reason=row["reason"],
        rule=row["rule"],
        partner=names.company(row["company_id"]) if is_account else names.account(row["account_id"]),
        runner_up=names.company(row["runner_up_id"]),
        taken_by=names.account(row["taken_by_id"]),
        rival=names.account(row["rival_id"]),
        waiting_for=names.account(row["waiting_for_id"]),
        because=names.get("hubspot", "contact", row["because_id"]),
        value=row["value"],
        evidence=row["evidence"],
        shared_people=row["shared_people"],
        shared_primaries=row["shared_primaries"],
        held_action=row["held_action"],
        held_reason=row["held_reason"],
        warnings=tuple(row["warnings"].split()),
        people=tuple(_person(it, names) for it in people),
        writes=tuple(writes),
        values=tuple(values),
        left_out=tuple(left),
        candidates=tuple(candidates),
        blockers=tuple(blockers),
    )


def beside(
    row: Row,
    record: Record,
    action: str,
    *,
    writes: Sequence[Write] = (),
    values: Sequence[Value] = (),
    left: Sequence[LeftOut] = (),
) -> Decided:
    """Return what a run did to a record without a decision row of its own: mapped fields, or writes of long ago."""
    return Decided(
        run_of(row),
        record,
        action,
        reason="",
        rule="",
        writes=tuple(writes),
        values=tuple(values),
        left_out=tuple(left),
    )


def write(row: Row, names: Names, left_out: Sequence[Row] = ()) -> Write:
    """Return a write and what came of it."""
    before, is_link = row["before"] or {}, row["object"] == "association"
    target = (
        names.company(row["fields"].get("company"))
        if is_link
        else names.get(row["system"], row["object"], row["target_id"])
    )
    return Write(
        system=row["system"],
        object=row["object"],
        op=row["op"],
        state=row["state"],
        target=target,
        at=row["done_at"],
        result=row["result"] or "",
        code=row["code"] or "",
        message=row["message"] or "",
        next_try_at=row["next_try_at"],
        fields=tuple((name, before.get(name), after) for name, after in sorted(row["fields"].items())),
        left_out=tuple(left_as_it_is(it) for it in left_out),
        person=names.get("hubspot", "contact", row["fields"].get("contact")) if is_link else None,
        attempts=row["attempt"],
    )


def left_as_it_is(row: Row) -> LeftOut:
    """Return what an outcome says was left as it is."""
    return LeftOut(row["field"], row["code"], row["message"])


def value(row: Row) -> Value:
    """Return what was decided about a mapped field."""
    warnings = tuple(row["warnings"].split())
    sides = row["side"], row["before"], row["value"]
    return Value(row["name"], *sides, row["rule"], warnings, row["held"], row["message"])


def pairing(row: Row, names: Names) -> Pairing:
    """Return a pair."""
    account, company = names.account(row["account_id"]), names.company(row["company_id"])
    if account is None or company is None:
        raise AssertionError("a pair names both its records")
    return Pairing(
        account=account,
        company=company,
        is_active=row["is_active"],
        since=row["created_at"],
        is_written=row["intent_id"] is not None,
        ended_at=row["ended_at"],
        ended_reason=row["ended_reason"],
    )


def review(row: Row, names: Names, candidates: Sequence[Candidate] = ()) -> Review:
    """Return a question with its answer."""
    return Review(
        id=row["id"],
        record=names.of_decision(row["system"], row["record_id"]),
        reason=row["reason"],
        rule=row["rule"],
        state=row["state"],
        opened_at=row["opened_at"],
        candidates=tuple(candidates),
        choice=row["choice"],
        account=names.account(row["account_id"]),
        company=names.company(row["company_id"]),
        answered_by=row["answered_by"] or "",
        answered_at=row["answered_at"],
        message=row["message"] or "",
    )


def request(row: Row) -> Request:
    """Return what somebody asked for."""
    return Request(row["kind"], row["requested_by"], row["requested_at"], row["state"] == "open", row["outcome"])


def mention(row: Row, names: Names, record_id: str) -> Mention:
    """Return where a decision on another record names this one."""
    roles = {"rival_id": "rival", "waiting_for_id": "waiting_for", "taken_by_id": "taken_by"}
    role = next((role for column, role in roles.items() if row[column] == record_id), "partner")
    return Mention(names.of_decision(row["system"], row["record_id"]), role, row["action"])


def by(rows: Sequence[Row], *columns: str) -> dict[tuple[Any, ...], list[Row]]:
    """Return the rows in groups of equal columns, in the order they came."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return groups


def _person(row: Row, names: Names) -> Person:
    """Return a person behind a decision."""
    return Person(
        role=row["role"],
        salesforce=names.get("salesforce", "contact", row["salesforce_contact_id"]),
        hubspot=names.get("hubspot", "contact", row["hubspot_contact_id"]),
        kind=row["kind"],
        is_primary=row["is_primary"],
    )
