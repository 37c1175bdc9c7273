"""A warehouse as a large portal leaves it behind: everything decided twice, thousands of runs, errors and questions.

It is made by Postgres itself in a minute; `size` runs a real import of this size, which takes a quarter of an hour.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from accord.model.settings import Settings

if TYPE_CHECKING:
    from accord.store.database import Database

RUNS = 2_880
"""A month of one every 15 minutes."""
IMPORT, NEWEST = f"sync_accounts/r{RUNS}", "sync_accounts/r1"
_ORIGIN = {
    "org_id": "00DQy0000000001AAA",
    "user_id": "005Qy0000000001AAA",
    "portal_id": "44",
    "salesforce_at": "2026-01-01T00:00:00+00:00",
    "hubspot_at": "2026-01-01T00:00:00+00:00",
}
_STAGED = (
    """INSERT INTO staging.salesforce_accounts
      (id, name, website, created_at, modified_at, is_deleted, seen_run, content_hash)
    SELECT '001qy' || lpad(n::text, 10, '0') || 'AAA', 'Acme ' || n || ' Industries', 'www.acme' || n || '.test',
      now(), now(), false, 'r', 'h' FROM generate_series(1, %(n)s) n""",
    """INSERT INTO staging.hubspot_companies (id, name, domain, created_at, is_archived, seen_run, content_hash)
    SELECT (9000000000 + n)::text, 'Acme ' || n || ' Industries', 'acme' || n || '.test', now(), false, 'r', 'h'
    FROM generate_series(1, %(n)s) n""",
    """INSERT INTO staging.salesforce_contacts (id, account_id, email, is_deleted, seen_run, content_hash)
    SELECT '003qy' || lpad(n::text, 10, '0') || 'AAA', '001qy' || lpad(((n - 1) / 3 + 1)::text, 10, '0') || 'AAA',
      'p' || n || '@acme.test', false, 'r', 'h' FROM generate_series(1, 3 * %(n)s) n""",
    """INSERT INTO staging.hubspot_contacts (id, email, is_archived, seen_run, content_hash)
    SELECT (100000000 + n)::text, 'p' || n || '@acme.test', false, 'r', 'h' FROM generate_series(1, 3 * %(n)s) n""",
    """INSERT INTO staging.hubspot_company_contacts
      (contact_id, company_id, type_ids, is_primary, seen_run, content_hash)
    SELECT (100000000 + n)::text, (9000000000 + (n - 1) / 3 + 1)::text, '{1}', true, 'r', 'h'
    FROM generate_series(1, 3 * %(n)s) n""",
)
_RUNS = """INSERT INTO sync.runs
    (run_id, dag, scope, mode, state, started_at, finished_at, settings, origin, plan_digest, counts, note)
    SELECT 'sync_accounts/r' || n, 'sync_accounts', '{"kind": "changed"}', 'apply', 'done',
      now() - make_interval(mins => 15 * n), now(), %(settings)s::jsonb, %(origin)s::jsonb, repeat('a', 64),
      jsonb_build_object('is_applied', true, 'pairs', %(n)s - n,
        'by_reason', jsonb_build_object('shared_contacts', n %% 7)), '3 paired' FROM generate_series(1, %(runs)s) n"""
_PLAN = (
    """INSERT INTO sync.decisions
      (run_id, system, key, action, record_id, reason, rule, partner_id, evidence, shared_people, warnings)
    SELECT %(run)s, 'salesforce', staging.salesforce_key(id),
      CASE WHEN n %% 100 = 0 THEN 'CREATE_COMPANY' ELSE 'LINK' END, id,
      CASE WHEN n %% 100 = 0 THEN 'no_matching_company' ELSE 'shared_contacts' END, 'R14',
      CASE WHEN n %% 100 <> 0 THEN (9000000000 + n)::text END, 'id', 3,
      CASE WHEN n %% 1000 = 0 THEN 'same_name_exists' ELSE '' END
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM staging.salesforce_accounts) a""",
    """INSERT INTO sync.decision_people
      (run_id, system, key, role, salesforce_contact_id, hubspot_contact_id, kind, is_primary)
    SELECT %(run)s, 'salesforce', account_key, 'evidence', id, (100000000 + row_number() OVER (ORDER BY id))::text,
      'id', true
    FROM staging.salesforce_contacts""",
)
_DONE = (
    """INSERT INTO sync.pairs (account_id, company_id, run_id)
    SELECT id, (9000000000 + row_number() OVER (ORDER BY id))::text, %(run)s FROM staging.salesforce_accounts""",
    """INSERT INTO sync.intents
      (id, system, object, op, source_id, target_id, account_id, company_id, fields, plan_hash, run_id,
        state, action, error_code, error_text)
    SELECT gen_random_uuid(), s, CASE s WHEN 'hubspot' THEN 'company' ELSE 'account' END, 'restamp',
      CASE s WHEN 'hubspot' THEN company_id ELSE account_id END,
      CASE s WHEN 'hubspot' THEN company_id ELSE account_id END, account_id, company_id, '{"key": "value"}', 'h',
      %(run)s, CASE WHEN id %% 500 = 0 THEN 'rejected' ELSE 'confirmed' END,
      'LINK', CASE WHEN id %% 500 = 0 THEN 'INVALID' ELSE '' END, ''
    FROM sync.pairs, unnest(ARRAY['hubspot', 'salesforce']) s""",
    """INSERT INTO sync.outcomes (run_id, intent_id, system, record_id, action, result, family)
    SELECT run_id, id, system, target_id, 'LINK', CASE state WHEN 'rejected' THEN 'rejected' ELSE 'linked' END,
      CASE state WHEN 'rejected' THEN 'property values' ELSE '' END FROM sync.intents""",
    """INSERT INTO sync.reviews (system, record_id, reason, rule, candidates)
    SELECT 'salesforce', id, 'tie_between_companies', 'R18', '["9000000001", "9000000002"]'
    FROM staging.salesforce_accounts LIMIT 500""",
    "INSERT INTO sync.watermarks (source, mark, run_id, row_count, full_at)"
    " VALUES ('salesforce.accounts', now(), 'r', 100, now())",
)
# What a run keeps beside its plan when it stores it.
_KEPT = """UPDATE sync.runs SET counts = counts || jsonb_build_object('by_decision', (SELECT jsonb_agg(c) FROM
      (SELECT system, action, reason, rule, count(*) AS records, count(*) FILTER (WHERE warnings <> '') AS warned
       FROM sync.decisions d WHERE d.run_id = runs.run_id GROUP BY 1, 2, 3, 4) c))
    WHERE run_id = ANY(%(runs)s)"""


def fill(database: Database, accounts: int) -> str:
    """Fill an empty warehouse; return the id of an account in the middle."""
    settings = Settings(sync_companies=True, mode="apply").model_dump(mode="json")
    with database.transaction() as connection:
        for statement in _STAGED:
            connection.execute(statement, {"n": accounts})
        values = {"n": accounts, "runs": RUNS, "settings": json.dumps(settings), "origin": json.dumps(_ORIGIN)}
        connection.execute(_RUNS, values)
        for run in (IMPORT, NEWEST):
            for statement in _PLAN:
                connection.execute(statement, {"run": run})
        for statement in _DONE:
            connection.execute(statement, {"run": IMPORT})
        connection.execute(_KEPT, {"runs": [IMPORT, NEWEST]})
        connection.execute("ANALYZE")
    middle = "SELECT id FROM staging.salesforce_accounts ORDER BY id OFFSET %s LIMIT 1"
    return str(database.rows(middle, [accounts // 2])[0]["id"])
