"""Findings as columns, and as the frame of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from accord.model.findings import FINDINGS, KINDS, REASONS, SEVERITIES
from accord.model.ids import NONE
from accord.rules.arrays import Bools, Ints, at, filled, marked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.rules.watch.view import View


class Found(NamedTuple):
    """Findings of one reason; positions, NOWHERE for nobody."""

    reason: str
    account: Ints
    company: Ints
    other_account: Ints
    other_company: Ints

    def where(self, mask: Bools) -> Found:
        """Return the findings of a mask."""
        return Found(self.reason, *(column[mask] for column in self[1:]))


def found(
    reason: str, account: Ints, company: Ints, other_account: Ints | None = None, other_company: Ints | None = None
) -> Found:
    """Return findings of one reason; a side that is left out names nobody."""
    nobody = filled(len(account))
    return Found(
        reason,
        account,
        company,
        nobody if other_account is None else other_account,
        nobody if other_company is None else other_company,
    )


def told_of(parts: Sequence[Found], size: int) -> Bools:
    """Return which of so many companies the findings are about."""
    return marked(np.concatenate([filled(0), *(part.company for part in parts)]), size)


def findings_frame(view: View, parts: Sequence[Found]) -> pd.DataFrame:
    """Return the FINDINGS of all parts, in the order of the contract."""
    records = view.case.records
    code = np.repeat(np.arange(len(parts)), [len(part.account) for part in parts])
    account, company, other_account, other_company = (
        np.concatenate([filled(0), *(part[column] for part in parts)]) for column in range(1, 5)
    )
    beside = view.people(np.where(other_account >= 0, other_account, account), other_company)
    other_people = np.where(other_account >= 0, view.people(other_account, company), beside)
    reasons = [REASONS[part.reason] for part in parts]
    frame = pd.DataFrame(
        {
            "kind": _texts([reason.kind for reason in reasons], code),
            "severity": _texts([reason.severity for reason in reasons], code),
            "reason": _texts([part.reason for part in parts], code),
            "rule": _texts([reason.rule for reason in reasons], code),
            # Only the stored id tells of an account that we cannot see.
            "account_key": np.where(account >= 0, at(records.accounts.key, account, NONE), view.stored_key[company]),
            "company_key": at(records.companies.key, company, NONE),
            "other_account_key": at(records.accounts.key, other_account, NONE),
            "other_company_key": at(records.companies.key, other_company, NONE),
            "people": view.people(account, company),
            "other_people": other_people,
        },
        columns=list(FINDINGS),
    )
    rank = [list(KINDS).index(reason.kind) * len(SEVERITIES) + SEVERITIES.index(reason.severity) for reason in reasons]
    keys = [frame[name] for name in ("other_company_key", "other_account_key", "account_key", "company_key")]
    order = np.lexsort((*keys, code, -frame["other_people"], np.array([*rank, 0])[code]))
    return frame.take(order).reset_index(drop=True)


def _texts(words: Sequence[str], code: Ints) -> pd.api.extensions.ExtensionArray:
    """Return the word of each code as a text column."""
    return pd.array([*words, ""], dtype="str").take(code)
