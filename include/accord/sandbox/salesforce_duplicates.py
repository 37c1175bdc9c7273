"""What a duplicate rule found, as documented for includeRecordDetails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.sandbox.core import Crms


def duplicate_result(crms: Crms, sobject: str, version_root: str, candidates: Sequence[str]) -> dict[str, Any]:
    """Return the `duplicateResult` of an error: rule, match and the records in the way."""
    found = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {
                "attributes": {"type": sobject, "url": f"{version_root}/sobjects/{sobject}/{rid}"},
                "Id": rid,
            },
        }
        for rid in candidates
    ]
    match = {
        "entityType": sobject,
        "errors": [],
        "matchEngine": "FuzzyMatchEngine",
        "matchRecords": found,
        "rule": f"Standard_{sobject}_Match_Rule",
        "size": len(found),
        "success": True,
    }
    return {
        "allowSave": crms.switches.duplicate_rule == "alert",
        "duplicateRule": f"Standard_{sobject}_Duplicate_Rule",
        "duplicateRuleEntityType": sobject,
        "errorMessage": "Use one of these records?",
        "matchResults": [match],
    }
