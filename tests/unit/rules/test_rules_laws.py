"""What every plan keeps: its contracts, its inputs, and a decision for whoever nobody else speaks for."""

from dataclasses import fields, replace

import pandas as pd
from hypothesis import HealthCheck, given, settings
from pandas.testing import assert_frame_equal

from accord.model import columns
from accord.model.ids import NONE
from accord.model.snapshot import Snapshot
from accord.rules import decide
from accord.sandbox.world_parse import world_of
from accord.worlds.frames import snapshot_of
from oracle.random_worlds import worlds

LAW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.large_base_example])


def _mapped(snapshot: Snapshot, change) -> Snapshot:
    return replace(snapshot, **{it.name: change(getattr(snapshot, it.name)) for it in fields(snapshot)})


@LAW
@given(worlds())
def test_inputs_are_left_as_they_were_and_outputs_keep_their_contracts(raw: dict):
    snapshot, policy, _ = snapshot_of(world_of(raw))
    before = _mapped(snapshot, pd.DataFrame.copy)
    plan = decide(snapshot, policy)
    for it in fields(Snapshot):
        assert_frame_equal(getattr(snapshot, it.name), getattr(before, it.name))
    for name, contract in (
        ("decisions", columns.DECISIONS),
        ("people", columns.PEOPLE),
        ("fields", columns.FIELD_DECISIONS),
    ):
        frame = getattr(plan, name)
        assert_frame_equal(frame, columns.conform(frame, contract, name))
    assert_frame_equal(plan.decisions, plan.decisions.sort_values(["system", "key", "action"], ignore_index=True))
    assert_frame_equal(plan.people, plan.people.sort_values(list(columns.PEOPLE), ignore_index=True))


@LAW
@given(worlds())
def test_every_live_record_has_at_most_one_decision_and_companies_without_partner_have_one(raw: dict):
    snapshot, policy, _ = snapshot_of(world_of(raw))
    rows = decide(snapshot, policy).decisions
    own = rows[rows["action"] != "SET_STAGE"]
    assert not own.duplicated(["system", "key"]).any()
    if not policy.sync_companies:
        assert rows.empty
        return
    decided = own.loc[own["system"] == "hubspot", "key"]
    partners = own.loc[own["system"] == "salesforce", "partner_key"]
    merges = snapshot.company_merges
    known = {
        *snapshot.pairs["company_key"],
        *snapshot.accounts["company_key"],
        *merges["company_key"],
        *merges["merged_key"],
    }
    unnamed = snapshot.companies[~snapshot.companies["is_archived"] & (snapshot.companies["account_key"] == NONE)]
    assert set(unnamed["key"]) - known <= {*decided, *partners}
