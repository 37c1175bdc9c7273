"""What watching the native integration reads and reports: two column contracts, and what each finding means.

Kinds: a *twin* is a second company for one account, an *orphan* a record whose partner is gone, a *contested* company
holds the people of several accounts, a *mistake* is a pair that the people speak against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

NATIVE: Mapping[str, str] = {
    "company_key": "int64",
    "account_key": "int64",  # account whose id the company stores
    "is_made": "bool",  # an integration created the company, and it was not Accord
}
"""One row per HubSpot company in staging that stores an account id, archived ones included; key `company_key`."""

FINDINGS: Mapping[str, str] = {
    "kind": "str",  # twin orphan contested mistake
    "severity": "str",  # certain: a fact of the CRMs; likely: the people say so; possible: worth a look
    "reason": "str",  # key of REASONS
    "rule": "str",  # the rule that Accord would decide it by
    "account_key": "int64",  # the account that the native integration means, or means no longer
    "company_key": "int64",  # the company in question
    "other_account_key": "int64",  # rival, survivor of a merge, or the account that the rules would name
    "other_company_key": "int64",  # the company beside it, or that the rules would name
    "people": "int64",  # shared by account and company
    "other_people": "int64",  # shared by the company and the other account, else by the account and the other company
}
"""One row per finding; by kind, severity, other people (most first), then by the keys. Keys are NONE for nobody."""


class Kind(NamedTuple):
    """What a kind of finding is, and what to do about one."""

    meaning: str
    advice: str


class Reason(NamedTuple):
    """Why something is a finding; `{...}` become names and numbers of people, `beside` is said where they are known."""

    kind: str
    severity: str
    rule: str
    why: str
    beside: str = ""


KINDS: Mapping[str, Kind] = {
    "twin": Kind("a second company for one account", "keep one; merge the other into it, or archive it"),
    "orphan": Kind("its account, or its company, is gone", "clear the stored id, or restore what was deleted"),
    "contested": Kind(
        "a company with the people of several accounts", "decide whose it is; move who sits there wrongly"
    ),
    "mistake": Kind("a pair that the people speak against", "compare both records before you trust their values"),
}
"""In the order of the report."""

SEVERITIES = ("certain", "likely", "possible")
"""Most urgent first."""

REASONS: Mapping[str, Reason] = {
    "account_id_on_two_companies": Reason(
        "twin",
        "certain",
        "R23",
        "{company} is one of several companies that stand for {account}; it holds {people} of its people, "
        "{other_company} holds {other_people}",
    ),
    "made_beside_its_people": Reason(
        "twin",
        "likely",
        "R14",
        "{company} came from an integration, is paired with {account} and holds {people} of its people; "
        "{other_company} is older, is paired with nothing and holds {other_people}",
    ),
    "people_in_two_companies": Reason(
        "twin",
        "likely",
        "R17",
        "{company} is paired with nothing and holds {people} of the people of {account}, whose company "
        "{other_company} holds {other_people}",
    ),
    "same_domain": Reason(
        "twin",
        "possible",
        "R15",
        "{company} is paired with nothing and has the domain of {account}, whose company is {other_company}",
    ),
    "account_deleted": Reason(
        "orphan",
        "certain",
        "R75",
        "{company} stores the id of {account}, which was deleted",
        "; it holds {other_people} of the people of {other_account}",
    ),
    "account_merged": Reason(
        "orphan",
        "certain",
        "R73",
        "{company} stores the id of {account}, which was merged into {other_account}",
        "; that one has the company {other_company}",
    ),
    "account_not_visible": Reason(
        "orphan",
        "possible",
        "R4",
        "{company} stores the id of {account}, which our Salesforce login does not see: erased, or hidden from it",
    ),
    "company_archived": Reason(
        "orphan",
        "certain",
        "R76",
        "{account} has no company any more: {company} was archived",
        "; {other_company} holds {other_people} of its people",
    ),
    "company_merged": Reason(
        "orphan",
        "certain",
        "R77",
        "{account} has no company any more: {company} was merged into {other_company}, which does not store its id",
    ),
    "people_of_another_account": Reason(
        "contested",
        "likely",
        "R19",
        "{company} is paired with {account} and holds {people} of its people; of {other_account}, to which the rules "
        "would give it, it holds {other_people}",
    ),
    "tie_between_accounts": Reason(
        "contested",
        "likely",
        "R20",
        "{company} holds {people} of the people of {account} and as many of {other_account}: whose it is, they cannot "
        "tell",
    ),
    "tie_between_companies": Reason(
        "contested",
        "possible",
        "R18",
        "{company} is paired with {account} and holds {people} of its people, and {other_company} just as many",
    ),
    "rival_shares_more": Reason(
        "contested",
        "possible",
        "R19",
        "{company} is paired with {account} and holds {people} of its people; of {other_account} it holds "
        "{other_people}",
    ),
    "people_elsewhere": Reason(
        "mistake",
        "likely",
        "R14",
        "{company} is paired with {account} and holds none of its people; {other_company} holds {other_people}",
    ),
    "more_people_elsewhere": Reason(
        "mistake",
        "likely",
        "R17",
        "{company} is paired with {account} and holds {people} of its people; {other_company} holds {other_people}",
    ),
    "nothing_in_common": Reason(
        "mistake",
        "possible",
        "R15",
        "{company} is paired with {account}, but they have nobody in common, nor domain nor name",
    ),
}
