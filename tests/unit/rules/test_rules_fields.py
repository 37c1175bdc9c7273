"""What a world cannot say of mapped fields: formulas, requests, values that were written again and again (R62-R70)."""

from dataclasses import replace
from itertools import product
from typing import Any

import pandas as pd
import pytest

from accord.model.columns import FIELD_VALUES, conform
from accord.rules import decide
from tiny_worlds import read_short

WORLD = """
    {old: [A1, A2, A3], aged: [K1, K2], resolutions: [{account: A9, company: K9, choice: apart}], links: [{account: A1, company: K1}, {account: A2, company: K2}],
     fields: [{name: f1, rule: prefer_salesforce, base: a, sf: a, hs: a}]}
"""
PLAIN = {"rule": "prefer_salesforce", "salesforce": "a", "hubspot": "a", "base_salesforce": "a", "base_hubspot": "a"}


def written(*fields: dict[str, Any]) -> list[str]:
    """Return `name side value before rule warnings held` of each field decision; fields are f1, f2 ... of A1 and K1."""
    snapshot, policy, names = read_short(WORLD)
    [known] = snapshot.field_values.to_dict("records")
    rows = [known | PLAIN | {"name": f"f{n}"} | field for n, field in enumerate(fields, start=1)]
    keys = {"account_key": names.accounts, "company_key": names.companies}
    for row in rows:
        row |= {name: who.key(row.pop(name[:-4])) for name, who in keys.items() if name[:-4] in row}
    values = conform(pd.DataFrame(rows, dtype=object), FIELD_VALUES, "field values")
    found = decide(replace(snapshot, field_values=values), policy).fields
    columns = ["name", "side", "value", "before", "rule", "warnings", "held"]
    return [
        " ".join("-" if pd.isna(it) or it == "" else str(it) for it in row)
        for row in found[columns].itertuples(index=False)
    ]


NOW_B, NOW_C = {"salesforce": "b"}, {"hubspot": "c"}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param({}, [], id="R68 what nobody changed stays"),
        pytest.param({"salesforce": "b", "base_salesforce": "b"}, [], id="R68 what differed before stays"),
        pytest.param(
            {"salesforce": "b", "base_salesforce": "b", "is_asked": True},
            ["f1 hubspot b a R62 both_changed -"],
            id="R48 R51 R68 what differed before goes over when it is asked for",
        ),
        pytest.param(
            {"salesforce": None, "base_salesforce": None, "is_asked": True},
            ["f1 salesforce a - R63 - -"],
            id="R63 asked for, HubSpot fills what Salesforce does not have",
        ),
        pytest.param(
            {"salesforce": None, "base_salesforce": None, "is_asked": True, "rule": "always_salesforce"},
            [],
            id="R65 asked for, Salesforce is not written all the same",
        ),
        pytest.param(
            {"hubspot": None, "base_hubspot": None, "is_asked": True, "rule": "two_way"},
            ["f1 hubspot a - R66 - -"],
            id="R66 asked for, a blank side is no deletion",
        ),
        pytest.param(
            NOW_B | {"is_asked": True}, ["f1 hubspot b a R62 - -"], id="R62 a change beside a request is a change"
        ),
        pytest.param(
            {"salesforce": None, "is_asked": True},
            ["f1 hubspot - a R64 - -"],
            id="R64 a deletion beside a request is one",
        ),
        pytest.param(NOW_C, ["f1 hubspot a c R62 - -"], id="R62 HubSpot alone changed and is put right"),
        pytest.param(NOW_B | NOW_C, ["f1 hubspot b c R62 both_changed -"], id="R62 both changed"),
        pytest.param(NOW_C | {"rule": "always_salesforce"}, ["f1 hubspot a c R65 - -"], id="R65"),
        pytest.param(
            {"salesforce": None, "rule": "always_salesforce"}, ["f1 hubspot - a R64 - -"], id="R64 always, cleared"
        ),
        pytest.param(NOW_C | {"rule": "two_way"}, ["f1 salesforce c a R66 - -"], id="R66 HubSpot alone"),
        pytest.param(NOW_B | {"rule": "two_way"}, ["f1 hubspot b a R66 - -"], id="R66 Salesforce alone"),
        pytest.param(
            NOW_B | NOW_C | {"rule": "two_way"}, ["f1 hubspot b c R66 both_changed -"], id="R66 both, times unknown"
        ),
        pytest.param(NOW_B | {"rule": "dont_sync"}, [], id="R67"),
        pytest.param(NOW_B | {"is_formula": True}, [], id="R70 a formula alone is no change"),
        pytest.param(
            NOW_B | {"is_formula": True, "hubspot": "c"},
            ["f1 hubspot b c R62 - -"],
            id="R70 but HubSpot's change is one",
        ),
        pytest.param(
            {"salesforce": None, "is_formula": True, "rule": "always_salesforce", "is_asked": True},
            [],
            id="R70 nor is one that gives nothing any more a deletion, although it is asked for",
        ),
        pytest.param(NOW_B | {"repeats_to_hubspot": 1}, ["f1 hubspot b a R62 - -"], id="written once before"),
        pytest.param(
            NOW_B | {"repeats_to_hubspot": 2},
            ["f1 hubspot b a R62 - rewritten_again"],
            id="undone twice, not sent again",
        ),
        pytest.param(NOW_B | {"repeats_to_salesforce": 2}, ["f1 hubspot b a R62 - -"], id="repeats of the other way"),
        pytest.param(
            NOW_C | {"rule": "two_way", "repeats_to_salesforce": 2},
            ["f1 salesforce c a R66 - rewritten_again"],
            id="repeats of its own way",
        ),
        pytest.param(NOW_B | {"account": "A2"}, [], id="a pair that does not stand is left alone"),
        pytest.param(
            NOW_B | {"account": "A3", "company": "K9"}, [], id="an account alone and a company not seen are no pair"
        ),
        pytest.param({"salesforce": "b", "hubspot": "b"}, [], id="both changed alike"),
    ],
)
def test_one_field(field: dict[str, Any], expected: list[str]):
    assert written(field) == expected


def test_a_value_is_written_for_the_account_and_the_company_of_its_pair():
    snapshot, policy, names = read_short(WORLD)
    values = snapshot.field_values.assign(salesforce="b")
    [row] = decide(replace(snapshot, field_values=values), policy).fields.to_dict("records")
    assert (row["account_key"], row["company_key"]) == (names.accounts.key("A1"), names.companies.key("K1"))


def as_the_text_has_it(field: dict[str, Any]) -> str | None:
    """Return `side value before rule warning` of one field, read off R48, R51 and R62-R68 case by case."""
    rule, mine, theirs, was_mine, was_theirs = (
        field[name] for name in ("rule", "salesforce", "hubspot", "base_salesforce", "base_hubspot")
    )
    moved, they_moved, had = mine != was_mine, theirs != was_theirs, was_mine is not None
    if field["is_asked"] and not moved and not they_moved:
        moved, they_moved, had = mine is not None, theirs is not None, False
    if mine == theirs or not (moved or they_moved) or rule == "dont_sync":
        return None
    when = ORDER[field["hubspot_at"]]
    if rule == "two_way":
        side, number = ("salesforce" if they_moved and (not moved or when == "later") else "hubspot"), "R66"
    elif mine is not None:
        side, number = "hubspot", "R62" if rule == "prefer_salesforce" else "R65"
    elif had:
        side, number = "salesforce" if rule == "prefer_salesforce" and they_moved else "hubspot", "R64"
    elif rule == "always_salesforce":
        return None
    else:
        side, number = "salesforce", "R63"
    at_once = rule == "two_way" and when == "equal"
    warning = ("both_changed_at_once" if at_once else "both_changed") if moved and they_moved else "-"
    value, before = (mine, theirs) if side == "hubspot" else (theirs, mine)
    return f"{side} {value or '-'} {before or '-'} {number} {warning} -"


ORDER = {pd.NaT: "unknown"} | {
    pd.Timestamp(f"2026-11-0{day}", tz="UTC"): word for day, word in ((1, "earlier"), (2, "equal"), (3, "later"))
}


@pytest.mark.rule("R62", "R63", "R64", "R65", "R66", "R67", "R68")
def test_every_field_there_can_be_goes_where_the_text_says():
    rules, values = ("prefer_salesforce", "always_salesforce", "two_way", "dont_sync"), (None, "a", "b")
    sides = ("salesforce", "hubspot", "base_salesforce", "base_hubspot")
    fields = [
        {"name": f"f{n}", "rule": rule, "is_asked": asked, "salesforce_at": pd.Timestamp("2026-11-02", tz="UTC")}
        | {"hubspot_at": when}
        | dict(zip(sides, four, strict=True))
        for n, (rule, asked, when, four) in enumerate(
            product(rules, (False, True), ORDER, product(values, repeat=4)), start=1
        )
    ]
    found = dict(row.split(" ", 1) for row in written(*fields))
    expected = {field["name"]: said for field in fields if (said := as_the_text_has_it(field)) is not None}
    assert found == expected
    assert 500 < len(found) < len(fields)


@pytest.mark.rule("R21")
@pytest.mark.parametrize(
    "pair", [{"account": "A9"}, {"company": "K9"}, {"company": "K2"}, {"account": "A9", "company": "K9"}]
)
def test_fields_of_pairs_that_are_none_are_left_alone(pair: dict[str, str]):
    known = {"account": "A2", "company": "K2"}
    assert written(NOW_B | pair, NOW_B | known) == ["f2 hubspot b a R62 - -"]


@pytest.mark.rule("R70")
def test_a_formula_counts_with_the_fields_that_it_is_made_of():
    computed = {"salesforce": "b", "is_formula": True}
    other_pair = {"account": "A2", "company": "K2"}
    assert written(computed, NOW_B) == ["f1 hubspot b a R62 - -", "f2 hubspot b a R62 - -"]
    assert written(computed, NOW_B | other_pair) == ["f2 hubspot b a R62 - -"]
    assert written(computed, computed | {"hubspot": "b"}) == []
    assert written(computed, {"name": "unchanged"}) == []


@pytest.mark.rule("R27")
def test_fields_come_in_order_of_account_and_name():
    found = written(NOW_B, NOW_B | {"name": "e"}, NOW_B | {"account": "A2", "company": "K2", "name": "d"})
    assert [row.split()[0] for row in found] == ["e", "f1", "d"]
