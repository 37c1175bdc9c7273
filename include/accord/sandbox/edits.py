"""What a person can do in either CRM, by name, for `/_sandbox/edit` and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.sandbox.families import end_parent, set_parent
from accord.sandbox.org_checks import RowError
from accord.sandbox.org_schema import Field
from accord.sandbox.portal_checks import Problem
from accord.sandbox.portal_merge import merge
from accord.sandbox.portal_schema import Property

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from accord.sandbox.core import Crms

Edit = dict[str, Any]


class EditError(ValueError):
    """An edit cannot be understood or the CRM refuses it; the message says why."""


def edit(crms: Crms, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Do one thing as a person and return the ids it made.

    Args:
        crms: both CRMs.
        wish: `crm`, `op` and the arguments of that operation, as in the tables at the end of this module.

    Raises:
        EditError: the operation is unknown, an argument is missing, or the CRM refuses it.
    """
    operations = _OPERATIONS.get(str(wish.get("crm")))
    if operations is None:
        raise EditError(f"crm: {wish.get('crm')}; allowed are {', '.join(_OPERATIONS)}")
    operation = operations.get(str(wish.get("op")))
    if operation is None:
        raise EditError(f"op: {wish.get('op')}; allowed are {', '.join(operations)}")
    with crms.acting("person", "edit"):
        crms.clock.run_due()
        try:
            made = operation(crms, dict(wish))
        except (RowError, Problem) as problem:
            raise EditError(problem.message) from problem
        except KeyError as problem:
            raise EditError(f"{wish.get('op')}: {problem} is missing or names nothing") from problem
    return {"id": made} if isinstance(made, str) else {"ids": list(made)} if made else {}


def _hubspot_link(crms: Crms, it: Edit) -> None:
    """Associate by hand; `primary` may be left out."""
    crms.portal.associate(it["contact"], it["company"], primary=it.get("primary"))


def _hubspot_parent(crms: Crms, it: Edit) -> None:
    """Give a company a parent, or take it away."""
    old = crms.portal.parents.get(it["company"])
    if it["parent"] is not None:
        set_parent(crms.portal, it["company"], it["parent"])
    elif old is not None:
        end_parent(crms.portal, it["company"], old)


def _hubspot_list(crms: Crms, it: Edit) -> None:
    """Change the members of a list."""
    crms.portal.lists.change(it["list"], it.get("add") or [], it.get("remove") or [])


def _salesforce_field(crms: Crms, it: Edit) -> None:
    """Add a custom field."""
    crms.org.add_field(it["object"], Field(it["name"], **it.get("spec", {"length": 255})))


def _hubspot_property(crms: Crms, it: Edit) -> None:
    """Add a property."""
    crms.portal.define(it["object"], Property(it["name"], it["name"], is_hubspot_defined=False, **it.get("spec", {})))


_SALESFORCE: dict[str, Callable[[Crms, Edit], Any]] = {
    "create": lambda crms, it: crms.org.create(it["object"], it["values"], user=it.get("user", "")),
    "update": lambda crms, it: crms.org.update(it["object"], it["id"], it["values"], user=it.get("user", "")),
    "delete": lambda crms, it: crms.org.delete(it["object"], it["id"]),
    "undelete": lambda crms, it: crms.org.undelete(it["object"], it["id"]),
    "empty_bin": lambda crms, _: str(crms.org.empty_bin()),
    "merge": lambda crms, it: crms.org.merge(it["object"], it["winner"], it["losers"]),
    "convert": lambda crms, it: crms.org.convert_lead(
        it["id"], account=it.get("account", ""), contact=it.get("contact", "")
    ),
    "add_field": _salesforce_field,
    "remove_field": lambda crms, it: crms.org.remove_field(it["object"], it["name"]),
    "hide_field": lambda crms, it: crms.org.hidden.add((it["object"], it["name"])),
    "show_field": lambda crms, it: crms.org.hidden.discard((it["object"], it["name"])),
    "freeze_field": lambda crms, it: crms.org.frozen_fields.add((it["object"], it["name"])),
    "lock": lambda crms, it: crms.org.locked.update({it["id"]: int(it.get("times", 1))}),
}
_HUBSPOT: dict[str, Callable[[Crms, Edit], Any]] = {
    "create": lambda crms, it: crms.portal.create(it["object"], it["values"], source=it.get("source", "")),
    "update": lambda crms, it: crms.portal.update(it["object"], it["id"], it["values"]),
    "archive": lambda crms, it: crms.portal.archive(it["object"], it["id"]),
    "restore": lambda crms, it: crms.portal.restore(it["object"], it["id"]),
    "merge": lambda crms, it: merge(crms.portal, it["object"], it["primary"], it["other"]),
    "gdpr_delete": lambda crms, it: crms.portal.gdpr_delete(it["id"]),
    "associate": _hubspot_link,
    "dissociate": lambda crms, it: crms.portal.dissociate(it["contact"], it["company"]),
    "set_parent": _hubspot_parent,
    "make_list": lambda crms, it: crms.portal.lists.make(it["name"], it.get("members") or []),
    "change_list": _hubspot_list,
    "add_property": _hubspot_property,
    "remove_property": lambda crms, it: crms.portal.undefine(it["object"], it["name"]),
    "revoke_key": lambda crms, _: crms.portal.tokens.clear(),
}
_OPERATIONS = {"salesforce": _SALESFORCE, "hubspot": _HUBSPOT}
