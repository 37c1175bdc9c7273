"""Fields of a query: found by name in any letter case, through parents, as far as the API's user may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.sandbox.org_schema import PREFIXES, Field
from accord.sandbox.salesforce_errors import SalesforceProblem, invalid_column, invalid_type
from accord.sandbox.soql import Path, Query
from accord.sandbox.soql_filter import Column, Hop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accord.sandbox.core import Crms
    from accord.sandbox.org import Record

_ORGANIZATION = {
    field.name: field
    for field in (
        Field("Id", "id", 18),
        Field("Name", length=80),
        Field("InstanceName", length=5),
        Field("OrganizationType", "picklist", 40),
        Field("TimeZoneSidKey", "picklist", 40),
        Field("IsSandbox", "boolean"),
    )
}


def sobject_of(query: Query) -> str:
    """Return the object of a query as the schema spells it.

    Raises:
        SalesforceProblem: INVALID_TYPE, as recorded.
    """
    by_name = {name.lower(): name for name in (*PREFIXES, "Organization")}
    name = by_name.get(query.sobject.text.lower())
    if name is None:
        raise invalid_type(query.text, query.sobject.at, query.sobject.text)
    return name


def own_columns(crms: Crms, sobject: str, names: Sequence[str]) -> tuple[Column, ...]:
    """Return some fields of an object by their names in any letter case; all visible ones for no names.

    Raises:
        SalesforceProblem: INVALID_FIELD.
    """
    paths = tuple(Path(name.strip(), 0) for name in names if name.strip())
    column = QueryColumns(crms, Query(",".join(names), paths, Path(sobject, 0)), sobject)
    return tuple(column(path) for path in paths or (Path(name, 0) for name in visible_fields(crms, sobject)))


def visible_fields(crms: Crms, sobject: str) -> dict[str, Field]:
    """Return the fields that the API's user may see, of Organization too."""
    return _ORGANIZATION if sobject == "Organization" else crms.org.visible_fields(sobject)


def organization(crms: Crms) -> Record:
    """Return the one Organization row."""
    return {
        "Id": crms.org.org_id,
        "Name": "Accord Sandbox",
        "InstanceName": "SBX1",
        "OrganizationType": "Developer Edition",
        "TimeZoneSidKey": "Europe/Berlin",
        "IsSandbox": True,
    }


class QueryColumns:
    """Looks up the fields of one query, each once."""

    def __init__(self, crms: Crms, query: Query, sobject: str) -> None:
        self._crms, self._query, self._sobject = crms, query, sobject
        self._known: dict[str, Column] = {}
        self._by_name: dict[str, dict[str, Field]] = {}

    def __call__(self, path: Path) -> Column:
        """Return the column that a path names.

        Raises:
            SalesforceProblem: INVALID_FIELD, there is no such field or relationship, or it is hidden.
        """
        key = path.text.lower()
        if key not in self._known:
            self._known[key] = self._find(path)
        return self._known[key]

    def _find(self, path: Path) -> Column:
        """Return a column, following relationships from record to parent."""
        *parents, last = path.text.split(".")
        if parents and parents[0].lower() == self._sobject.lower() and not self._relation(self._sobject, parents[0]):
            parents = parents[1:]
        sobject, hops = self._sobject, []
        for name in parents:
            relation = self._relation(sobject, name)
            if relation is None:
                raise SalesforceProblem("INVALID_FIELD", f"Didn't understand relationship '{name}' in field path.")
            sobject = relation.reference_to[0]
            hops.append(Hop(str(relation.relationship), relation.name, sobject))
        field = self._fields(sobject).get(last.lower())
        if field is None:
            raise invalid_column(self._query.text, path.at, last, sobject)
        return _column(field, tuple(hops), _getter(self._crms, field.name, tuple(hops)))

    def _relation(self, sobject: str, name: str) -> Field | None:
        """Return the reference field whose relationship has this name."""
        fields = self._fields(sobject).values()
        return next((spec for spec in fields if (spec.relationship or "").lower() == name.lower()), None)

    def _fields(self, sobject: str) -> dict[str, Field]:
        """Return the visible fields by lower-case name."""
        if sobject not in self._by_name:
            fields = visible_fields(self._crms, sobject)
            self._by_name[sobject] = {name.lower(): spec for name, spec in fields.items()}
        return self._by_name[sobject]


def _column(field: Field, hops: tuple[Hop, ...], get: Callable[[Record], Any]) -> Column:
    """Return a field as a column of a query."""
    name = ".".join([*(hop.relationship for hop in hops), field.name])
    return Column(name, field.type, get, field.length, field.case_sensitive, hops)


def _getter(crms: Crms, name: str, hops: tuple[Hop, ...]) -> Callable[[Record], Any]:
    """Return how the value is read from a record, or from its parents."""
    if not hops:
        return lambda row: row.get(name)
    tables = [(hop.field, crms.org.tables[hop.sobject]) for hop in hops]

    def through_parents(row: Record) -> Any:
        for field, table in tables:
            row = table.get(row.get(field, ""), {})
        return row.get(name)

    return through_parents
