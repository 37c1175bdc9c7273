"""Salesforce reads over REST: describe, counts, queries, reads by key. Every query sees deleted rows (queryAll)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from simple_salesforce.format import format_soql

from accord.crm.answers import Lost, problem
from accord.crm.retry import read_again
from accord.crm.salesforce_said import call_said
from accord.crm.shapes import agreed_read
from accord.crm.values import identifier, org_record_id, parts
from accord.model.errors import ContractBroken, ShortRead
from accord.model.ids import salesforce_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord.crm.salesforce_calls import SalesforceCalls
    from accord.crm.values import Record

# Queries and collections in one composite request, which counts as one call.
PARTS_A_CALL = 5
# A part answers at most 2,000 rows without a second page; 400 values stay below the length of an address.
_VALUES_A_PART = 400
_NEXT_PAGE = re.compile(r"/services/data/v\d+\.\d/(query(?:All)?/[A-Za-z0-9_-]+)\Z")


@dataclass(frozen=True)
class FieldInfo:
    """One field of a describe answer, as this user may use it.

    Attributes:
        type: Salesforce's own, such as string, picklist, currency.
        length: of text; 0 for other types.
        picklist: active values in their order.
        is_formula: Salesforce works its value out and nobody writes it (R70).
        refers_to: objects that a reference may point to.
    """

    name: str
    type: str
    length: int
    createable: bool
    updateable: bool
    nillable: bool
    external_id: bool
    unique: bool
    case_sensitive: bool
    picklist: tuple[str, ...]
    is_formula: bool = False
    refers_to: tuple[str, ...] = ()


class SalesforceReads:
    """Reads one org. Every read is tried again where that can help."""

    def __init__(self, calls: SalesforceCalls) -> None:
        self._calls = calls

    def identity(self) -> tuple[str, str]:
        """Return the ids of the org and of the user that is logged in, 18 characters each.

        Raises:
            ContractBroken: the answer does not say.
        """
        answer = read_again(self._calls.userinfo, self._calls.clock)
        try:
            return salesforce_id(answer["organization_id"]), salesforce_id(answer["user_id"])
        except (KeyError, TypeError, ValueError):
            raise ContractBroken("Salesforce userinfo: the answer names no organization_id and user_id") from None

    @agreed_read("Salesforce describe")
    def describe(self, sobject: str) -> dict[str, FieldInfo]:
        """Return the fields of an object that this user may see, by name."""
        answer = self._json("GET", f"sobjects/{identifier(sobject)}/describe")
        return {field["name"]: _field(field) for field in answer["fields"]}

    @agreed_read("Salesforce count")
    def count(self, soql_by_name: dict[str, str]) -> dict[str, int]:
        """Return how many rows each `SELECT COUNT() FROM …` counts, deleted ones too; five queries are one call."""
        names = list(soql_by_name)
        answers = [
            answer
            for some in parts(names, PARTS_A_CALL)
            for answer in self._together([soql_by_name[name] for name in some])
        ]
        return {name: int(answer["totalSize"]) for name, answer in zip(names, answers, strict=True)}

    @agreed_read("Salesforce query")
    def query_pages(self, soql: str) -> Iterator[list[Record]]:
        """Yield the rows of a query, a page at a time, deleted rows too.

        Raises:
            ShortRead: fewer or more rows came than the service counts.
        """
        first = self._json("GET", "queryAll", params={"q": soql})
        yield from self._pages(first)

    @agreed_read("Salesforce read")
    def read(self, sobject: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """Return the rows whose Id or unique field is one of these values, deleted rows too, in no order.

        One call reads 2,000 values.

        Raises:
            ContractBroken: a value for Id is no Salesforce id, or a name is no identifier.
            ShortRead: a part of the answer holds fewer rows than it counts.
        """
        wanted = list(dict.fromkeys(org_record_id(value) if field == "Id" else value for value in values))
        columns, source, key = ", ".join(map(identifier, fields)), identifier(sobject), identifier(field)
        select = f"SELECT {columns} FROM {source} WHERE {key} IN "  # noqa: S608 - identifiers and escaped literals only
        queries = [select + format_soql("{}", list(some)) for some in parts(wanted, _VALUES_A_PART)]
        answers = (answer for some in parts(queries, PARTS_A_CALL) for answer in self._together(some))
        return [row for answer in answers for page in self._pages(answer) for row in page]

    @agreed_read("Salesforce field history")
    def changed_at(self, ids: Sequence[str], names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Yield (account id, field, ISO time) of the changes of some fields of accounts, as field history has them.

        Fields whose history the org does not track have no row.
        """
        fields = format_soql("{}", list(map(identifier, names)))
        for some in parts(list(dict.fromkeys(map(org_record_id, ids))), _VALUES_A_PART):
            soql = (
                "SELECT AccountId, Field, CreatedDate FROM AccountHistory"  # noqa: S608 - escaped literals only
                f" WHERE AccountId IN {format_soql('{}', some)} AND Field IN {fields}"
            )
            for page in self.query_pages(soql):
                yield from ((row["AccountId"], row["Field"], row["CreatedDate"]) for row in page)

    def _pages(self, answer: Any) -> Iterator[list[Record]]:
        """Yield the pages of a query whose first one is here, and compare their rows with the count."""
        total, rows, seen = int(answer["totalSize"]), 0, set[str]()
        while True:
            page = [{name: value for name, value in row.items() if name != "attributes"} for row in answer["records"]]
            rows += len(page)
            yield page
            if answer["done"]:
                break
            if rows > total or len(seen) > total:
                raise ShortRead(
                    f"Salesforce query: {rows} rows in {len(seen) + 1} pages and no end, {total} were counted"
                )
            path = _next_page(answer)
            if path in seen:
                raise ShortRead("Salesforce query: the same page came twice; the query is to be read anew")
            seen.add(path)
            answer = self._json("GET", path)
        if rows != total:
            raise ShortRead(f"Salesforce query: {rows} rows came, {total} were counted")

    def _together(self, queries: Sequence[str]) -> list[Any]:
        """Return the first page of each of up to five queries, in order, for one call."""
        if len(queries) == 1:
            return [self._json("GET", "queryAll", params={"q": queries[0]})]
        body = {
            "compositeRequest": [
                {
                    "method": "GET",
                    "url": self._calls.root("queryAll?q=" + quote(soql, safe="")),
                    "referenceId": f"q{at}",
                }
                for at, soql in enumerate(queries)
            ]
        }
        return read_again(partial(self._composite, body), self._calls.clock)

    def _composite(self, body: dict[str, Any]) -> list[Any]:
        """Return the bodies of a composite read, in the order of its parts.

        Raises:
            AccordError: a part was refused.
            Lost: a part is missing.
        """
        answer = self._calls.json("POST", "composite", body=body)
        by_reference = {part["referenceId"]: part for part in answer["compositeResponse"]}
        for asked in body["compositeRequest"]:
            part = by_reference.get(asked["referenceId"])
            if part is None:
                raise Lost("Salesforce POST composite: a part of the answer is missing")
            if part["httpStatusCode"] != 200:
                raise problem("Salesforce GET queryAll", call_said(part["httpStatusCode"], part["body"]))
        return [by_reference[asked["referenceId"]]["body"] for asked in body["compositeRequest"]]

    def _json(self, method: str, path: str, **options: Any) -> Any:
        """Return the answer of a read, tried again where that can help.

        Raises:
            Lost: a 2xx without a body.
        """
        return read_again(lambda: _some(self._calls.json(method, path, **options), path), self._calls.clock)


def _some(answer: Any, path: str) -> Any:
    """Return the answer if there is one."""
    if answer is None:
        raise Lost(f"Salesforce {path}: an empty answer")
    return answer


def _next_page(answer: Any) -> str:
    """Return the path of the next page below the API version; anything but a page of a query is not followed."""
    found = _NEXT_PAGE.match(str(answer.get("nextRecordsUrl", "")))
    if not found:
        raise ContractBroken("Salesforce query: there is more, but no page of a query to follow")
    return found[1]


def _field(field: dict[str, Any]) -> FieldInfo:
    """Return what we need of a described field."""
    return FieldInfo(
        name=field["name"],
        type=field["type"],
        length=field.get("length") or 0,
        createable=bool(field.get("createable")),
        updateable=bool(field.get("updateable")),
        nillable=bool(field.get("nillable")),
        external_id=bool(field.get("externalId")),
        unique=bool(field.get("unique")),
        case_sensitive=bool(field.get("caseSensitive")),
        picklist=tuple(item["value"] for item in field.get("picklistValues") or () if item.get("active", True)),
        is_formula=bool(field.get("calculated")),
        refers_to=tuple(field.get("referenceTo") or ()),
    )
