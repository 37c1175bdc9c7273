"""A world's settings as the pipeline's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.settings import Settings, parse_settings

if TYPE_CHECKING:
    from accord.sandbox.world import LoadedWorld, World

_NOT_SETTINGS = {
    "import_accounts",
    "manual_sync",
    "pipeline_user",
    "inclusion_list",
    "max_creates",
    "max_changed_share",
}


def settings_of(world: World, loaded: LoadedWorld | None = None) -> Settings:
    """Return the settings under which a world is decided or run; applying, with the world's own fields.

    Args:
        world: the parsed world.
        loaded: the same world in a sandbox, which gives the ids of its list and of the pipeline's user.

    Raises:
        BadSettings: the world sets something that is no setting.
    """
    raw: dict[str, Any] = {name: value for name, value in world.settings.items() if name not in _NOT_SETTINGS}
    caps = {name: world.settings[name] for name in ("max_creates", "max_changed_share") if name in world.settings}
    raw |= {"mode": "apply", "caps": {**caps, "min_extract_share": 0.0}, "pipeline_user": None}
    raw["inclusion_list"] = (
        (loaded.list_id if loaded else "a list") if world.settings["inclusion_list"] is not None else None
    )
    # Every decision of a world is written down, so a world maps the fields that it declares and no others.
    raw["fields"] = [
        {"salesforce": f"{it['name']}__c", "hubspot": it["name"], "rule": it["rule"]} for it in world.fields
    ]
    return parse_settings(raw, world.where or world.id)
