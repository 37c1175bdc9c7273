"""What is known before anybody is matched, flag by flag: nothing else may be said of anybody (R4, R21-R23, R73-R79)."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from accord.rules.answers import read_answers
from accord.rules.identity import Identity, known_pairs
from accord.rules.reading import read_records
from accord.worlds.names import Names
from tiny_worlds import read_short

OF_ACCOUNTS = {
    "account_merged", "company_merged", "restored", "stores_twice", "silent", "company_gone", "company_unseen",
}  # fmt: skip
A = "Created: 2024-01-01"
ACCOUNTS = f"{{Id: A1, {A}}}, {{Id: A2, {A}}}"
K = "created: 2024-01-01"
COMPANIES = f"{{id: K1, {K}}}, {{id: K2, {K}}}"

CASES = {
    "nobody says anything": ("", "", "", {}),
    "the company stores the id": ("", f"{{id: K3, {K}, sfa: A1}}", "", {"pairs": "A1-K3"}),
    "the account carries the key": (f"{{Id: A3, {A}, OriginKey: K1}}", "", "", {"pairs": "A3-K1"}),
    "Accord paired them": ("", "", "A1-K1, A2-K2", {"pairs": "A1-K1 A2-K2"}),
    "both say the same": ("", f"{{id: K3, {K}, sfa: A1}}", "A1-K3", {"pairs": "A1-K3"}),
    # R79
    "a broken pair comes back": ("", "", "A1-K1!", {"pairs": "A1-K1", "restored": "A1"}),
    "and so does one beside a pair that stands": ("", "", "A1-K1, A2-K2!", {"pairs": "A1-K1 A2-K2", "restored": "A2"}),
    "unless the account found another company": ("", "", "A1-K1!, A1-K2", {"pairs": "A1-K2"}),
    "unless the company found another account": ("", "", "A1-K1!, A2-K1", {"pairs": "A2-K1"}),
    "the same for the first account and company": ("", "", "A2-K2!, A2-K1", {"pairs": "A2-K1"}),
    "unless the account's later company is not seen": ("", "", "A1-K1!, A1-K9", {"company_unseen": "A1"}),
    "unless the company's later account is not seen": ("", "", "A1-K1!, A9-K1", {"account_unseen": "K1"}),
    "a later account that was deleted holds nobody up": (
        f"{{Id: A0, {A}, Deleted: true}}", "", "A0-K1, A1-K1!", {"pairs": "A1-K1", "restored": "A1"},
    ),
    "of two broken pairs of an account none comes back": ("", "", "A1-K1!, A1-K2!", {}),
    "of two broken pairs of a company none comes back": ("", "", "A1-K1!, A2-K1!", {}),
    "a key that is still there says more than a broken pair": (
        "", f"{{id: K3, {K}, sfa: A1}}", "A1-K3!", {"pairs": "A1-K3"},
    ),
    "a broken pair with somebody unseen says nothing of the account": ("", "", "A1-K9!", {}),
    "what a merged account lost sight of holds nobody up": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1}}", "", "A9-K9, A1-K1!", {"pairs": "A1-K1", "restored": "A1"},
    ),
    "an orphan does not come back to another account": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1}}", "", "A1-K1, A9-K2, A2-K2!", {"pairs": "A1-K1", "orphan": "K2"},
    ),
    "nor a company to an account that others speak for": (
        f"{{Id: A8, {A}, Deleted: true, Master: A1}}, {{Id: A9, {A}, Deleted: true, Master: A1}}",
        f"{{id: K3, {K}}}", "A8-K1, A9-K2, A1-K3!", {"silent": "A1", "orphan": "K1 K2"},
    ),
    # R73, R74
    "the survivor takes the company over": (
        f"{{Id: A9, {A}, Deleted: true, Master: A2}}", "", "A9-K1", {"pairs": "A2-K1", "account_merged": "A2"},
    ),
    "unless it has one": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1}}", "", "A1-K1, A9-K2", {"pairs": "A1-K1", "orphan": "K2"},
    ),
    "or has one that is not seen": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1}}", "", "A1-K9, A9-K2", {"orphan": "K2", "company_unseen": "A1"},
    ),
    "an unseen one of a broken pair is none": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1}}", "", "A1-K9!, A9-K2", {"pairs": "A1-K2", "account_merged": "A1"},
    ),
    "an unseen one of another merged account is none": (
        f"{{Id: A8, {A}, Deleted: true, Master: A1}}, {{Id: A9, {A}, Deleted: true, Master: A1}}",
        "", "A8-K9, A9-K2", {"pairs": "A1-K2", "account_merged": "A1"},
    ),
    "an archived one is none": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1}}", "{id: K0, archived: true}", "A1-K0, A9-K2",
        {"pairs": "A1-K2", "account_merged": "A1"},
    ),
    "a broken pair of the merged account is not taken over beside a pair": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1}}", "", "A1-K1, A9-K2!", {"pairs": "A1-K1"},
    ),
    "several losers with a company each": (
        f"{{Id: A8, {A}, Deleted: true, Master: A2}}, {{Id: A9, {A}, Deleted: true, Master: A2}}",
        "", "A8-K1, A9-K2", {"silent": "A2", "orphan": "K1 K2"},
    ),
    "one company of two survivors": (
        f"{{Id: A8, {A}, Deleted: true, Master: A1}}, {{Id: A9, {A}, Deleted: true, Master: A2}}",
        "", "A8-K1, A9-K1", {"silent": "A1 A2", "disputed": "K1"},
    ),
    "a company that an account names itself is inherited by nobody": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1}}", "", "A2-K2, A9-K2", {"pairs": "A2-K2"},
    ),
    "what was noted after the merge is no news": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1, OriginKey: K1}}", "", "A1-K1, A9-K1", {"pairs": "A1-K1"},
    ),
    # R77
    "the company that a company became": (
        "", f"{{id: K3, {K}, merged: [K8]}}", "A1-K8", {"pairs": "A1-K3", "company_merged": "A1"},
    ),
    "both of a pair were merged": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1}}", f"{{id: K3, {K}, merged: [K8]}}", "A9-K8",
        {"pairs": "A1-K3", "account_merged": "A1", "company_merged": "A1"},
    ),
    "what an account had itself is not taken over from another": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1}}", f"{{id: K3, {K}, merged: [K8]}}", "A1-K8, A9-K3",
        {"pairs": "A1-K3", "company_merged": "A1"},
    ),
    "what was noted after that merge is no news": (
        f"{{Id: A3, {A}, OriginKey: K8}}", f"{{id: K3, {K}, merged: [K8]}}", "A3-K3", {"pairs": "A3-K3"},
    ),
    # R23, R78
    "two companies name an account": (
        "", f"{{id: K3, {K}, sfa: A1}}, {{id: K4, {K}, sfa: A1}}", "", {"stores_twice": "A1", "twin": "K3 K4"},
    ),
    "two accounts name a company": (
        f"{{Id: A3, {A}, OriginKey: K1}}, {{Id: A4, {A}, OriginKey: K1}}", "", "",
        {"silent": "A3 A4", "disputed": "K1"},
    ),
    "both at once": ("", "", "A1-K1, A1-K2, A2-K1", {"stores_twice": "A1", "silent": "A2", "disputed": "K1", "twin": "K2"}),
    # R76, R4
    "an archived company": ("", "{id: K3, archived: true, sfa: A1}", "", {"company_gone": "A1"}),
    "an unseen company": (f"{{Id: A3, {A}, OriginKey: K9}}", "", "", {"company_unseen": "A3"}),
    "an unseen company says more than an archived one": (
        f"{{Id: A3, {A}, OriginKey: K9}}", "{id: K3, archived: true, sfa: A3}", "", {"company_unseen": "A3"},
    ),
    "an archived company beside a pair says nothing": (
        "", "{id: K3, archived: true, sfa: A1}", "A1-K1", {"pairs": "A1-K1"},
    ),
    "an unseen company beside a pair says nothing": ("", "", "A1-K1, A1-K9", {"pairs": "A1-K1"}),
    "the archived company of a merged account was never the survivor's": (
        f"{{Id: A9, {A}, Deleted: true, Master: A1}}", "{id: K3, archived: true}", "A9-K3", {},
    ),
    "nor was its unseen one": (f"{{Id: A9, {A}, Deleted: true, Master: A1}}", "", "A9-K9", {}),
    "an archived company of an account that two companies name": (
        "", "{id: K3, archived: true, sfa: A1}", "A1-K1, A1-K2", {"stores_twice": "A1", "twin": "K1 K2"},
    ),
    "an unseen company of an account that others speak for": (
        "", "", "A1-K1, A2-K1, A1-K9", {"silent": "A1 A2", "disputed": "K1"},
    ),
    "an archived company of an account that others speak for": (
        "", "{id: K3, archived: true, sfa: A1}", "A1-K1, A2-K1", {"silent": "A1 A2", "disputed": "K1"},
    ),
    "an archived company of a deleted account": (
        f"{{Id: A3, {A}, Deleted: true}}", "{id: K3, archived: true, sfa: A3}", "", {},
    ),
    "an unseen company of a deleted account": (f"{{Id: A3, {A}, Deleted: true, OriginKey: K9}}", "", "", {}),
    # R75, R4
    "a deleted account": (f"{{Id: A3, {A}, Deleted: true}}", f"{{id: K3, {K}, sfa: A3}}", "", {"account_gone": "K3"}),
    "an unseen account": ("", f"{{id: K3, {K}, sfa: A9}}", "", {"account_unseen": "K3"}),
    "an account that left the recycle bin": ("", "", "A9-K1!", {"account_gone": "K1"}),
    "an unseen account says more than a deleted one": (
        f"{{Id: A3, {A}, Deleted: true}}", f"{{id: K3, {K}, sfa: A9}}", "A3-K3", {"account_unseen": "K3"},
    ),
    "a deleted account beside a pair says nothing": (
        f"{{Id: A3, {A}, Deleted: true}}", "", "A1-K1, A3-K1", {"pairs": "A1-K1"},
    ),
    "an unseen account beside a pair says nothing": ("", "", "A1-K1, A9-K1", {"pairs": "A1-K1"}),
    "a deleted account of a disputed company": (
        f"{{Id: A3, {A}, Deleted: true}}", "", "A1-K1, A2-K1, A3-K1", {"silent": "A1 A2", "disputed": "K1"},
    ),
    "an unseen account of a disputed company": ("", "", "A1-K1, A2-K1, A9-K1", {"silent": "A1 A2", "disputed": "K1"}),
    "a deleted account of a twin": (
        f"{{Id: A3, {A}, Deleted: true}}", "", "A1-K1, A1-K2, A3-K1", {"stores_twice": "A1", "twin": "K1 K2"},
    ),
    "a deleted account of an orphan": (
        f"{{Id: A3, {A}, Deleted: true}}, {{Id: A9, {A}, Deleted: true, Master: A1}}", "", "A1-K1, A9-K2, A3-K2",
        {"pairs": "A1-K1", "orphan": "K2"},
    ),
    "a deleted account of an archived company": (
        f"{{Id: A3, {A}, Deleted: true}}", "{id: K3, archived: true, sfa: A3}", "", {},
    ),
    "an unseen account of an archived company": ("", "{id: K3, archived: true, sfa: A9}", "", {}),
}  # fmt: skip
"""Accounts beside A1 and A2, companies beside K1 and K2, Accord's pairs (`!`: broken), and all that is known of them."""


def key_of(names: Names, short: str) -> int:
    """Return the key of a record, one that nobody has for a record that we do not see."""
    try:
        return names.key(short)
    except KeyError:
        return 2**60


def known(accounts: str, companies: str, pairs: str, resolutions: str = "") -> dict[str, str]:
    """Return what is known, by flag, records by their short names."""
    snapshot, policy, names = read_short(
        f"{{sf: {{accounts: [{', '.join(filter(None, [ACCOUNTS, accounts]))}]}},"
        f" hs: {{companies: [{', '.join(filter(None, [COMPANIES, companies]))}]}}, resolutions: [{resolutions}]}}"
    )
    links = [pair.strip().strip("!").split("-") for pair in pairs.split(",") if pair.strip()]
    remembered = pd.DataFrame(
        {
            "account_key": np.array([key_of(names.accounts, one) for one, _ in links], dtype=np.int64),
            "company_key": np.array([key_of(names.companies, other) for _, other in links], dtype=np.int64),
            "is_active": np.array(["!" not in pair for pair in pairs.split(",") if pair.strip()], dtype=bool),
        }
    )
    records = read_records(snapshot, policy)
    said = known_pairs(records, remembered, read_answers(records, snapshot.resolutions))
    accounts_by = [names.accounts.short(key) for key in records.accounts.key]
    companies_by = [names.companies.short(key) for key in records.companies.key]
    pairs_of = [f"{accounts_by[at]}-{companies_by[said.company[at]]}" for at in np.flatnonzero(said.company >= 0)]
    back = [f"{accounts_by[said.account[at]]}-{companies_by[at]}" for at in np.flatnonzero(said.account >= 0)]
    assert sorted(pairs_of) == sorted(back)
    found = {"pairs": pairs_of}
    for name in (it.name for it in fields(Identity) if it.name not in {"company", "account"}):
        by = accounts_by if name in OF_ACCOUNTS else companies_by
        found[name] = [by[at] for at in np.flatnonzero(getattr(said, name))]
    return {name: " ".join(sorted(them)) for name, them in found.items() if them}


@pytest.mark.parametrize(("accounts", "companies", "pairs", "expected"), CASES.values(), ids=CASES.keys())
def test_this_is_known_and_nothing_else(accounts, companies, pairs, expected):
    assert known(accounts, companies, pairs) == expected


@pytest.mark.parametrize(
    ("companies", "pairs", "resolutions", "expected"),
    [
        (f"{{id: K3, {K}, sfa: A1}}", "", "{account: A1, company: K3, choice: apart}", {"told_apart": "K3"}),
        (f"{{id: K3, {K}, sfa: A1}}", "A2-K3", "{account: A1, company: K3, choice: apart}", {"pairs": "A2-K3"}),
        (f"{{id: K3, {K}, sfa: A9}}", "", "{account: A9, company: K3, choice: apart}", {"account_unseen": "K3"}),
        (f"{{id: K3, {K}, sfa: A1}}", "", "{account: A1, company: K1, choice: pair}", {"told_apart": "K3"}),
        (f"{{id: K3, {K}, sfa: A9}}", "", "{account: A1, company: K3, choice: pair}", {}),
        ("", "A1-K1", "{account: A1, company: K1, choice: pair}", {"pairs": "A1-K1"}),
        ("", "A1-K2", "{account: A2, company: K2, choice: pair}", {"told_apart": "K2"}),
    ],
)
def test_what_a_person_said_goes_before(companies, pairs, resolutions, expected):
    """R23: the account that the company names is another company's."""
    assert known("", companies, pairs, resolutions) == expected
