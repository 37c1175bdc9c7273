"""One form for a value of either CRM: what is compared, remembered, shown and sent (F41-F49)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from accord.model.settings import FieldRule
from accord.store.common_form import common, common_json

pytestmark = pytest.mark.postgres

PARENT = {"salesforce": "ParentId", "hubspot": "hs_parent_company_id", "rule": "always_salesforce"}


def form(database, kind, text, side="salesforce", values=None):
    names = PARENT if kind == "parent" else {"salesforce": "F__c", "hubspot": "f", "rule": "two_way"}
    rule = FieldRule(**names, kind=kind, values=values or {})
    with database.transaction() as connection:
        query = sql.SQL("SELECT {} AS form FROM (SELECT %s::text AS raw) t").format(
            common(side, rule, sql.Identifier("raw"))
        )
        return connection.execute(query, [text]).fetchone()["form"]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("text", "01234", "01234"),
        ("text", "NA", "NA"),
        ("text", " Zoë\r\n\u2028Cafe\u0301 ", " Zoë\r\n\u2028Cafe\u0301 "),
        ("text", None, None),
        ("number", "250", "250"),
        ("number", "250.0", "250"),
        ("number", "2.5E7", "25000000"),
        ("number", "-0", "0"),
        ("number", "0.10", "0.1"),
        ("number", "12345678901234567890.12", "12345678901234567890.12"),
        ("number", "12 people", "12 people"),
        ("number", "NaN", "NaN"),
        ("boolean", "True", "true"),
        ("boolean", "0", "false"),
        ("boolean", "perhaps", "perhaps"),
        ("date", "2026-03-29", "2026-03-29"),
        ("date", "2026-03-29T23:59:59.000Z", "2026-03-29"),
        ("date", "1774742400000", "2026-03-29"),
        ("date", "1600-02-29", "1600-02-29"),
        ("date", "2026-13-45", "2026-13-45"),
        ("date", "yesterday", "yesterday"),
        ("datetime", "2026-03-29T01:30:00.000+0000", "2026-03-29T01:30:00.000Z"),
        ("datetime", "2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00.000Z"),
        ("datetime", "1774742400000", "2026-03-29T00:00:00.000Z"),
        ("datetime", "2026-03-29T99:00:00Z", "2026-03-29T99:00:00Z"),
        ("picklist", "b;a;b", "a;b"),
        ("owner", "005000000000001AAA", "005000000000001AAA"),
        ("parent", "001000000000001AAA", "001000000000001AAA"),
    ],
)
def test_common_form(database, kind, text, expected):
    assert form(database, kind, text) == expected


def test_picklist_values_have_hubspots_names(database):
    names = {"Banking": "BANKING", "O'Neill; Co": "x"}
    assert form(database, "picklist", "Media;Banking", values=names) == "BANKING;Media"
    assert form(database, "text", "O'Neill; Co", values=names) == "x"
    assert form(database, "picklist", "BANKING", side="hubspot", values=names) == "BANKING"


def test_an_owner_is_the_only_one_of_its_e_mail_on_both_sides(database):
    """R69: two users with one e-mail are nobody's exact match."""
    from accord.store.owners import replace_owners

    users = [("005A", "Ann@x.test"), ("005B", "bob@x.test"), ("005C", "cy@x.test"), ("005D", "cy@x.test")]
    assert replace_owners(database, users, [("1", " ann@X.test "), ("3", "cy@x.test"), ("4", "")]) == 1
    assert [form(database, "owner", it) for it in ("005A", "005B", "005C", None)] == ["1", "005B", "005C", None]


def test_a_parent_is_the_company_of_the_parent_account(database):
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO staging.partners VALUES (staging.salesforce_key('001000000000009AAA'), '29000000009')"
        )
    assert [form(database, "parent", it) for it in ("001000000000009AAA", "001000000000008AAA", None)] == [
        "29000000009",
        "001000000000008AAA",
        None,
    ]
    assert form(database, "parent", "29000000007", side="hubspot") == "29000000007"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
@pytest.mark.parametrize("kind", ["text", "number", "boolean", "date", "datetime", "picklist", "owner", "parent"])
def test_no_text_breaks_a_run_and_a_form_is_its_own_form(database, kind, text):
    once = form(database, kind, text, side="hubspot")
    assert form(database, kind, once, side="hubspot") == once
    if kind == "text":
        assert once == text


def test_a_map_of_many_fields_is_one_object(database):
    rules = [FieldRule(salesforce=f"F{n}__c", hubspot=f"f{n}") for n in range(120)]
    columns = sql.SQL(", ").join(sql.SQL("{}::text AS {}").format(n, sql.Identifier(f"f_f{n}")) for n in range(120))
    with database.transaction() as connection:
        query = sql.SQL("SELECT {} AS found FROM (SELECT {}) c").format(common_json("hubspot", rules, "c"), columns)
        assert connection.execute(query).fetchone()["found"] == {f"f{n}": str(n) for n in range(120)}
