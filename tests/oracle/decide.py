"""The decision rules a second time, written from their text alone: dicts and loops, obviously right before fast.

Nothing here knows the core. Where the rules leave a choice, this is what the oracle reads, and why:

people
- R24, R24b: a record is "stored by another HubSpot contact" if a live one stores it; through a converted lead its contact
  is stored too, because R88 says that person is that contact.
- R89: a stored contact id wins over a stored lead id even where the contact is gone ("wins", and no falling back).
- R80: an id that no live record has means the live record that lists it as merged: in pairs, associations and lists.
pairs
- R23, R78 ask all three sources (table, stored id, origin key); a company's own live account comes before one that only
  a merge led to (R74: "survivor keeps its pair").
- R74 before R78: what survivors of several merges inherit is an orphan as soon as one of them has a company of its own.
- R79: a broken pair comes back only where neither record has, or could have, anybody else; its row needs no change.
- R77: RELINK unless Accord's table already holds the pair under today's ids; RELINK and REVIEW rows need no change (R21).
- R74 "for both": two merged accounts with a company each, survivor without: both companies, and no row for the survivor,
  as with R78.
- R76: an archived company of the account itself is a tombstone; a tombstoned account is neither a rival (R19b) nor
  waited for (R44), which name R7 alone, but a manual company may pair with it (R49).
- R4: a company id nobody can see keeps its account out of the matching: `SKIP company_not_visible`.
answers of people
- an open question about a manual company holds it back until it is answered, whoever it points at by then (R47, R49).
- a chosen pair counts while both records live and no second answer contradicts it; what is written elsewhere against an
  answer is not believed. Age, deletes and R19b do not hold back what a person decided, a person account (R11) and
  an invisible company (R4) do where the answer was a record of its own.
matching
- R47: manual companies come first, without strengths and without R19b (an outside account counts as pointed at), and
  any person in common points (U17 is about automatic pairing).
- R18 with `on_tie`: only where one account stands alone before several companies; with a second account R20 reviews all.
- R19b: an account that waits counts as outside for its other candidates, else run order would decide who gets them; the
  rival named is the outside account at the end of the chain. Stronger claims than its own still pair.
- R16 against R45: one candidate kept by a review is enough to wait; else the strongest taken one is named.
- runner_up: the strongest company still to be had when the account is paired.
- evidence: `id` where at least one shared person is paired by id.
creation
- order for a company: invisible account, R44, R45, manual, deleted account, age, negatives, positives, R34, R36. R44 and
  R45 hold manual companies too (R46 lists what is lifted), a deleted account stops creation only (R75).
- R41: attached only where R32 gave the reason; not at all where two companies would attach the same contact, because
  two HubSpot contacts are that one.
- R34: an account that is created as a company in this run is paired in this run.
- R13b: with LINK and CREATE_COMPANY alone; an archived company is none.
- R96: a HOLD keeps what the creation would carry.
stages
- a contact without `was` was never seen, so it has not changed (R60).
"""

from __future__ import annotations

from typing import Any

from oracle.answers import read_answers
from oracle.contest import Contest, open_contest
from oracle.creation import Workplace, creation_row
from oracle.matching import match, settle_manual
from oracle.pairs import Pairs, known_pairs, pair_rows
from oracle.people import Claim, Identity, account_of, claims, identities, staff
from oracle.reading import Decision, World, load, natural
from oracle.remarks import with_warnings
from oracle.stages import field_rows, stage_rows


def decide_world(raw: dict[str, Any]) -> list[Decision]:
    """Return the decisions that must follow from a world, as its YAML file holds it, with or without the defaults."""
    world = load(raw)
    if not world.settings["sync_companies"]:
        return []
    answers, people = read_answers(world), staff(world)
    pairs, shared = known_pairs(world, answers), claims(world, answers)
    contest = open_contest(world, pairs, answers, shared)
    settle_manual(contest)
    match(contest)
    companies = _company_rows(world, pairs, contest, shared, people)
    accounts = [_finished(world, people, row) for row in contest.rows.values()]
    rows = with_warnings(world, pairs, people, identities(world), pair_rows(world, pairs) + accounts + companies)
    return _capped(world, rows) + stage_rows(world, pairs, people) + field_rows(world, contest)


def _company_rows(
    world: World,
    pairs: Pairs,
    contest: Contest,
    shared: dict[tuple[str, str], Claim],
    people: dict[str, dict[str, bool]],
) -> list[Decision]:
    """One row for each live company that no account's row and no review of its pair speaks for."""
    who = identities(world)
    spoken_for = contest.taken.keys() | pairs.closed | contest.company_rows.keys()
    left = [Workplace(world, k, people.get(k, {}), who) for k in world.live_companies() if k not in spoken_for]
    return [*contest.company_rows.values(), *_attached_once([creation_row(it, pairs, contest, shared) for it in left])]


def _attached_once(rows: list[Decision]) -> list[Decision]:
    """Nobody is attached to two accounts: a contact that two companies would attach stays where it is (R41)."""
    everyone = [p for row in rows for p in row.get("attach", [])]
    once = [row | {"attach": [p for p in row.get("attach", []) if everyone.count(p) == 1]} for row in rows]
    return [{name: value for name, value in row.items() if value != []} for row in once]


def _finished(world: World, people: dict[str, dict[str, bool]], row: Decision) -> Decision:
    """Add to an account that gets a company the people who have none (R13b)."""
    homeless = _homeless(world, people, row["target"]) if row["do"] in ("LINK", "CREATE_COMPANY") else []
    return row | ({"associate": homeless} if homeless else {})


def _homeless(world: World, people: dict[str, dict[str, bool]], account: str) -> list[str]:
    """HubSpot contacts that are the account's people and belong to no live company (R13b)."""
    who: dict[str, Identity] = identities(world)
    employed = {h for staff_of_one in people.values() for h in staff_of_one}
    found = [h for h, identity in who.items() if account_of(world, identity) == account and h not in employed]
    return sorted(found, key=natural) if world.settings["associate_contacts"] else []


def _capped(world: World, rows: list[Decision]) -> list[Decision]:
    """Hold every creation of a plan that makes too many, manual ones too (R96, 3.11)."""
    creations = [row for row in rows if row["do"].startswith("CREATE_")]
    if len(creations) <= world.settings["max_creates"]:
        return rows
    return [row | {"do": "HOLD", "reason": "creation_cap"} if row in creations else row for row in rows]
