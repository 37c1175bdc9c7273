"""Lifecycle stages (R52-R61) and mapped fields (R62-R67)."""

import pandas as pd
import pytest

from accord.rules import decide
from accord.sandbox.world_parse import world_of
from accord.worlds.frames import snapshot_of
from tiny_worlds import check, grown

_STAGES = """
    hs:
      companies: [{{id: K1, created: 2024-01-01, stage: {company}}}]
      contacts: [{{id: h1, was: {was}, stage: {now}}}]
      assoc: [[h1, K1, {label}]]
    settings: {settings}
    ---
    K1 SKIP preexisting_company
    {expected}
"""


@pytest.mark.parametrize(
    ("company", "was", "now", "expected"),
    [
        pytest.param("lead", "lead", "customer", "K1 SET_STAGE - value=customer because=h1", id="R52 forward"),
        pytest.param("customer", "lead", "opportunity", "", id="R54 never back"),
        pytest.param("customer", "lead", "customer", "", id="R54 equal is no write"),
        pytest.param("lead", "customer", "customer", "", id="R55 unchanged is ignored"),
        pytest.param("lead", "customer", "null", "", id="R56 cleared is no write"),
        pytest.param("lead", "lead", "other", "", id="R58 other never overwrites"),
        pytest.param("lead", "lead", "vip", "", id="R58 nor a stage without rank"),
        pytest.param("null", "null", "subscriber", "K1 SET_STAGE - value=subscriber", id="R59 empty takes any"),
        pytest.param("null", "lead", "other", "", id="R59 but a ranked one"),
        pytest.param("vip", "lead", "customer", "", id="a company stage without rank is kept"),
    ],
)
def test_stage_of_a_changed_person(company: str, was: str, now: str, expected: str):
    check(_STAGES.format(company=company, was=was, now=now, label="primary", settings="{}", expected=expected))


def test_the_order_of_stages_is_a_setting():
    """R61: not the seven that every portal begins with."""
    settings = "{stage_order: [cold, warm, hot]}"
    expected = "K1 SET_STAGE - value=hot"
    check(_STAGES.format(company="cold", was="cold", now="hot", label="primary", settings=settings, expected=expected))


def test_the_furthest_person_wins_then_the_smaller_id():
    """R53, R57: and nobody moves a company that is not their primary one."""
    check("""
        hs:
          companies: [{id: K1, created: 2024-01-01, stage: lead}, {id: K2, created: 2024-01-01}]
          contacts: [{id: h10, was: null, stage: customer}, {id: h9, was: null, stage: customer},
                     {id: h1, was: null, stage: opportunity}]
          assoc: [[h10, K1, primary], [h9, K1, primary], [h1, K1, primary], [h9, K2]]
        ---
        K1 SKIP preexisting_company
        K1 SET_STAGE - value=customer because=h9
        K2 SKIP preexisting_company
        """)


def test_a_person_seen_for_the_first_time_has_not_changed():
    """R60: without a baseline the first run would write every stage of the portal."""
    check("""
        {aged: [K1], hs: {contacts: [{id: h1, stage: customer}], assoc: [[h1, K1, primary]]}}
        ---
        K1 SKIP preexisting_company
        """)


def _field(rule: str, base: object, sf: object, hs: object, sf_at: object = None, hs_at: object = None) -> pd.DataFrame:
    field = {"name": "f1", "rule": rule, "base": base, "sf": sf, "hs": hs, "sf_at": sf_at, "hs_at": hs_at}
    world = {"old": ["A1"], "aged": ["K1"], "links": [{"account": "A1", "company": "K1"}], "fields": [field]}
    snapshot, policy, _ = snapshot_of(world_of(grown(world)))
    return decide(snapshot, policy).fields


@pytest.mark.parametrize(
    ("rule", "base", "sf", "hs", "written"),
    [
        pytest.param("prefer_salesforce", "A", "B", "C", ("hubspot", "B"), id="R62"),
        pytest.param("prefer_salesforce", None, None, "C", ("salesforce", "C"), id="R63"),
        pytest.param("prefer_salesforce", "A", None, "A", ("hubspot", None), id="R64 deleted, unchanged"),
        pytest.param("prefer_salesforce", "A", None, "C", ("salesforce", "C"), id="R64 deleted, changed"),
        pytest.param("always_salesforce", "A", None, "C", ("hubspot", None), id="R64 always, changed"),
        pytest.param("always_salesforce", None, None, "C", None, id="R65 never had one"),
        pytest.param("always_salesforce", "A", "A", "C", ("hubspot", "A"), id="R65"),
        pytest.param("always_salesforce", "A", "A", None, ("hubspot", "A"), id="R65 cleared there"),
        pytest.param("two_way", "A", "A", None, ("salesforce", None), id="R66 a deletion is a change"),
        pytest.param("two_way", "A", "B", "C", ("hubspot", "B"), id="R66 unknown times"),
        pytest.param("dont_sync", "A", None, "A", None, id="R67"),
        pytest.param("prefer_salesforce", "A", "B", "B", None, id="both say the same"),
        pytest.param("prefer_salesforce", "", "", "C", ("salesforce", "C"), id="an empty text is blank"),
    ],
)
def test_field_rule(rule: str, base: object, sf: object, hs: object, written: object):
    rows = _field(rule, base, sf, hs)
    assert [(row.side, None if pd.isna(row.value) else row.value) for row in rows.itertuples()] == (
        [written] if written else []
    )


def test_the_later_change_wins_and_a_draw_is_reported():
    """R66: of a two-way field, equal times go to Salesforce."""
    early, late = "2026-01-11T08:00", "2026-01-11T09:00"
    assert _field("two_way", "A", "B", "C", early, late).loc[0, "value"] == "C"
    assert _field("two_way", "A", "B", "C", late, early).loc[0, "value"] == "B"
    draw = _field("two_way", "A", "B", "C", late, late).loc[0]
    assert (draw["value"], draw["warnings"]) == ("B", "both_changed_at_once")


@pytest.mark.parametrize("company", ["K1", "K2"])
def test_fields_of_a_disputed_pair_are_left_alone(company: str):
    """R23: neither company is updated while a person has to say which one it is."""
    field = {"name": "f1", "rule": "prefer_salesforce", "base": "A", "sf": "B", "hs": "A"}
    companies = [{"id": "K1", "sfa": "A1"}, {"id": "K2", "sfa": "A1"}]
    world = {"old": ["A1"], "hs": {"companies": companies}, "links": [{"account": "A1", "company": company}]}
    snapshot, policy, _ = snapshot_of(world_of(grown(world | {"fields": [field]})))
    assert decide(snapshot, policy).fields.empty
