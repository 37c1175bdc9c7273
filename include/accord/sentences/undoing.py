"""What undoes a write, in words."""

from __future__ import annotations

UNDOES = {
    "unpair": "pairs parted",
    "pair": "pairs made again",
    "update": "mapped values put back",
    "restamp": "key fields put back",
    "attach": "contacts out of (or back into) their account",
    "unstage": "stages put back",
    "stage": "stages put back where there is none",
    "unparent": "parents put back",
    "parent": "parents put back where there is none",
    "associate": "people associated again",
    "dissociate": "people taken out of a company",
    "archive": "created records archived",
}
