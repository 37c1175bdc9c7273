"""The form in which a mapped value is compared, remembered and shown: what both CRMs have in common. SQL expressions.

Text keeps its bytes. Numbers lose zeros that carry nothing, dates are a calendar day, times are UTC with milliseconds,
booleans are true or false, picklist values have HubSpot's names, owners are HubSpot owners and parents are companies. A
value that is not of its kind stays as it is, and is refused on its way to the other CRM (R71). NULL is blank.

What refers to another record is remembered as its CRM writes it (`kept_json`) and resolved when it is compared
(`resolved`): who stands for whom changes without anybody having changed the record (R68).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from accord.store.sources import field_column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accord.model.settings import FieldRule

Side = str
"""salesforce or hubspot: whose value it is."""

_AT_ONCE = 40
"""Names in one jsonb_build_object: a function of Postgres takes at most 100 arguments."""

_NUMBER = sql.SQL(
    "CASE WHEN btrim({0}) ~ '^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{{1,2}})?$'"
    " THEN trim_scale(btrim({0})::numeric)::text ELSE {0} END"
)
_BOOLEAN = sql.SQL(
    "CASE WHEN lower(btrim({0})) IN ('true', '1', 'yes') THEN 'true'"
    " WHEN lower(btrim({0})) IN ('false', '0', 'no') THEN 'false' ELSE {0} END"
)
# Both CRMs write ISO text; HubSpot's older endpoints write epoch milliseconds, a day being its midnight in UTC.
_DATE = sql.SQL(
    "CASE WHEN {0} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}' AND pg_input_is_valid(left({0}, 10), 'date')"
    " THEN left({0}, 10)"
    " WHEN {0} ~ '^-?[0-9]{{9,15}}$' THEN to_char(staging.moment({0}) AT TIME ZONE 'UTC', 'YYYY-MM-DD') ELSE {0} END"
)
_DATETIME = sql.SQL(
    "CASE WHEN {0} ~ '^-?[0-9]{{9,15}}$' OR {0} ~ '^[0-9]{{4}}-' AND pg_input_is_valid({0}, 'timestamptz')"
    " THEN to_char(staging.moment({0}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') ELSE {0} END"
)
# The order in which several values are ticked means nothing in either CRM.
_PARTS = sql.SQL(
    "CASE WHEN strpos({0}, ';') = 0 THEN {one} ELSE (SELECT string_agg(DISTINCT {part}, ';' ORDER BY {part})"
    " FROM unnest(string_to_array({0}, ';')) AS part WHERE part <> '') END"
)
_REFERENCES = ("owner", "parent")
_OWNER = sql.SQL(
    "CASE WHEN {0} IS NOT NULL THEN coalesce((SELECT o.partner_id FROM staging.owners o"
    " WHERE o.system = 'salesforce' AND o.id = {0}), {0}) END"
)
_PARENT = sql.SQL(
    "CASE WHEN {0} IS NOT NULL THEN coalesce((SELECT p.company_id FROM staging.partners p"
    " WHERE p.account_key = staging.salesforce_key({0})), {0}) END"
)
_USER = sql.SQL("(SELECT o.partner_id FROM staging.owners o WHERE o.system = 'hubspot' AND o.id = {0})")


def common_json(side: Side, rules: Sequence[FieldRule], table: str) -> sql.Composed:
    """Return an expression for `{rule name: value in common form}` of a staged account or company.

    Args:
        side: whose record it is.
        rules: the field map.
        table: its alias in the query.
    """
    return _object([(rule, common(side, rule, _column(side, rule, table))) for rule in rules])


def kept_json(side: Side, rules: Sequence[FieldRule], table: str) -> sql.Composed:
    """Return the same with references as their CRM writes them, which is how they are remembered.

    Args:
        side: whose record it is.
        rules: the field map.
        table: its alias in the query.
    """
    columns = [(rule, _column(side, rule, table)) for rule in rules]
    return _object(
        [(rule, column if rule.kind in _REFERENCES else common(side, rule, column)) for rule, column in columns]
    )


def kept(side: Side, rules: Sequence[FieldRule], name: sql.Composable, value: sql.Composable) -> sql.Composable:
    """Return an expression for one value as it is remembered, see `kept_json`.

    Args:
        side: whose value it is.
        rules: the field map.
        name: of its rule, an expression.
        value: its text as staged.
    """
    return _by_rule([rule for rule in rules if rule.kind not in _REFERENCES], side, name, value)


def resolved(rules: Sequence[FieldRule], name: sql.Composable, value: sql.Composable) -> sql.Composable:
    """Return an expression for a remembered Salesforce value in common form.

    Args:
        rules: the field map.
        name: of its rule, an expression.
        value: as it is remembered.
    """
    return _by_rule([rule for rule in rules if rule.kind in _REFERENCES], "salesforce", name, value)


def referred(rules: Sequence[FieldRule], account: str, company: str) -> sql.Composable:
    """Return an expression that changes with what the references of a pair stand for, though neither record does.

    Args:
        rules: the field map.
        account: alias of the staged account.
        company: alias of the staged company.
    """
    parts = []
    for rule in (rule for rule in rules if rule.kind in _REFERENCES and rule.rule != "dont_sync"):
        parts.append(common("salesforce", rule, _column("salesforce", rule, account)))
        if rule.kind == "owner":
            parts.append(_USER.format(_column("hubspot", rule, company)))
    each = [sql.SQL("coalesce({}, '')").format(part) for part in parts]
    return sql.SQL(" || '|' || ").join([sql.Literal(""), *each])


def common(side: Side, rule: FieldRule, value: sql.Composable) -> sql.Composable:
    """Return an expression for one value in common form.

    Args:
        side: whose value it is.
        rule: of the mapped field.
        value: its text as staged.
    """
    return _FORMS[rule.kind](side, rule, value)


def _column(side: Side, rule: FieldRule, table: str) -> sql.Identifier:
    """Return the staged value of a mapped field."""
    return sql.Identifier(table, field_column(rule.salesforce if side == "salesforce" else rule.hubspot))


def _by_rule(rules: Sequence[FieldRule], side: Side, name: sql.Composable, value: sql.Composable) -> sql.Composable:
    """Return an expression for a value in the common form of the rule that is named; of another rule as it is."""
    cases = [sql.SQL("WHEN {} THEN {}").format(sql.Literal(rule.name), common(side, rule, value)) for rule in rules]
    return sql.SQL("CASE {} {} ELSE {} END").format(name, sql.SQL(" ").join(cases), value) if cases else value


def _object(values: Sequence[tuple[FieldRule, sql.Composable]]) -> sql.Composed:
    """Return an expression for `{rule name: value}`."""
    named = [sql.SQL("{}::text, {}").format(sql.Literal(rule.name), value) for rule, value in values]
    parts = [
        sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(named[start : start + _AT_ONCE]))
        for start in range(0, max(len(named), 1), _AT_ONCE)
    ]
    return sql.SQL("({})").format(sql.SQL(" || ").join(parts))


def _text(side: Side, rule: FieldRule, value: sql.Composable) -> sql.Composable:
    """Return text as it is, Salesforce's under the name that HubSpot has for it."""
    return _translated(rule, value) if side == "salesforce" else value


def _options(side: Side, rule: FieldRule, value: sql.Composable) -> sql.Composable:
    """Return picklist values under HubSpot's names, several of them in one order."""
    part = sql.Identifier("part")
    one, each = (_translated(rule, it) if side == "salesforce" else it for it in (value, part))
    return _PARTS.format(value, one=one, part=each)


def _owner(side: Side, _: FieldRule, value: sql.Composable) -> sql.Composable:
    """Return the HubSpot owner, a Salesforce user who is none as the id of that user (R69)."""
    return _OWNER.format(value) if side == "salesforce" else value


def _parent(side: Side, _: FieldRule, value: sql.Composable) -> sql.Composable:
    """Return the parent company, a parent account that is not paired as the id of that account."""
    return _PARENT.format(value) if side == "salesforce" else value


def _translated(rule: FieldRule, value: sql.Composable) -> sql.Composable:
    """Return Salesforce's value under the name that the field map gives it; one that is not listed stays."""
    if not rule.values:
        return value
    cases = [
        sql.SQL("WHEN {} THEN {}").format(_literal(ours), _literal(theirs)) for ours, theirs in rule.values.items()
    ]
    return sql.SQL("CASE {} {} ELSE {} END").format(value, sql.SQL(" ").join(cases), value)


def _literal(text: str) -> sql.Composed:
    """Return a literal without a percent sign: in a statement with parameters that would begin a placeholder."""
    return sql.SQL("({})").format(sql.SQL(" || chr(37) || ").join(map(sql.Literal, text.split("%"))))


def _plain(form: sql.SQL) -> Callable[[Side, FieldRule, sql.Composable], sql.Composable]:
    """Return a form that is the same for both CRMs."""
    return lambda _side, _rule, value: form.format(value)


_FORMS: dict[str, Callable[[Side, FieldRule, sql.Composable], sql.Composable]] = {
    "text": _text,
    "number": _plain(_NUMBER),
    "boolean": _plain(_BOOLEAN),
    "date": _plain(_DATE),
    "datetime": _plain(_DATETIME),
    "picklist": _options,
    "owner": _owner,
    "parent": _parent,
}
