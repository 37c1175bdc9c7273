"""HubSpot reads around the objects: associations, lists, properties, owners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord.crm.answers import Refused
from accord.crm.hubspot_reads import next_page, results
from accord.crm.hubspot_said import NO_ASSOCIATIONS, context
from accord.crm.shapes import agreed_read
from accord.crm.values import parts, portal_record_id
from accord.model.errors import BadInput, ContractBroken, ShortRead

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord.crm.hubspot_calls import HubSpotCalls
    from accord.crm.hubspot_reads import ObjectType
    from accord.crm.values import Record

AssociationRow = tuple[str, str, tuple[int, ...]]

_ASSOCIATION_BATCH = 1_000
_MEMBER_PAGE = 250
_OWNER_PAGE = 100
_CONTACTS = "0-1"
_TRIES = 3


@dataclass(frozen=True)
class PropertyInfo:
    """One property of an object type.

    Attributes:
        type: such as string, enumeration, datetime.
        field_type: how it is shown, such as text, select.
        read_only: the API cannot write it.
        options: internal values in display order; of `lifecyclestage` that is the order of the stages.
        hidden_options: those of them that forms do not offer any more; the API still takes them.
        is_user: its values are the users of the portal.
    """

    name: str
    type: str
    field_type: str
    has_unique_value: bool
    read_only: bool
    options: tuple[str, ...]
    hidden_options: frozenset[str] = frozenset()
    is_user: bool = False


class HubSpotLinks:
    """Reads what belongs to the objects of one portal."""

    def __init__(self, calls: HubSpotCalls) -> None:
        self._calls = calls

    @agreed_read("HubSpot associations")
    def association_rows(
        self, from_type: ObjectType, to_type: ObjectType, ids: Sequence[str]
    ) -> Iterator[list[AssociationRow]]:
        """Yield (from id, to id, association type ids), for 1,000 from ids a call; a from id without any has no row.

        Raises:
            ShortRead: an id is neither answered nor said to have no associations, twice.
        """
        for some in parts(list(dict.fromkeys(map(portal_record_id, ids))), _ASSOCIATION_BATCH):
            inputs, seen, is_second = [{"id": one} for one in some], set[str](), False
            while inputs:
                answer = self._calls.read(
                    self._calls.api.crm.associations.v4.batch_api.get_page, from_type, to_type, {"inputs": inputs}
                )
                found = results(answer, f"associations of {from_type}")
                left = _unanswered(from_type, inputs, found, answer)
                if left and is_second:
                    raise ShortRead(
                        f"HubSpot associations of {from_type}: {len(left)} of {len(some)} ids are not answered, twice"
                    )
                yield [row for one in found for row in _rows(one)]
                inputs = left + _next_inputs(found, seen, f"associations of {from_type}")
                is_second = bool(left)

    @agreed_read("HubSpot list members")
    def list_members(self, list_id: str) -> Iterator[list[tuple[str, str]]]:
        """Yield (contact id, since when a member, as HubSpot writes it), 250 a page.

        Raises:
            ShortRead: other than as many members came as the list counts.
        """
        after, seen, rows, total = None, set[str](), 0, 0
        what = f"members of list {portal_record_id(list_id)}"
        while True:
            page = self._calls.read(
                self._calls.api.crm.lists.memberships_api.get_page_ordered_by_added_to_list_date,
                list_id,
                limit=_MEMBER_PAGE,
                **({"after": after} if after else {}),
            )
            members = [(str(row["recordId"]), str(row.get("membershipTimestamp") or "")) for row in results(page, what)]
            # People join and leave while pages are read: only fewer than the first page counted is short.
            total = page.get("total", total) if not rows else total
            rows += len(members)
            yield members
            after = next_page(page, seen, what)
            if after is None:
                break
        if rows < total:
            raise ShortRead(f"HubSpot {what}: {rows} came, {total} were counted")

    @agreed_read("HubSpot list")
    def find_list(self, name_or_id: str) -> dict[str, Any]:
        """Return `id`, `name`, `size` (None where HubSpot does not say) and `updatedAt` of a list of contacts.

        Raises:
            BadInput: there is no such list, or it is not one of contacts.
        """
        lists_api = self._calls.api.crm.lists.lists_api
        missing = BadInput(f"HubSpot has no contact list {name_or_id!r}: correct inclusion_list in the settings")
        if name_or_id in {"", ".", ".."}:
            raise missing
        try:
            if name_or_id.isdigit():
                answer = self._calls.read(lists_api.get_by_id, portal_record_id(name_or_id))
            else:
                answer = self._calls.read(lists_api.get_by_name, name_or_id, _CONTACTS)
        except Refused as refused:
            if refused.said.status != 404:
                raise
            raise missing from None
        return _list(answer.get("list") or {}, missing)

    @agreed_read("HubSpot properties")
    def properties(self, object_type: ObjectType) -> dict[str, PropertyInfo]:
        """Return the properties of an object type by name.

        Raises:
            ShortRead: there are none, however often they are asked for, and every object type has some.
        """
        for _ in range(_TRIES):
            answer = self._calls.read(self._calls.api.crm.properties.core_api.get_all, object_type)
            if rows := results(answer, f"properties of {object_type}"):
                return {row["name"]: _property(row) for row in rows}
        raise ShortRead(f"HubSpot properties of {object_type}: {_TRIES} answers without any, and there always are some")

    def create_property(self, object_type: ObjectType, body: dict[str, Any]) -> None:
        """Create a property; one that exists already is left as it is, so a second try does no harm."""
        try:
            self._calls.read(self._calls.api.crm.properties.core_api.create, object_type, body)
        except Refused as refused:
            if refused.said.status != 409:
                raise

    @agreed_read("HubSpot owners")
    def owners(self) -> list[Record]:
        """Return all owners: id, email, userId, firstName, lastName, archived."""
        owners: list[Record] = []
        after, seen = None, set[str]()
        while True:
            page = self._calls.read(
                self._calls.api.crm.owners.owners_api.get_page,
                limit=_OWNER_PAGE,
                **({"after": after} if after else {}),
            )
            owners += results(page, "owners")
            after = next_page(page, seen, "owners")
            if after is None:
                return owners


def _unanswered(
    from_type: str, asked: Sequence[dict[str, str]], found: Sequence[Record], answer: dict[str, Any]
) -> list[dict[str, str]]:
    """Return the inputs that an answer does not account for; no association is an error in this API, and normal.

    Raises:
        ContractBroken: an error says something else.
    """
    answered = {str(one["from"]["id"]) for one in found}
    for error in answer.get("errors") or ():
        if error.get("subCategory") != NO_ASSOCIATIONS and error.get("category") != "OBJECT_NOT_FOUND":
            raise ContractBroken(f"HubSpot associations of {from_type}: {error.get('category')}")
        answered.update(context(error, "fromObjectId", "ids", "id"))
    return [one for one in asked if one["id"] not in answered]


def _rows(one: Record) -> list[AssociationRow]:
    """Return the rows of one from id; `toObjectId` is a number in this API, `from.id` a text."""
    source = str(one["from"]["id"])
    return [
        (source, str(to["toObjectId"]), tuple(sorted(int(kind["typeId"]) for kind in to["associationTypes"])))
        for to in one.get("to") or ()
    ]


def _next_inputs(found: Sequence[Record], seen: set[str], what: str) -> list[dict[str, str]]:
    """Return the inputs that ask for the rest of the from ids which have more than one page."""
    more: list[dict[str, str]] = []
    for one in found:
        own = {cursor.partition(" ")[2] for cursor in seen if cursor.startswith(f"{one['from']['id']} ")}
        after = next_page(one, own, what)
        if after is not None:
            seen.add(f"{one['from']['id']} {after}")
            more.append({"id": str(one["from"]["id"]), "after": after})
    return more


def _list(row: dict[str, Any], missing: BadInput) -> dict[str, Any]:
    """Return what we need of a list."""
    if row.get("objectTypeId", _CONTACTS) != _CONTACTS or not row.get("listId"):
        raise missing
    size = (row.get("additionalProperties") or {}).get("hs_list_size", row.get("size"))
    return {
        "id": str(row["listId"]),
        "name": row.get("name"),
        "size": int(size) if size is not None else None,
        "updatedAt": row.get("updatedAt"),
    }


def _property(row: dict[str, Any]) -> PropertyInfo:
    """Return what we need of a property."""
    options = sorted(row.get("options") or (), key=_place)
    return PropertyInfo(
        name=row["name"],
        type=row["type"],
        field_type=row["fieldType"],
        has_unique_value=bool(row.get("hasUniqueValue")),
        read_only=bool((row.get("modificationMetadata") or {}).get("readOnlyValue")),
        options=tuple(option["value"] for option in options),
        hidden_options=frozenset(option["value"] for option in options if option.get("hidden")),
        is_user=row.get("referencedObjectType") == "OWNER",
    )


def _place(option: dict[str, Any]) -> tuple[bool, int]:
    """Return where an option stands: by its order, those with a negative one after all others."""
    order = option.get("displayOrder") or 0
    return order < 0, order
