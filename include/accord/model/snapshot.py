"""What the rules are given and what they answer: two bundles of frames with the contracts of `columns`."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pandas as pd

from accord.model import columns


@dataclass(frozen=True)
class Snapshot:
    """Both CRMs and Accord's memory of them, as staging shows them now. One frame per contract in `columns`.

    `field_values` can be empty here: which pairs stand is known only once everything else is decided (`rules.study`).
    """

    accounts: pd.DataFrame
    salesforce_contacts: pd.DataFrame
    salesforce_leads: pd.DataFrame
    companies: pd.DataFrame
    company_merges: pd.DataFrame
    hubspot_contacts: pd.DataFrame
    contact_merges: pd.DataFrame
    associations: pd.DataFrame
    pairs: pd.DataFrame
    resolutions: pd.DataFrame
    undone: pd.DataFrame
    field_values: pd.DataFrame

    @classmethod
    def of(cls, **frames: pd.DataFrame) -> Snapshot:
        """Return a snapshot of the given frames, each conformed to its contract; those left out are empty.

        Raises:
            ContractBroken: a frame lacks a column or holds values of another type.
        """
        contracts = {field.name: getattr(columns, field.name.upper()) for field in fields(cls)}
        unknown = frames.keys() - contracts.keys()
        if unknown:
            raise TypeError(f"no frame of a snapshot is called {', '.join(sorted(unknown))}")
        return cls(
            **{
                name: columns.conform(frames[name], contract, name) if name in frames else columns.empty(contract)
                for name, contract in contracts.items()
            }
        )


@dataclass(frozen=True)
class Plan:
    """What is to be done: `decisions` (DECISIONS), the `people` behind them (PEOPLE), `fields` to write."""

    decisions: pd.DataFrame
    people: pd.DataFrame
    fields: pd.DataFrame
