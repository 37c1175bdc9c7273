"""What holds for every world: order decides nothing, one decision a record, nobody paired twice, strangers change nothing."""

import copy
from dataclasses import fields, replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from accord.model import columns
from accord.model.ids import NONE
from accord.model.snapshot import Plan, Snapshot
from accord.rules import decide
from accord.sandbox.world_parse import world_of
from accord.worlds.decisions import world_decisions
from accord.worlds.frames import snapshot_of
from oracle.random_worlds import worlds

LAW = settings(max_examples=60, deadline=None)


def _mapped(snapshot: Snapshot, change) -> Snapshot:
    return replace(snapshot, **{it.name: change(getattr(snapshot, it.name)) for it in fields(snapshot)})


def _assert_same(left: Plan, right: Plan) -> None:
    for it in fields(Plan):
        assert_frame_equal(getattr(left, it.name), getattr(right, it.name))


@LAW
@given(worlds(), st.integers(0, 2**32 - 1))
def test_row_order_decides_nothing(raw: dict, seed: int):
    """R27: the native integration pairs by the order in which Salesforce returns rows."""
    snapshot, policy, _ = snapshot_of(world_of(raw))
    shuffled = _mapped(snapshot, lambda frame: frame.sample(frac=1, random_state=np.random.RandomState(seed)))
    _assert_same(decide(snapshot, policy), decide(shuffled, policy))


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


@LAW
@given(worlds())
def test_nobody_is_paired_twice(raw: dict):
    snapshot, policy, _ = snapshot_of(world_of(raw))
    rows = decide(snapshot, policy).decisions
    pairs = rows[(rows["system"] == "salesforce") & rows["action"].isin(["LINK", "RELINK", "UPDATE"])]
    assert pairs["partner_key"].is_unique
    assert not set(pairs["partner_key"]) & set(rows.loc[rows["action"] == "CREATE_ACCOUNT", "key"])


@LAW
@given(worlds())
def test_strangers_change_nothing(raw: dict):
    """An account and a company that share nothing with the others leave their decisions as they were."""
    calm = raw | {
        "settings": raw.get("settings", {}) | {"max_creates": 1000, "import_accounts": [], "sync_companies": True}
    }
    crowd = copy.deepcopy(calm)
    for crm, kind, record in (
        ("sf", "accounts", {"Id": "A900", "Created": "2024-01-01"}),
        ("sf", "contacts", {"Id": "P900", "AccountId": "A900"}),
        ("hs", "companies", {"id": "K900", "created": "2024-01-01"}),
        ("hs", "contacts", {"id": "h900", "sfc": "P900"}),
        ("hs", "assoc", ["h900", "K900", "primary"]),
    ):
        crowd[crm].setdefault(kind, []).insert(0, record)
    among = _rows(crowd)
    assert among.pop(("A900", "SKIP"))["reason"] == "preexisting_untouched"
    assert among.pop(("K900", "WAIT"))["waiting_for"] == "A900"
    assert among == _rows(calm)


def _rows(raw: dict) -> dict:
    snapshot, policy, names = snapshot_of(world_of(raw))
    return {(row["target"], row["do"]): row for row in world_decisions(decide(snapshot, policy), names)}
