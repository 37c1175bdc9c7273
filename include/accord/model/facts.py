"""What is known when somebody asks why: plain values, from which `sentences` makes plain sentences.

Names and messages are as the CRMs gave them; whoever shows them escapes them for its own medium.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

System = Literal["salesforce", "hubspot"]
Kind = Literal["account", "company", "contact", "lead"]
State = Literal["live", "deleted", "merged", "gone", "made", "unknown"]
"""What became of a record, as staging shows it; made: by Accord, and not read back yet; unknown: not in staging."""
Choice = Literal["pair", "apart", "create", "leave"]


@dataclass(frozen=True)
class Record:
    """A record by the id and the name (of a person: the e-mail) that people know it by; name "" where unknown."""

    system: System
    kind: Kind
    id: str
    name: str = ""


@dataclass(frozen=True)
class RunOf:
    """The run that something was decided in.

    Attributes:
        status: `applied`, `planned` (it only planned) or `unfinished` (it should have written and did not finish).
    """

    id: str
    at: datetime
    status: Literal["applied", "planned", "unfinished"]


@dataclass(frozen=True)
class Person:
    """A person behind a decision, on both sides; kind: paired by stored `id` or by `email`."""

    role: str
    salesforce: Record | None
    hubspot: Record | None
    kind: str = "id"
    is_primary: bool = False


@dataclass(frozen=True)
class Candidate:
    """A record that may be the partner.

    Attributes:
        people: how many it has in common with the record, None where that was not counted.
        primaries: for how many of them the company is the primary one.
        is_stated: one of the two stores the id of the other, or they were a pair before.
        rivals: other records with people in common with it: (record, people).
    """

    record: Record
    people: int | None = None
    primaries: int = 0
    is_stated: bool = False
    rivals: tuple[tuple[Record, int], ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """What was left as it is, and why; field "": not a single value but the whole record, such as a stage (R58)."""

    field: str
    code: str
    message: str


@dataclass(frozen=True)
class Write:
    """A write of the ledger and what came of it; `result` and `code` "" where nothing did yet.

    Attributes:
        target: the record written; of an association the company. None: still to be created.
        person: the HubSpot contact of an association.
        attempts: how often it was sent; a confirmed write that never was found the record as it should be.
    """

    system: System
    object: str
    op: str
    state: str
    target: Record | None
    at: datetime | None = None
    result: str = ""
    code: str = ""
    message: str = ""
    next_try_at: datetime | None = None
    fields: tuple[tuple[str, Any, Any], ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    person: Record | None = None
    attempts: int = 1


@dataclass(frozen=True)
class Value:
    """What a run decided about one mapped field; `held`: why it is not written, "" if it is, `message`: exactly."""

    name: str
    side: System
    before: str | None
    value: str | None
    rule: str = ""
    warnings: tuple[str, ...] = ()
    held: str = ""
    message: str = ""


@dataclass(frozen=True)
class Decided:
    """One decision with everything that it names; `run` None: what the rules say of the records as they are now."""

    run: RunOf | None
    record: Record
    action: str
    reason: str
    rule: str
    partner: Record | None = None
    runner_up: Record | None = None
    taken_by: Record | None = None
    rival: Record | None = None
    waiting_for: Record | None = None
    because: Record | None = None
    value: str = ""
    evidence: str = ""
    shared_people: int = 0
    shared_primaries: int = 0
    held_action: str = ""
    held_reason: str = ""
    warnings: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    writes: tuple[Write, ...] = ()
    values: tuple[Value, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    blockers: tuple[Record, ...] = ()


@dataclass(frozen=True)
class Pairing:
    """A pair that Accord remembers; `is_written`: a write of ours made it, else both CRMs knew it."""

    account: Record
    company: Record
    is_active: bool
    since: datetime
    is_written: bool
    ended_at: datetime | None = None
    ended_reason: str = ""


@dataclass(frozen=True)
class Review:
    """A question to a person.

    Attributes:
        state: open, answered, left (closed without an answer), undone (the answer was taken back) or gone (no longer
            asked).
        message: of a held write, the CRM's own words.
    """

    id: int
    record: Record
    reason: str
    rule: str
    state: str
    opened_at: datetime
    candidates: tuple[Candidate, ...] = ()
    choice: Choice | None = None
    account: Record | None = None
    company: Record | None = None
    answered_by: str = ""
    answered_at: datetime | None = None
    message: str = ""


@dataclass(frozen=True)
class Request:
    """What somebody asked for: an `import` of an account, or a record by hand (`manual`)."""

    kind: str
    by: str
    at: datetime
    is_open: bool
    outcome: str = ""


@dataclass(frozen=True)
class Mention:
    """Where a record is named in what stands for another one; role: rival, waiting_for, taken_by or partner."""

    record: Record
    role: str
    action: str


@dataclass(frozen=True)
class Story:
    """Everything that is known of an account or a company.

    Attributes:
        heir: where a merged record lives on.
        names: whom it stores as its partner, by the native id or by our key.
        named_by: who stores it as theirs.
        blocking: open reviews about other records that this one waits for.
        partner: its partner as the rules see it now, None without one or where the rules were not asked.
        now: what the rules say of it as staging shows it, asked only where no run decided anything.
        is_on: company sync is on; None: no run ever began.
        has_full_run: a run ever decided about everything, not only about an import or one record.
    """

    record: Record
    state: State
    heir: Record | None = None
    created_at: datetime | None = None
    names: tuple[Record, ...] = ()
    named_by: tuple[Record, ...] = ()
    pairings: tuple[Pairing, ...] = ()
    decisions: tuple[Decided, ...] = ()
    mentions: tuple[Mention, ...] = ()
    reviews: tuple[Review, ...] = ()
    blocking: tuple[Review, ...] = ()
    requests: tuple[Request, ...] = ()
    partner: Record | None = None
    now: Decided | None = None
    is_on: bool | None = None
    has_full_run: bool = False


@dataclass(frozen=True)
class Role:
    """A decision that a person was named in: evidence, attach, associate, stage, or stage_behind (another one led)."""

    role: str
    decided: Decided


@dataclass(frozen=True)
class PersonStory:
    """Everything that is known of a contact or lead.

    Attributes:
        account: of a Salesforce contact; None: a private one.
        counterparts: whom it is paired with, each by `id` or `email`.
        unpaired: why it is paired with nobody, a code of `sentences.persons`; "" where it is.
        companies: (company, whether it is the person's primary one); of a Salesforce person those of its counterparts.
        is_listed: on the inclusion list; None: no list is configured, or the record is not a HubSpot contact.
    """

    record: Record
    state: State
    heir: Record | None = None
    is_private: bool = False
    account: Record | None = None
    converted: Record | None = None
    counterparts: tuple[tuple[Record, str], ...] = ()
    unpaired: str = ""
    companies: tuple[tuple[Record, bool], ...] = ()
    is_listed: bool | None = None
    stage: str = ""
    roles: tuple[Role, ...] = ()
    writes: tuple[tuple[RunOf, Write], ...] = ()
