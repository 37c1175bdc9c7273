"""What the rules say of stages besides the plan's rows: who asks for a move, and what no rank lets move (R52-R61)."""

from dataclasses import replace

import numpy as np
import pytest
import yaml

from accord import rules
from accord.model import columns
from accord.model.policy import DEFAULT_STAGES
from accord.rules.lifecycle import is_forward
from accord.sandbox.world_parse import world_of
from accord.worlds.frames import snapshot_of
from tiny_worlds import check, grown

NO_FIELDS = columns.empty(columns.FIELD_VALUES)

CROWD = """
    hs:
      companies:
        - {id: K1, created: 2024-01-01, stage: lead}
        - {id: K2, created: 2024-01-01, stage: other}
        - {id: K3, created: 2024-01-01}
        - {id: K4, created: 2024-01-01}
      contacts:
        - {id: h1, was: lead, stage: customer}
        - {id: h2, was: lead, stage: opportunity}
        - {id: h3, was: lead, stage: other}
        - {id: h4, was: lead, stage: lead}
        - {id: h5, was: lead, stage: customer}
        - {id: h6, was: lead, stage: null}
        - {id: h7, was: null, stage: vip}
        - {id: h8, was: null, stage: lead}
      assoc: [[h1, K1, primary], [h2, K1, primary], [h3, K1, primary], [h4, K1, primary], [h5, K2, primary],
              [h6, K2, primary], [h7, K3, primary], [h8, K4, primary], [h5, K1]]
"""


def studied(text, **policy):
    snapshot, found, names = snapshot_of(world_of(grown(yaml.safe_load(text))))
    return rules.study(snapshot, replace(found, **policy)), names


def test_everybody_who_asks_for_the_stage_is_named_with_it():
    """Until the write is done, the change of each of them is still to be acted on."""
    case, names = studied(CROWD)
    people = rules.conclude(case, NO_FIELDS).people
    asking = people[people.role == "stage"]
    found = [
        (names.companies.short(row.key), names.persons.short(row.hubspot_contact_key)) for row in asking.itertuples()
    ]
    assert found == [("K1", "h1"), ("K1", "h2"), ("K4", "h8")]


def test_changes_that_a_missing_rank_keeps_back_are_listed_and_cleared_stages_are_not():
    case, names = studied(CROWD)
    left = rules.stages_left(case)
    found = [
        (names.companies.short(row.company_key), names.persons.short(row.contact_key), row.stage, row.company_stage)
        for row in left.itertuples()
    ]
    assert found == [("K1", "h3", "other", "lead"), ("K2", "h5", "customer", "other"), ("K3", "h7", "vip", "")]


def test_nothing_is_kept_back_before_there_is_a_baseline():
    case, _ = studied(CROWD, stage_baseline_exists=False)
    assert rules.stages_left(case).empty
    assert "SET_STAGE" not in set(rules.conclude(case, NO_FIELDS).decisions.action)


def test_other_has_no_rank_even_where_the_order_lists_it():
    """R58, R61: a portal lists it among its options, often at the end."""
    check("""
        hs:
          companies: [{id: K1, created: 2024-01-01, stage: cold}, {id: K2, created: 2024-01-01, stage: other}]
          contacts: [{id: h1, was: cold, stage: other}, {id: h2, was: cold, stage: hot}]
          assoc: [[h1, K1, primary], [h2, K2, primary]]
        settings: {stage_order: [cold, other, hot]}
        ---
        K1 SKIP preexisting_company
        K2 SKIP preexisting_company
        """)


@pytest.mark.parametrize(
    ("before", "after", "forward"),
    [
        ("lead", "customer", True),
        ("customer", "lead", False),
        ("lead", "lead", False),
        ("", "subscriber", True),
        ("", "other", False),
        ("other", "customer", False),
        ("lead", "vip", False),
        ("lead", "", False),
    ],
)
def test_a_move_leads_forward(before, after, forward):
    pair = (np.array([stage], dtype=object) for stage in (before, after))
    assert is_forward(*pair, DEFAULT_STAGES).tolist() == [forward]
