"""SOQL: a query, rows in, ids out; and what a wrong query is told."""

import pytest

from accord.sandbox.salesforce_errors import SalesforceProblem, invalid_column
from accord.sandbox.soql import parse
from accord.sandbox.soql_filter import Column, predicate, sort

TYPES = {
    "Id": "id",
    "Name": "string",
    "Employees": "int",
    "Stamp": "datetime",
    "IsDeleted": "boolean",
    "Account.Name": "string",
    "Notes": "textarea",
}


def row(identity, **values):
    return {"Id": identity, "Name": None, "Employees": None, "Stamp": None, "IsDeleted": False} | values


ROWS = [
    row("001000000000001AAA", Name="Acme", Employees=10, Stamp="2026-01-01T00:00:00.000+0000"),
    row("001000000000002AAA", Name="acme gmbh", Employees=200, Stamp="2026-01-02T00:00:00.000+0000", IsDeleted=True),
    row("001000000000003AAA", Name="O'Hara \\ Söhne", Employees=5, Stamp="2026-01-03T00:00:00.000+0000"),
    row("001000000000004AAA"),
    row("001000000000005AAA", Name="100%_sure", **{"Account.Name": "Acme"}),
]


def ids(query_text):
    query = parse(query_text)

    def column(path):
        if path.text not in TYPES:
            raise invalid_column(query.text, path.at, path.text, "Account")
        return Column(path.text, TYPES[path.text], lambda row: row.get(path.text), length=32000)

    kept = [row for row in ROWS if predicate(query, column)(row)]
    return "".join(row["Id"][14] for row in sort(query, column, kept))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name = 'ACME'", "1"),
        ("Name = null", "4"),
        ("Name = ''", "4"),
        ("Name != 'Acme'", "2345"),
        ("Name IN ('acme', 'acme gmbh')", "12"),
        ("Name NOT IN ('acme', null)", "235"),
        ("Name LIKE 'acme%'", "12"),
        ("Name LIKE '%\\%\\_%'", "5"),
        ("Name LIKE 'acm_'", "1"),
        ("Name = 'O\\'Hara \\\\ Söhne'", "3"),
        ("Employees > 5", "12"),
        ("Employees <= 10.0", "13"),
        ("Stamp >= 2026-01-02T00:00:00Z", "23"),
        ("Stamp < 2026-01-02T01:00:00.000+01:00", "1"),
        ("Stamp = null", "45"),
        ("IsDeleted = true", "2"),
        ("Id = '001000000000003'", "3"),
        ("Id > '001000000000003AAA'", "45"),
        ("Id IN ('001000000000001AAA','001000000000005AAA')", "15"),
        ("Account.Name = 'Acme'", "5"),
        ("(Name = 'acme' OR Employees = 5) AND IsDeleted = false", "13"),
        ("NOT (Name = 'acme' OR Name = null)", "235"),
        ("NOT Name = 'acme' AND Employees != null", "23"),
        ("IsDeleted = false ORDER BY Name DESC NULLS LAST, Id", "3154"),
        ("IsDeleted = false ORDER BY Employees", "4531"),
    ],
)
def test_conditions_choose_rows(where, expected):
    assert ids(f"SELECT Id FROM Account WHERE {where}") == expected


@pytest.mark.parametrize(
    "name",
    [
        "x' OR Name != '",
        "') --",
        "\\",
        "\\'",
        "' OR IsDeleted = true OR Name = '",
        "a\nb",
        "%",
        "null",
        "Name FROM User",
    ],
)
def test_an_escaped_value_stays_one_literal(name):
    escaped = name.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    query = parse(f"SELECT Id FROM Account WHERE Name = '{escaped}'")
    matches = predicate(query, lambda path: Column("Name", "string", lambda row: row["Name"]))
    assert [matches({"Name": other}) for other in (name, "Acme", None)] == [True, False, False]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "SELECT Id FORM Account",
            "\nSELECT Id FORM Account\n          ^\nERROR at Row:1:Column:11\nunexpected token: 'FORM'",
        ),
        ("SELECT Id FROM Account WHERE", "ERROR at Row:1:Column:29\nunexpected token: <EOF>"),
        ("SELECT Id FROM Account WHERE Name = 'x", "unexpected token: <EOF>"),
        ("SELECT Id FROM Account WHERE Name = acme", "unexpected token: 'acme'"),
        ("SELECT Id\nFROM Account\nWHERE Name == 'x'", "ERROR at Row:3:Column:13\nunexpected token: '='"),
        ("SELECT Id FROM Account WHERE Name='a' AND Name='b' OR Name='c'", "unexpected token: 'OR'"),
        ("SELECT Id FROM Account WHERE Name='a'; DELETE", "unexpected token: ';'"),
        ("SELECT Id FROM Account LIMIT x", "unexpected token: 'x'"),
        ("SELECT Id, FROM Account", "unexpected token: 'FROM'"),
        ("SELECT Id FROM Account WHERE Name IN ()", "unexpected token: ')'"),
        ("", "unexpected token: <EOF>"),
    ],
)
def test_a_malformed_query_is_told_where(query, message):
    with pytest.raises(SalesforceProblem) as refused:
        parse(query)
    assert refused.value.code == "MALFORMED_QUERY"
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("where", "code", "message"),
    [
        ("Nope = 1", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'"),
        ("Stamp > '2026-01-01'", "INVALID_FIELD", "must be of type dateTime and should not be enclosed in quotes"),
        ("Name = 5", "INVALID_FIELD", "must be of type string and should be enclosed in quotes"),
        ("Employees = 'ten'", "INVALID_FIELD", "should not be enclosed in quotes"),
        ("Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: nonsense"),
        ("Notes = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("Employees LIKE '1%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
    ],
)
def test_a_value_must_fit_its_field(where, code, message):
    with pytest.raises(SalesforceProblem) as refused:
        ids(f"SELECT Id FROM Account WHERE {where}")
    assert (refused.value.code, message in refused.value.message) == (code, True)


def test_count_limit_and_offset_are_read():
    query = parse("select count() from Contact limit 5 offset 7")
    assert (query.is_count, query.sobject.text, query.limit, query.offset) == (True, "Contact", 5, 7)
