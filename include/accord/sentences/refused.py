"""What to do about a write that a CRM refused, by its family (the words of HubSpot's sync health page)."""

from __future__ import annotations

_ADVICE = {
    "duplicates": (
        "The CRM sees a record that looks the same, or holds the value already. Merge the two there, or pair them by"
        " answering the review; then retry."
    ),
    "custom code": (
        "A validation rule, flow or trigger of the org refused it. The message is its own: mend the record, or let the"
        " rule leave out the integration user; then retry."
    ),
    "associations": (
        "The two records could not be associated: one of them is gone, or a limit of the portal is reached. Look at"
        " both in HubSpot; then retry."
    ),
    "permissions": (
        "The login may not write this record or field, or it was deleted meanwhile. Give the integration user the right"
        " (prepare_crms lists what is missing); then retry."
    ),
    "property values": (
        "The value does not fit the field: too long, not in its list, or required and empty. Mend the value in the CRM"
        " that it comes from, or the mapping in the settings; the next run sends the new value by itself."
    ),
}
_OTHER = "Read the message and look at the record in both CRMs; retry when the cause is gone."


def advice(family: str) -> str:
    """Return what a person can do about refused writes of a family."""
    return _ADVICE.get(family, _OTHER)
