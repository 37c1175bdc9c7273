"""What every comparison keeps: its contract, its inputs, one answer for any row order, and nothing overlooked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from pandas.testing import assert_frame_equal

from accord.model import columns
from accord.model.findings import FINDINGS, KINDS, REASONS, SEVERITIES
from accord.model.ids import NONE
from accord.rules.watch import compare
from oracle.random_worlds import worlds
from watch_worlds import natively, seen

Row = dict[str, Any]
LAW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.large_base_example])
FRAMES = ("accounts", "companies", "company_merges", "associations", "pairs", "hubspot_contacts", "salesforce_contacts")


@LAW
@given(worlds())
def test_inputs_are_left_as_they_were_and_findings_keep_their_contract(raw: Row):
    snapshot, native, policy, _ = seen(raw)
    before = {name: getattr(snapshot, name).copy() for name in FRAMES}
    found = compare(snapshot, native, policy).findings
    for name in FRAMES:
        assert_frame_equal(getattr(snapshot, name), before[name])
    assert_frame_equal(found, columns.conform(found, FINDINGS, "findings"))


@pytest.mark.parametrize("seed", range(40))
def test_row_order_changes_nothing(seed: int):
    snapshot, native, policy, _ = seen(natively(Random(seed)))
    shuffled = replace(
        snapshot,
        **{name: frame.sample(frac=1, random_state=seed) for name, frame in vars(snapshot).items()},
    )
    once = compare(snapshot, native, policy)
    again = compare(shuffled, native.sample(frac=1, random_state=seed), policy)
    assert_frame_equal(once.findings, again.findings)
    assert replace(once, findings=None) == replace(again, findings=None)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_stored_twice_or_points_nowhere_is_found(seed: int):
    snapshot, native, policy, _ = seen(natively(Random(seed)))
    # Accord may have paired an orphan anew; here it knows nobody.
    unknown = snapshot.accounts.assign(company_key=NONE)
    snapshot = replace(snapshot, accounts=unknown, pairs=columns.empty(columns.PAIRS))
    found = compare(snapshot, native, policy).findings
    live = set(snapshot.accounts.key[~snapshot.accounts.is_deleted])
    stored = _live_stored(snapshot, native)
    several = {account for account, n in Counter(stored.values()).items() if n > 1 and account in live}
    twins = found[found.reason == "account_id_on_two_companies"]
    named = set(twins.company_key) | set(twins.other_company_key)
    assert {company for company, account in stored.items() if account in several} <= named
    lost = {company for company, account in stored.items() if account not in live}
    gone = found[found.reason.isin(["account_deleted", "account_merged", "account_not_visible"])]
    assert lost == set(gone.company_key)


@pytest.mark.parametrize("seed", range(60))
def test_the_counts_add_up_and_no_company_is_told_twice_for_one_reason(seed: int):
    snapshot, native, policy, _ = seen(natively(Random(seed)))
    result = compare(snapshot, native, policy)
    assert result.pairs == result.agree + result.doubted + result.unproved + result.left_alone
    found = result.findings
    assert not found.duplicated(["reason", "company_key"]).any()
    assert not found.duplicated(["kind", "company_key", "account_key", "other_company_key", "other_account_key"]).any()
    assert (found.company_key != found.other_company_key).all()
    assert ((found.account_key != found.other_account_key) | (found.account_key == NONE)).all()


def test_the_worlds_are_varied_enough_to_mean_something():
    reasons: set[str] = set()
    for seed in range(200):
        snapshot, native, policy, _ = seen(natively(Random(seed)))
        reasons |= set(compare(snapshot, native, policy).findings.reason)
    assert reasons == set(REASONS)


def test_every_reason_has_a_kind_and_a_severity_of_the_report():
    assert {reason.kind for reason in REASONS.values()} == set(KINDS)
    assert {reason.severity for reason in REASONS.values()} == set(SEVERITIES)


def _live_stored(snapshot: Any, native: pd.DataFrame) -> dict[int, int]:
    merged = set(snapshot.company_merges.merged_key)
    live = set(snapshot.companies.key[~snapshot.companies.is_archived]) - merged
    pairs = zip(native.company_key, native.account_key, strict=True)
    return {company: account for company, account in pairs if company in live}
