"""Schema `sync`: what Accord itself remembers. Runs, plans, the ledger of writes, pairs, requests, limits.

Ids are text as the CRMs write them (Salesforce 18 characters, HubSpot digits), NULL where nobody is named; `*_key`
columns are the int8 keys of `model.ids`. Times are UTC.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from accord.store.tables import SYNC, metadata

OPEN = "state IN ('planned', 'sent')"
"""Of an intent: nobody knows yet what came of it."""


def _table(name: str, *parts: Any) -> Table:
    """Return a table in schema `sync`."""
    return Table(name, metadata, *parts, schema=SYNC)


def _id() -> Column[Any]:
    """Return a number that Postgres gives out, in order of writing."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _text(name: str, default: str | None = "", comment: str | None = None) -> Column[Any]:
    """Return a text column: never NULL but `default` ("" unless told otherwise), or nullable where that is None."""
    if default is None:
        return Column(name, Text, comment=comment)
    return Column(name, Text, nullable=False, server_default=default, comment=comment)


def _at(name: str, *, now: bool = False) -> Column[Any]:
    """Return a moment: NULL until it comes, or the moment the row is written."""
    return Column(name, DateTime(timezone=True), nullable=not now, server_default=text("now()") if now else None)


def _json(name: str, default: str | None = "{}") -> Column[Any]:
    """Return a JSONB column: `default`, or nullable where that is None."""
    if default is None:
        return Column(name, JSONB)
    return Column(name, JSONB, nullable=False, server_default=text(f"'{default}'::jsonb"))


def _record_key(name: str, record_id: str) -> Column[Any]:
    """Return the int8 key of the record that a row is about, by the row's `system`."""
    of = f"CASE WHEN system = 'salesforce' THEN staging.salesforce_key({record_id}) ELSE ({record_id})::bigint END"
    return Column(name, BigInteger, Computed(of, persisted=True))


def _pair_keys() -> tuple[Column[Any], Column[Any]]:
    """Return the int8 keys of the columns `account_id` and `company_id`, -1 where nobody is named."""
    company = "coalesce(company_id::bigint, -1)"
    return (
        Column("account_key", BigInteger, Computed("staging.salesforce_key(account_id)", persisted=True)),
        Column("company_key", BigInteger, Computed(company, persisted=True)),
    )


def _side(name: str, system: str) -> Column[Any]:
    """Return the account or company of a decision: the record itself, or its partner."""
    of = f"CASE WHEN system = '{system}' THEN record_id ELSE partner_id END"
    return Column(name, Text, Computed(of, persisted=True))


runs = _table(
    "runs",
    Column("run_id", Text, primary_key=True),
    _text("dag"),
    _json("scope"),
    _text("mode"),
    _text("state", "running", "running, waiting (at the gate), done, declined (by a person), failed"),
    _at("started_at", now=True),
    _at("finished_at"),
    _json("settings"),
    _json("origin", None),
    _text("plan_digest", None),
    _json("counts"),
    _text("note"),
)

watermarks = _table(
    "watermarks",
    Column("source", Text, primary_key=True, comment="such as hubspot_companies"),
    Column("mark", DateTime(timezone=True), comment="the CRM's clock at run start, minus the overlap"),
    Column("run_id", Text, nullable=False),
    Column("row_count", BigInteger, comment="records seen by the last full read"),
    _at("full_at"),
)

decisions = _table(
    "decisions",
    Column("run_id", Text, primary_key=True),
    Column("system", Text, primary_key=True, comment="salesforce: an account, hubspot: a company"),
    Column("key", BigInteger, primary_key=True),
    Column("action", Text, primary_key=True),
    Column("record_id", Text, nullable=False),
    *(_text(name) for name in ("reason", "rule")),
    *(
        _text(f"{name}_id", None)
        for name in ("partner", "runner_up", "taken_by", "rival", "waiting_for", "because", "attach_to")
    ),
    *(_text(name) for name in ("value", "evidence")),
    Column("shared_people", BigInteger, nullable=False, server_default=text("0")),
    Column("shared_primaries", BigInteger, nullable=False, server_default=text("0")),
    *(_text(name) for name in ("held_action", "held_reason", "warnings")),
    _side("account_id", "salesforce"),
    _side("company_id", "hubspot"),
)

decision_people = _table(
    "decision_people",
    Column("run_id", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("role", Text, nullable=False, comment="evidence, attach, associate, stage"),
    _text("salesforce_contact_id", None),
    _text("hubspot_contact_id", None),
    _text("kind"),
    Column("is_primary", Boolean, nullable=False, server_default=text("false")),
    Index(None, "run_id", "system", "key"),
)

field_decisions = _table(
    "field_decisions",
    Column("run_id", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("company_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("side", Text, nullable=False, comment="the CRM that is written"),
    _text("value", None, "NULL clears"),
    _text("before", None, "what the written side had; NULL: blank"),
    _text("rule"),
    _text("warnings"),
    _text("held", comment="why it is not written; empty: it is"),
)

pairs = _table(
    "pairs",
    _id(),
    Column("account_id", Text, nullable=False),
    Column("company_id", Text, nullable=False),
    *_pair_keys(),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    _text("run_id"),
    Column("intent_id", UUID(as_uuid=True), comment="the write that made the pair; NULL: found in the CRMs"),
    _at("created_at", now=True),
    _at("ended_at"),
    _text("ended_reason"),
    Index("uq_pairs_account", "account_id", unique=True, postgresql_where=text("is_active")),
    Index("uq_pairs_company", "company_id", unique=True, postgresql_where=text("is_active")),
)

intents = _table(
    "intents",
    Column("id", UUID(as_uuid=True), primary_key=True, comment="uuid5(system, op, source_id, plan_hash)"),
    Column("seq", BigInteger, Identity(always=True), nullable=False, comment="order of sending within an op"),
    Column("system", Text, nullable=False, comment="the CRM that is written"),
    Column("object", Text, nullable=False, comment="account, contact (Salesforce), company, association"),
    Column("op", Text, nullable=False),
    Column("source_id", Text, nullable=False, comment="create: the record on the other side; else what is written"),
    _text("target_id", None, "the record written; NULL until a create is confirmed"),
    _text("key", None, "origin key of the written record"),
    _text("account_id", None),
    _text("company_id", None),
    _json("fields"),
    _json("before", None),
    _json("people", "[]"),
    _text("action", comment="the decision that this write carries out"),
    Column("follows", UUID(as_uuid=True), comment="the write that this one completes; NULL: from the plan itself"),
    Column("plan_hash", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    _text("settled_run", None, "run that settled it, where that is a later one"),
    _text("state", "planned"),
    Column("epoch", BigInteger, comment="of the lease under which it was claimed"),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    _at("planned_at", now=True),
    _at("sent_at"),
    _at("done_at"),
    _at("next_try_at"),
    *(_text(f"error_{name}") for name in ("class", "code", "text")),
    _text("retried_by", None, "who asked last that a refused write is tried again"),
    _at("retried_at"),
    CheckConstraint(
        "op IN ('create', 'restamp', 'update', 'unparent', 'parent', 'unstage', 'stage', 'attach', 'associate',"
        " 'dissociate', 'archive')",
        name="op",
    ),
    CheckConstraint(
        "state IN ('planned', 'sent', 'confirmed', 'rejected', 'held', 'superseded')",
        name="state",
    ),
    Index("uq_intents_open", "system", "op", "source_id", unique=True, postgresql_where=text(OPEN)),
    Index("ix_intents_next", "state", "system", "op", "seq", postgresql_where=text(OPEN)),
    Index("ix_intents_source", "system", "source_id"),
    Index("ix_intents_run_id", "run_id"),
)

outcomes = _table(
    "outcomes",
    _id(),
    Column("run_id", Text, nullable=False),
    Column("intent_id", UUID(as_uuid=True), comment="NULL: came of no write"),
    Column("system", Text, nullable=False, comment="of the record that the outcome is about"),
    Column("record_id", Text, nullable=False),
    _text("action"),
    _text("field", comment="of a value that was left out (R71); empty: the whole record"),
    Column("result", Text, nullable=False, comment="created linked updated unchanged skipped held rejected retry"),
    *(_text(name) for name in ("code", "message", "family")),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    _at("next_try_at"),
    _json("payload", None),
    _text("content_hash"),
    _at("at", now=True),
    Index("uq_outcomes_intent", "intent_id", "field", unique=True, postgresql_where=text("intent_id IS NOT NULL")),
    Index("ix_outcomes_run_id", "run_id"),
    Index("ix_outcomes_record", "system", "record_id"),
)

reviews = _table(
    "reviews",
    _id(),
    Column("system", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _text("rule"),
    _json("candidates", "[]"),
    _text("run_id"),
    _text("state", "open", "open, answered, gone (no longer asked)"),
    _at("opened_at", now=True),
    _text("choice", None, "pair, apart, create"),
    _text("account_id", None),
    _text("company_id", None),
    *_pair_keys(),
    _text("answered_by", None),
    _at("answered_at"),
    Index("uq_reviews_open", "system", "record_id", "reason", unique=True, postgresql_where=text("state = 'open'")),
)

requests = _table(
    "requests",
    _id(),
    Column("kind", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    _record_key("record_key", "record_id"),
    _text("requested_by"),
    _text("requested_run", None, "the run that was started to make this request, if one was"),
    _at("requested_at", now=True),
    _text("state", "open"),
    _text("outcome"),
    _text("run_id", None, "the run that closed it"),
    _at("closed_at"),
    CheckConstraint("kind IN ('import', 'manual')", name="kind"),
    CheckConstraint("state IN ('open', 'done')", name="state"),
    Index("uq_requests_open", "kind", "system", "record_id", unique=True, postgresql_where=text("state = 'open'")),
)

stage_baseline = _table(
    "stage_baseline",
    Column("contact_id", Text, primary_key=True),
    _text("stage"),
    _text("run_id"),
)

field_base = _table(
    "field_base",
    Column("account_id", Text, primary_key=True),
    Column("company_id", Text, nullable=False),
    *(_json(name) for name in ("salesforce", "hubspot", "repeats")),
    _text("staged", None, "versions of both staged rows and of the field map; NULL: look again"),
    *(_text(f"{side}_as_of", None) for side in ("salesforce", "hubspot")),
    *(_at(f"{side}_since") for side in ("salesforce", "hubspot")),
    _text("run_id"),
    _json("mapped", None),
)
"""What both sides of a pair had after the last run: `{rule name: value in common form, null: blank}` (R62-R68).

`repeats` remembers the last write of a field to each side (value, what it replaced, how often, when), so that a peer
that rewrites it cannot make a loop (I11). `_as_of` is the version of the staged row on which the last write to that
side was decided, `_since` the CRM's clock when its run began: a staged row that is no newer has not seen that write
(R101). `mapped` is what each rule mapped at that time: `{rule name: Salesforce field and kind}`.
"""

field_seen = _table(
    "field_seen",
    Column("run_id", Text, primary_key=True),
    Column("system", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    _text("account_id", None, "NULL: still to be created"),
    _text("company_id", None, "NULL: still to be created"),
    Column("is_known", Boolean, nullable=False, server_default=text("false")),
    *(_json(name) for name in ("salesforce", "hubspot", "base_salesforce", "base_hubspot")),
    _text("staged", None),
    *(_text(f"{side}_version", None) for side in ("salesforce", "hubspot")),
    _json("mapped", None),
)
"""What a run saw of the mapped fields of a pair when it decided; becomes `field_base` once that was carried out."""

reversals = _table(
    "reversals",
    Column("run_id", Text, primary_key=True),
    Column("place", Integer, primary_key=True, comment="newest write first"),
    Column("system", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("op", Text, nullable=False, comment="what undoes it: an op of intents, or pair and unpair"),
    Column("source_id", Text, nullable=False),
    _text("target_id", None),
    _text("account_id", None),
    _text("company_id", None),
    Column("about_system", Text, nullable=False, comment="of the account or company that it is told of"),
    Column("about_id", Text, nullable=False),
    _text("key", None),
    _json("fields"),
    _json("before"),
    _text("reason", comment="why it is left as it is; empty: it is undone"),
    _text("message"),
)
"""The plan of a revert: what undoes the writes of a run, and which of them cannot or must not be undone (R104)."""

stage_seen = _table(
    "stage_seen",
    Column("run_id", Text, primary_key=True),
    Column("contact_id", Text, primary_key=True),
    _text("stage"),
)
"""Stages that differed from the baseline when a run decided; they become it once that was carried out (R52)."""

lease = _table(
    "lease",
    Column("name", Text, primary_key=True),
    _text("holder", None),
    Column("epoch", BigInteger, nullable=False, comment="grows with every taking: an older holder is fenced off"),
    _at("expires_at", now=True),
)

call_budget = _table(
    "call_budget",
    Column("crm", Text, primary_key=True),
    _json("starts"),
    _json("blocked"),
    _json("hours"),
    Column("total", BigInteger, nullable=False, server_default=text("0"), comment="calls ever counted"),
    Column("remaining", BigInteger, comment="what the service said is left of its day"),
    _at("remaining_at"),
)

settings_history = _table(
    "settings_history",
    _id(),
    _at("at", now=True),
    _text("by"),
    _json("settings"),
    _json("difference"),
)

proofs = _table(
    "proofs",
    Column("run_id", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    _at("at", now=True),
    Column("counted", BigInteger, nullable=False, comment="live records, as the CRM counts them"),
    Column("mirrored", BigInteger, nullable=False, comment="live records in staging"),
    Column("missed", BigInteger, nullable=False, comment="changes older than the mark before"),
    Column("gone", BigInteger, nullable=False, comment="records that are nowhere any more"),
)
"""What the daily reconcile counted on both ends of each source, one row a run."""

assumptions = _table(
    "assumptions",
    _id(),
    _at("at", now=True),
    *(_text(name) for name in ("by", "org_id", "portal_id", "name", "answer", "observed")),
    CheckConstraint("answer IN ('holds', 'fails', 'not testable')", name="answer"),
)
"""What `accord conformance` found; the latest row of a name counts for its org and portal."""

switches = _table(
    "switches",
    _id(),
    Column("is_on", Boolean, nullable=False),
    Column("over", Boolean, nullable=False, comment="what the settings file said when it was turned"),
    _text("by"),
    _at("at", now=True),
    _at("ended_at"),
    Index("uq_switches_in_force", text("(ended_at IS NULL)"), unique=True, postgresql_where=text("ended_at IS NULL")),
)

alerts = _table(
    "alerts",
    _id(),
    _text("kind"),
    _text("subject"),
    Column("is_over", Boolean, nullable=False),
    _text("text"),
    _text("run_id"),
    _at("at", now=True),
    Column(
        "pending",
        ARRAY(Text),
        nullable=False,
        server_default=text("'{}'::text[]"),
        comment="notifiers that have not taken it yet",
    ),
)
"""What people were told; the last row of a kind and subject says whether it is over."""
Index("ix_alerts_latest", alerts.c.kind, alerts.c.subject, alerts.c.id)
Index("ix_alerts_pending", alerts.c.id, postgresql_where=text("pending <> '{}'::text[]"))

# What pages ask for; a run reads whole plans and needs none of these.
Index("ix_runs_started_at", runs.c.started_at, runs.c.run_id)
Index(
    "ix_decisions_shown",
    *(decisions.c[name] for name in ("run_id", "action", "reason", "system", "key")),
)
Index(
    "ix_decisions_warned",
    *(decisions.c[name] for name in ("run_id", "system", "key")),
    postgresql_where=text("warnings <> ''"),
)
Index("ix_decisions_record_id", decisions.c.record_id)
for _name in ("partner_id", "rival_id", "waiting_for_id", "taken_by_id"):
    Index(f"ix_decisions_{_name}", decisions.c[_name], postgresql_where=text(f"{_name} IS NOT NULL"))
for _name in ("salesforce", "hubspot"):
    Index(f"ix_decision_people_{_name}", decision_people.c[f"{_name}_contact_id"])
for _shown in (field_decisions, pairs, intents):
    for _name in ("account_id", "company_id"):
        Index(f"ix_{_shown.name}_{_name}", _shown.c[_name])
Index("ix_intents_target_id", intents.c.target_id)
Index("ix_intents_shown", intents.c.run_id, intents.c.seq)
Index("ix_intents_rejected", intents.c.error_code, intents.c.seq, postgresql_where=text("state = 'rejected'"))
Index("ix_outcomes_record_id", outcomes.c.record_id)
Index("ix_outcomes_trouble", outcomes.c["at"], outcomes.c.family, postgresql_where=text("result = 'rejected'"))
Index("ix_requests_record_id", requests.c.record_id)
