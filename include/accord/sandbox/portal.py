"""The HubSpot portal: its records, its bin, and the one way they change. No HTTP here."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from accord.sandbox.clock import hubspot_time
from accord.sandbox.families import children_of, show_parents
from accord.sandbox.links import Links
from accord.sandbox.lists import Lists
from accord.sandbox.portal_checks import Problem, invalid, missing, stored
from accord.sandbox.portal_schema import ACCORD_KEY, NAMES, STAMPS, TYPE_IDS, Kind, Property, standard_properties
from accord.sandbox.portal_table import Record, Table
from accord.sandbox.uniques import Uniques

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accord.sandbox.clock import VirtualClock
    from accord.sandbox.journal import Journal
    from accord.sandbox.switches import Switches

_FIRST_ID = {"companies": 29_000_000_001, "contacts": 211_000_000_001}
_SOURCES = {"pipeline": "INTEGRATION", "person": "CRM_UI", "sandbox": "IMPORT"}
_FREE_MAIL = frozenset({"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com", "gmx.de", "web.de"})


class Portal:
    """Records, bin, schema, associations and lists of one HubSpot portal.

    Attributes:
        tables: companies and contacts.
        properties: object type -> property name -> Property.
        parents: company id -> id of its parent company, archived ends included (`families`).
        owners: owner rows as the API shows them.
        switches: how this portal behaves.
        uniques: which record holds which unique value.
        changed_at: record id -> property -> when it was last changed, where that was after the record was made.
        truth: record id -> which organisation or person it really stands for; never shown by the API.
        tokens: keys that may call; taking one out revokes it.
        bursts, searches: times of the calls in the ten-secondly and the search window.
        calls_used: calls of `day`.
    """

    def __init__(self, clock: VirtualClock, journal: Journal, switches: Switches) -> None:
        self._clock, self._journal, self.switches = clock, journal, switches
        self.portal_id = "44237313"
        self.tokens = {"pat-na1-sandbox"}
        self.bursts: deque[float] = deque()
        self.searches: deque[float] = deque()
        self.day = ""
        self.tables: dict[Kind, Table] = {kind: Table(kind, STAMPS[kind]) for kind in NAMES}
        self.properties: dict[Kind, dict[str, Property]] = {kind: standard_properties(kind) for kind in NAMES}
        self.links = Links()
        self.parents: dict[str, str] = {}
        self.lists = Lists(clock, journal)
        self.owners: list[dict[str, Any]] = []
        self.changed_at: dict[str, dict[str, str]] = {}
        self.truth: dict[str, str] = {}
        self.calls_used = 0
        self._numbers = {kind: itertools.count(first) for kind, first in _FIRST_ID.items()}
        self.uniques = Uniques()
        self.uniques.add("contacts", "email", lambda text: text.strip().lower())
        self.define("companies", ACCORD_KEY)

    # --- reading

    def find(self, kind: Kind, rid: str, id_property: str = "", *, archived: bool = False) -> str | None:
        """Return the id of the record that an id, a merged-away id or a unique value names; None if there is none."""
        table = self.tables[kind]
        by_value = bool(id_property) and id_property != "hs_object_id"
        found = self.uniques.holder(kind, id_property, rid) if by_value else table.resolve(rid)
        return found if found in (table.bin if archived else table.live) else None

    def is_unique(self, kind: Kind, name: str) -> bool:
        """Return whether a property can name a record."""
        return self.uniques.knows(kind, name)

    # --- schema

    def define(self, kind: Kind, spec: Property) -> None:
        """Add a property.

        Raises:
            Problem: 409, there is one of that name.
        """
        if spec.name in self.properties[kind]:
            text = f"A property named '{spec.name}' already exists."
            raise Problem(409, "OBJECT_ALREADY_EXISTS", text)
        now = hubspot_time(self._clock.now())
        self.properties[kind][spec.name] = replace(spec, created_at=now, updated_at=now)
        if spec.has_unique_value:
            self.uniques.add(kind, spec.name)

    def undefine(self, kind: Kind, name: str) -> None:
        """Delete a property with its values."""
        del self.properties[kind][name]
        self.uniques.drop(kind, name)
        for record in self.tables[kind].live.values():
            record.pop(name, None)

    # --- records

    def create(self, kind: Kind, values: Mapping[str, Any], *, source: str = "") -> str:
        """Return the id of a new record.

        Raises:
            Problem: a value is refused or already belongs to another record; nothing was done.
        """
        kept = {name: text for name, text in self.check(kind, "", values).items() if text is not None}
        rid = self.next_id(kind)
        self.commit("create", kind, rid, {**self._birth(kind, rid, source), **kept})
        if kind == "contacts" and self.switches.auto_associate_seconds is not None:
            self._clock.schedule(self.switches.auto_associate_seconds, lambda: self._auto_associate(rid))
        return rid

    def update(self, kind: Kind, rid: str, values: Mapping[str, Any]) -> str:
        """Change a record that an id or a merged-away id names; return its id. "" clears a property.

        Raises:
            Problem: there is no such record, or a value is refused; nothing was done.
        """
        found = self.find(kind, rid)
        if found is None:
            raise missing(kind, [rid])
        record = self.tables[kind].live[found]
        changes = self.check(kind, found, values)
        if not self.switches.stamp_equal_writes:
            changes = {name: text for name, text in changes.items() if record.get(name) != text}
        if changes:
            self.commit("update", kind, found, changes)
        return found

    def check(self, kind: Kind, rid: str, values: Mapping[str, Any]) -> dict[str, str | None]:
        """Return the values as they would be stored on a live record, or on a new one where `rid` is empty.

        Raises:
            Problem: a value is refused, or belongs to another record.
        """
        specs = self.properties[kind]
        changes = stored(specs, values, strip_domain=self.switches.strip_domain)
        record = self.tables[kind].live.get(rid, {})
        after = {name: text for name, text in {**record, **changes}.items() if text is not None}
        if kind == "companies" and not rid and not after.keys() & {"name", "domain"}:
            raise Problem(400, "VALIDATION_ERROR", "A company needs a name or a domain.")
        self._forward_only(kind, record, changes)
        self._refuse_taken(kind, rid, after)
        return changes

    def archive(self, kind: Kind, rid: str) -> None:
        """Put a record into the bin; unknown ids are ignored, as HubSpot does."""
        table = self.tables[kind]
        if rid not in table.live:
            return
        self.remember(table, rid)
        record = table.take(rid)
        table.bin[rid] = record
        table.archived_at[rid] = hubspot_time(self._clock.now())
        if not self.switches.archived_holds_unique:
            self.uniques.move(kind, rid, record, {})
        self._journal.write("hubspot", "archive", kind, rid, {}, {"archived": True})
        self._follow(kind, rid)

    def restore(self, kind: Kind, rid: str) -> None:
        """Take a record out of the bin, with its old createdate.

        Raises:
            Problem: it is not in the bin, or a unique value of it was taken meanwhile.
        """
        table = self.tables[kind]
        if rid not in table.bin:
            raise missing(kind, [rid])
        self._refuse_taken(kind, rid, table.bin[rid])
        self.remember(table, rid)
        record = table.bin.pop(rid)
        del table.archived_at[rid]
        record[STAMPS[kind]] = hubspot_time(self._clock.now())
        table.put(rid, record)
        self.uniques.move(kind, rid, {}, record)
        self._journal.write("hubspot", "restore", kind, rid, {"archived": True}, {"archived": False})
        self._follow(kind, rid)

    def gdpr_delete(self, rid: str) -> None:
        """Delete a contact for good; it is in no bin.

        Raises:
            Problem: there is no such contact.
        """
        table = self.tables["contacts"]
        if rid not in table.live and rid not in table.bin:
            raise missing("contacts", [rid])
        self.links.forget("contacts", rid)
        if rid in table.live:
            self.remember(table, rid)
            self.uniques.move("contacts", rid, table.take(rid), {})
        table.bin.pop(rid, None)
        table.archived_at.pop(rid, None)
        self.lists.forget(rid)
        self._journal.write("hubspot", "delete", "contacts", rid, {}, {})

    def load(self, kind: Kind, rid: str, record: Record, *, archived_at: str = "") -> None:
        """Put in a finished record without journal or checks; a world and the generator start from this."""
        record["hs_object_id"] = rid
        record.setdefault("createdate", hubspot_time(self._clock.now()))
        record.setdefault(STAMPS[kind], record["createdate"])
        table = self.tables[kind]
        if archived_at:
            table.bin[rid] = record
            table.archived_at[rid] = archived_at
            return
        table.put(rid, record)
        self.uniques.move(kind, rid, {}, record)

    # --- associations

    def associate(self, contact: str, company: str, *, primary: bool | None = None) -> None:
        """Associate a contact and a company; `primary=None` is associate/default.

        Raises:
            Problem: one of them is not live.
        """
        person, firm = self.find("contacts", contact), self.find("companies", company)
        if person is None or firm is None:
            raise Problem(
                400,
                "VALIDATION_ERROR",
                f"{contact if person is None else company} is not a valid ID",
                context={"id": [contact if person is None else company]},
            )
        if primary is None:
            can_be = self.switches.association_default_makes_primary
            primary = can_be and self.links.primary_of(person) is None
        before = self.links.companies.get(person, {}).get(firm)
        if before is not None and (before or not primary):
            return
        self.links.add(person, firm, primary=primary)
        self._link_changed("associate", person, firm, primary)

    def dissociate(self, contact: str, company: str, *, only_primary: bool = False) -> None:
        """End an association, or only its primary label; one that is not there is left alone."""
        mine = self.links.companies.get(contact, {})
        if company not in mine or (only_primary and not mine[company]):
            return
        if only_primary:
            mine[company] = False
        else:
            self.links.remove(contact, company)
        self._link_changed("dissociate", contact, company, only_primary)

    # --- what every change is made of

    def next_id(self, kind: Kind) -> str:
        """Return an id that no record has or had."""
        table = self.tables[kind]
        return next(
            rid
            for rid in map(str, self._numbers[kind])
            if rid not in table.live and rid not in table.bin and rid not in table.merged_into
        )

    def _birth(self, kind: Kind, rid: str, source: str) -> Record:
        """Return the properties HubSpot itself gives a new record."""
        source = source or _SOURCES[self._journal.caller]
        return {
            "createdate": hubspot_time(self._clock.now()),
            "hs_object_id": rid,
            "hs_object_source": source,
            "hs_object_source_label": source,
            "hs_object_source_id": "19083857" if source == "INTEGRATION" else "userId:61526375",
            "hs_pipeline": f"{kind}-lifecycle-pipeline",
            "lifecyclestage": self.switches.default_stage,
        }

    def commit(self, op: str, kind: Kind, rid: str, changes: Mapping[str, str | None]) -> None:
        """Apply one mutation of a record: uniqueness, stamp, search lag, journal."""
        table = self.tables[kind]
        record = table.live.get(rid, {})
        after = {name: text for name, text in {**record, **changes}.items() if text is not None}
        self._refuse_taken(kind, rid, after)
        after[STAMPS[kind]] = hubspot_time(self._clock.now())
        before = {name: record.get(name) for name in changes} if record else {}
        if record:
            self.changed_at.setdefault(rid, {}).update(dict.fromkeys(changes, after[STAMPS[kind]]))
        self.remember(table, rid)
        self.uniques.move(kind, rid, record, after)
        table.put(rid, after)
        self._journal.write("hubspot", op, kind, rid, before, dict(changes))

    def remember(self, table: Table, rid: str) -> None:
        """Keep the version search goes on showing until its index has caught up."""
        if self.switches.search_lag_seconds > 0:
            until = self._clock.now().timestamp() + self.switches.search_lag_seconds
            version = table.live.get(rid)
            table.lagging.setdefault(rid, []).append((until, dict(version) if version else None))

    def _refuse_taken(self, kind: Kind, rid: str, after: Record) -> None:
        """Raise where a unique value belongs to another record; checked at commit, as the real index is."""
        for name, value, holder in self.uniques.taken(kind, rid, after):
            if name == "email":
                text = f"Contact already exists. Existing ID: {holder}"
                raise Problem(409, "CONFLICT", text, context={"existingId": [holder]})
            place = f"portalId={self.portal_id}, objectTypeId={TYPE_IDS[kind]}, propertyName={name}, value={value}"
            text = f"Cannot set PropertyValueCoordinates{{{place}}} on {rid}. {holder} already has that value."
            raise invalid([{"name": name, "code": "CONFLICTING_UNIQUE_VALUE", "message": text}])

    def _forward_only(self, kind: Kind, record: Record, changes: dict[str, str | None]) -> None:
        """Drop or refuse a stage that lies before the present one; an emptied stage may become any."""
        order = {option.value: option.order for option in self.properties[kind]["lifecyclestage"].options}
        old, new = record.get("lifecyclestage"), changes.get("lifecyclestage")
        if old is None or new is None or order[new] >= order.get(old, -1):
            return
        if self.switches.backward_lifecycle == "error":
            text = f"lifecyclestage cannot move backwards from {old} to {new}"
            raise invalid([{"name": "lifecyclestage", "code": "INVALID_LIFECYCLE_STAGE", "message": text}])
        changes["lifecyclestage"] = old

    def _link_changed(self, op: str, contact: str, company: str, primary: bool) -> None:
        """Journal a changed association and let `associatedcompanyid` follow the primary company."""
        self._journal.write("hubspot", op, "contacts", contact, {}, {"company": company, "primary": primary})
        self.follow_primary([contact])

    def _follow(self, kind: Kind, rid: str) -> None:
        """Let the people and the children of a company show that it went or came back."""
        if kind == "companies":
            self.follow_primary(other for other, _ in self.links.of(kind, rid))
            show_parents(self, [rid, *children_of(self, rid)], "update")

    def follow_primary(self, contacts: Iterable[str]) -> None:
        """Set `associatedcompanyid` where the primary company changed; only that moves the contact's stamp."""
        table = self.tables["contacts"]
        for contact in [it for it in contacts if it in table.live]:
            primary = self.links.primary_of(contact)
            shown = primary if primary in self.tables["companies"].live else None
            record = table.live[contact]
            if record.get("associatedcompanyid") != shown:
                self.remember(table, contact)
                after = {**record, STAMPS["contacts"]: hubspot_time(self._clock.now())}
                after.pop("associatedcompanyid", None)
                table.put(contact, after | ({"associatedcompanyid": shown} if shown else {}))

    def _auto_associate(self, contact: str) -> None:
        """Do what HubSpot's create-and-associate setting does: a company by the domain of the e-mail."""
        domain = self.tables["contacts"].live.get(contact, {}).get("email", "").rpartition("@")[2]
        if not domain or domain in _FREE_MAIL:
            return
        companies = self.tables["companies"].live
        found = next((rid for rid, record in companies.items() if record.get("domain") == domain), None)
        company = found or self.create("companies", {"domain": domain, "name": domain}, source="CRM_SETTING")
        self.associate(contact, company)
