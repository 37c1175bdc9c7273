"""Which pairs an answer speaks for or against, by position: the first record counts as any other (R23, R47)."""

import numpy as np
import pytest

from accord import rules
from accord.rules.answers import Answers, read_answers
from accord.rules.arrays import NOWHERE
from accord.rules.reading import read_records
from tiny_worlds import read_short

NOBODY = np.array([], dtype=np.int64)


def answers(chosen: dict[int, int], apart: list[tuple[int, int]]) -> Answers:
    """Return the answers about two accounts and two companies."""
    company, account = np.full(2, NOWHERE), np.full(2, NOWHERE)
    for one, other in chosen.items():
        company[one], account[other] = other, one
    codes = np.array(sorted(one * 2 + other for one, other in apart), dtype=np.int64)
    nobody = np.zeros(2, dtype=bool)
    return Answers(company, account, codes, nobody, nobody, nobody, nobody)


@pytest.mark.parametrize(
    ("chosen", "apart", "allowed"),
    [
        ({}, [], [(0, 0), (0, 1), (1, 0), (1, 1)]),
        ({0: 0}, [], [(0, 0), (1, 1)]),
        ({0: 1}, [], [(0, 1), (1, 0)]),
        ({1: 0}, [], [(0, 1), (1, 0)]),
        ({}, [(0, 0)], [(0, 1), (1, 0), (1, 1)]),
        ({}, [(0, 1)], [(0, 0), (1, 0), (1, 1)]),
        ({}, [(1, 1)], [(0, 0), (0, 1), (1, 0)]),
    ],
)
def test_a_chosen_pair_speaks_against_every_other_and_one_ruled_out_against_itself(chosen, apart, allowed):
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    said = answers(chosen, apart)
    account, company = (np.array(column) for column in zip(*pairs, strict=True))

    found = said.allow(account, company)

    assert [pair for pair, is_allowed in zip(pairs, found, strict=True) if is_allowed] == allowed
    assert said.given == bool(chosen or apart)


def test_what_nobody_sees_is_ruled_out_by_no_answer():
    """The code of no company is that of the last company of the account before."""
    said = answers({}, [(0, 1)])
    assert said.allow(np.array([1]), np.array([NOWHERE])).tolist() == [True]


@pytest.mark.parametrize(
    ("resolution", "others"),
    [
        ("{account: A2, company: K9, choice: pair}", "A1 K2"),
        ("{account: A2, company: K9, choice: apart}", "A1 K2"),
        ("{account: A9, company: K1, choice: apart}", "A2 K1"),
        ("{account: A9, company: K1, choice: pair}", "A2 K1"),
    ],
)
def test_an_answer_about_somebody_unseen_says_nothing_of_anybody_else(resolution, others):
    account, company = others.split()
    world = f"{{resolutions: [{resolution}], new: [A1, A2], aged: [K1, K2], shared: {{{account}: {{{company}: 1}}}}}}"
    snapshot, policy, names = read_short(world)
    case = rules.study(snapshot, policy)

    assert (case.answers.company >= 0).sum() == (case.answers.account >= 0).sum() == 0
    assert len(case.answers.apart) == 0
    linked = case.company_of[np.flatnonzero(case.records.accounts.key == names.accounts.key(account))[0]]
    assert case.records.companies.key[linked] == names.companies.key(company)


@pytest.mark.parametrize(
    ("resolutions", "pairs", "accounts", "companies"),
    [
        (
            "{account: A1, company: K1, choice: pair}, {account: A2, company: K2, choice: pair}",
            [(0, 0), (1, 1)],
            [],
            [],
        ),
        ("{account: A1, company: K1, choice: pair}, {account: A1, company: K2, choice: pair}", [], [], []),
        ("{account: A1, company: K1, choice: pair}, {account: A1, company: K1, choice: apart}", [], [], []),
        ("{account: A1, company: K1, choice: pair}, {account: A9, company: K1, choice: pair}", [(0, 0)], [], []),
        ("{account: A1, choice: create}", [], [0], []),
        ("{company: K1, choice: create}", [], [], [0]),
        ("{account: A1, company: K2, choice: create}", [], [0], []),
    ],
)
def test_answers_are_read_by_position(resolutions, pairs, accounts, companies):
    snapshot, policy, _ = read_short(f"{{resolutions: [{resolutions}], new: [A1, A2], aged: [K1, K2]}}")
    records = read_records(snapshot, policy)

    said = read_answers(records, snapshot.resolutions)

    assert [(one, int(said.company[one])) for one in np.flatnonzero(said.company >= 0)] == pairs
    assert [(int(said.account[it]), int(it)) for it in np.flatnonzero(said.account >= 0)] == pairs
    assert np.flatnonzero(said.make_company).tolist() == accounts
    assert np.flatnonzero(said.make_account).tolist() == companies
