"""HubSpot lists: named sets of records with the time each one joined."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class RecordList:
    """One list.

    Attributes:
        list_id: ILS list id.
        processing_type: MANUAL, SNAPSHOT or DYNAMIC; only the first two can be changed by hand.
        members: record id -> when it joined.
    """

    list_id: str
    name: str
    created_at: str
    updated_at: str
    object_type_id: str = "0-1"
    processing_type: str = "MANUAL"
    version: int = 1
    members: dict[str, str] = field(default_factory=dict)
