"""A person's answer to a question of the queue: checked against what stands, remembered, and evidence from then on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.model.errors import BadInput
from accord.model.ids import hubspot_id, salesforce_id
from accord.sentences.questions import choices, told
from accord.sentences.words import listed, named
from accord.steps.candidates import with_candidates
from accord.steps.view import view
from accord.store import known, pairs, reviews

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.model.facts import Choice, Kind, Review, System
    from accord.store.database import Database

OPEN = ("open",)
ALL = ("open", "answered", "left", "undone", "gone")

_REARRANGES = {"account_id_on_two_companies", "two_accounts_on_one_company"}
"""Questions about whose a record is: their answer may end a pair of it that Accord remembers."""


@dataclass(frozen=True)
class Answer:
    """What a person says.

    Attributes:
        choice: pair (these two are one), apart (they are not), create (a record of its own), leave (nothing).
        by: who says so.
        ids: account and company of pair and apart, in any order; empty otherwise.
    """

    choice: Choice
    by: str
    ids: tuple[str, ...] = ()


def questions(database: Database, states: Sequence[str] = OPEN) -> list[Review]:
    """Return the questions in these states, oldest first, the open ones with their candidates."""
    rows = reviews.read(database, states)
    return with_candidates(database, rows, view(database) if any(it["state"] == "open" for it in rows) else None)


def question(database: Database, review_id: int) -> Review:
    """Return one question, with its candidates while it is open.

    Raises:
        BadInput: there is none of that number.
    """
    row = reviews.one(database, review_id)
    if row is None:
        raise BadInput(f"there is no review {review_id}; accord review list --all shows every one")
    return with_candidates(database, [row], view(database) if row["state"] == "open" else None)[0]


def resolve(database: Database, review_id: int, answer: Answer) -> Review:
    """Return the question with its answer, which the next run follows; nothing is stored where anything is wrong.

    Raises:
        BadInput: no such open question, an answer that would have no effect, a record that does not live or has
            nothing to do with the question, or an answer that contradicts another one; says what to do.
    """
    asked = question(database, review_id)
    if asked.state != "open":
        undo_it = f"; accord review undo {asked.id} takes it back" if asked.state in {"answered", "left"} else ""
        raise BadInput(f"review {review_id} is not open: {told(asked)}{undo_it}")
    if answer.choice not in choices(asked):
        possible = listed([f"--{it}" for it in choices(asked)])
        raise BadInput(f"review {review_id} ({asked.reason}): --{answer.choice} would change nothing; use {possible}")
    account_id, company_id = _sides(asked, answer)
    if account_id and company_id:
        _refuse_strangers(asked, account_id, company_id)
        _refuse_dead(database, account_id, company_id)
    if answer.choice == "pair":
        _refuse_third_party(database, asked, str(account_id), str(company_id))
    _refuse_contradiction(database, answer.choice, account_id, company_id)
    sides = {"account_id": account_id, "company_id": company_id}
    if not reviews.answer(database, review_id, choice=answer.choice, by=answer.by, **sides):
        raise BadInput(f"review {review_id} was answered by somebody else just now; nothing was stored")
    return question(database, review_id)


def undo(database: Database, review_id: int) -> int | None:
    """Return the number under which a question is asked again once its answer is taken back.

    None: it is asked already, or what the answer led to is done and stays.

    Raises:
        BadInput: no such question, or it has no answer.
    """
    asked = question(database, review_id)
    was_answered, again = reviews.undo(database, review_id)
    if not was_answered:
        raise BadInput(f"review {review_id} has no answer to take back: {told(asked)}")
    return again


def _sides(asked: Review, answer: Answer) -> tuple[str | None, str | None]:
    """Return account and company that an answer is about, None where it names none.

    Raises:
        BadInput: a pair is not one account and one company.
    """
    if answer.choice == "leave":
        return None, None
    if answer.choice == "create":
        return (asked.record.id, None) if asked.record.kind == "account" else (None, asked.record.id)
    given = sorted((it.strip() for it in answer.ids), key=lambda it: not it.startswith("001"))
    try:
        account_id, company_id = given
        return salesforce_id(account_id), str(int(hubspot_id(company_id)))
    except ValueError:
        raise BadInput(
            f"{' '.join(given)}: give one Salesforce account id (001...) and one HubSpot company id (digits)"
        ) from None


def _refuse_strangers(asked: Review, account_id: str, company_id: str) -> None:
    """Refuse a pair that has nothing to do with the question."""
    rivals = {rival.id for it in asked.candidates for rival, _ in it.rivals}
    meant = {asked.record.id, *(it.record.id for it in asked.candidates), *rivals}
    if asked.record.id not in {account_id, company_id} and not {account_id, company_id} <= meant:
        raise BadInput(
            f"review {asked.id} is about {named(asked.record)}: name it, or two of the records in question "
            f"(accord review list), not {account_id} and {company_id}"
        )


def _refuse_dead(database: Database, account_id: str, company_id: str) -> None:
    """Refuse records that do not live: the rules follow an answer only while both do."""
    sides: tuple[tuple[System, Kind, str], ...] = (
        ("salesforce", "account", account_id),
        ("hubspot", "company", company_id),
    )
    for system, kind, record_id in sides:
        row = known.staged(database, system, kind, record_id)
        if row is None:
            raise BadInput(f"{record_id}: no {kind} of this id is in staging; nothing was stored")
        if row["is_deleted"] or row["is_gone"] or row["heir_id"]:
            raise BadInput(f"{kind} {record_id} was deleted, merged or erased; accord explain {record_id} says more")


def _refuse_third_party(database: Database, asked: Review, account_id: str, company_id: str) -> None:
    """Refuse to pair records of which one has a living partner: an account has one company.

    Where the partner of the record in question is itself the question, the answer may end that pair.
    """
    with database.transaction() as connection:
        company_of, account_of = pairs.partners(connection, [account_id], [company_id])
    for record_id, partner, wanted in (
        (account_id, company_of.get(account_id), company_id),
        (company_id, account_of.get(company_id), account_id),
    ):
        is_disputed = asked.reason in _REARRANGES and record_id == asked.record.id
        if partner not in {None, wanted} and not is_disputed:
            raise BadInput(
                f"{record_id} is paired with {partner}, and a record has one partner: merge the two in their CRM "
                "(Accord follows a merge), or answer otherwise; nothing was stored"
            )


def _refuse_contradiction(database: Database, choice: Choice, account_id: str | None, company_id: str | None) -> None:
    """Refuse an answer that contradicts one in force: the rules would follow neither."""
    for row in reviews.answers_about(database, [it for it in (account_id, company_id) if it]):
        is_same = (row["account_id"], row["company_id"]) == (account_id, company_id)
        both = {choice, row["choice"]}
        if both == {"pair", "apart"} if is_same else both in ({"pair"}, {"pair", "create"}):
            sides = " and ".join(it for it in (row["account_id"], row["company_id"]) if it)
            raise BadInput(
                f"{row['answered_by']} answered review {row['id']} otherwise ({row['choice']}: {sides}); "
                f"take that back first: accord review undo {row['id']}"
            )
