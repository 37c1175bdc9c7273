"""Asks a real org and portal what no documentation settles (assumptions A1 to A10), with three test records.

Each check is one function that returns what it saw. A check that cannot be made says why, and the others go on.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from accord.crm.answers import Answer
from accord.model.errors import AccordError, QuotaExhausted
from accord.steps.conformance_records import TestRecords, unfinished
from accord.steps.preflight import account_key_problems, company_key_problems
from accord.store import assumptions, lease
from accord.store.assumptions import Assumption
from accord.store.sources import ACCOUNT_KEY, COMPANY_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from accord.crm.answers import RowAnswer
    from accord.steps.wiring import Wiring

ASSUMED = {
    "A1": "two upserts of one key at once make one Salesforce account",
    "A2": "two upserts of one key at once make one HubSpot company",
    "A3": "a company is found by its key right after it was written",
    "A4": "after a merge of companies the survivor keeps its own key",
    "A5": "no standard field of Account can stand in for the key field",
    "A6": "one bad row of a batch is refused alone where rows have trace ids",
    "A7": "the key of an archived company is free again",
    "A8": "every answer but those of searches says what is left of the day",
    "A9": "Salesforce refuses to update an account that changed since",
    "A10": "a write lands before its caller has given up",
}
"""What Accord assumes, in the words that are shown."""
NEEDED = {"A1": "no account is created while it fails", "A2": "no company is created while it fails"}
"""Without these a lost answer could end in a duplicate; preflight reads their answers (`refused_creations`)."""
_LONG_AGO = "Thu, 01 Jan 2015 00:00:00 GMT"
_NO_STAGE = "accord_no_such_stage"

Check = tuple[str, "Callable[[Wiring, TestRecords], Assumption]"]


class Untestable(Exception):
    """A check could not be made; its text says why."""


def ask_both(
    wiring: Wiring, *, by: str, records: TestRecords, tell: Callable[[str], None]
) -> tuple[list[Assumption], list[str]]:
    """Return what was found about each assumption, and which test records could not be taken away.

    The answers are stored for this org and portal. No run is at work meanwhile, so none meets a test record.

    Args:
        wiring: clients of the org and the portal, and the warehouse.
        by: who asked.
        records: the test records to make.
        tell: is given the name of each check before it is made.

    Raises:
        LeaseHeld: a run is at work.
        AccordError: the CRMs do not even say who they are; nothing was made.
    """
    org_id, portal_id = wiring.salesforce.org_id, wiring.hubspot.portal_id
    lease.acquire(wiring.database, lease.CRMS, records.key)
    try:
        found = list(_checked(wiring, records, tell))
    finally:
        tell("clean up")
        left = records.clean_up(wiring)
        lease.release(wiring.database, lease.CRMS, records.key)
    assumptions.keep(wiring.database, found, org_id=org_id, portal_id=portal_id, by=by, at=wiring.clock.now())
    return found, left


def _checked(wiring: Wiring, records: TestRecords, tell: Callable[[str], None]) -> Iterator[Assumption]:
    """Yield the answer of every check; when the day's calls are used up the rest is not asked."""
    stopped = ""
    for name, check in _CHECKS:
        tell(f"{name}: {ASSUMED[name]}")
        try:
            yield Assumption(name, "not testable", stopped) if stopped else check(wiring, records)
        except (AccordError, Untestable) as problem:
            stopped = str(problem) if isinstance(problem, QuotaExhausted) else ""
            yield Assumption(name, "not testable", str(problem))


def _answer(name: str, observed: str, *, holds: bool) -> Assumption:
    """Return what was seen of an assumption."""
    return Assumption(name, "holds" if holds else "fails", observed)


def _unique_account(wiring: Wiring, records: TestRecords) -> Assumption:
    """Upsert one account twice at once, then count what carries its key (A1)."""
    for problem in account_key_problems(wiring.salesforce.describe("Account").get(ACCOUNT_KEY)):
        raise Untestable(problem)
    said = _twice(lambda: wiring.salesforce.upsert_accounts(ACCOUNT_KEY, [records.account]))
    found = wiring.salesforce.read("Account", ACCOUNT_KEY, [records.key], ["Id"])
    if not found:
        raise Untestable(f"the test account was refused: {_refusals(said)}")
    return _answer("A1", f"{_said(said)}; {len(found)} with the key", holds=len(found) == 1)


def _unique_company(wiring: Wiring, records: TestRecords) -> Assumption:
    """Upsert one company twice at once, then count the ids that were answered (A2)."""
    _need_company_key(wiring)
    said = _twice(lambda: wiring.hubspot.upsert_companies(COMPANY_KEY, [records.company]))
    made = {one.record_id for one in said if one.record_id}
    records.companies |= made
    if not made:
        raise Untestable(f"the test company was refused: {_refusals(said)}")
    return _answer("A2", f"{_said(said)}; {len(made)} with the key", holds=len(made) == 1)


def _found_at_once(wiring: Wiring, records: TestRecords) -> Assumption:
    """Change the company and read it by its key at once (A3)."""
    _need_company(records)
    changed = {**records.company, "phone": "1"}
    (said,) = wiring.hubspot.upsert_companies(COMPANY_KEY, [changed])
    records.companies |= {said.record_id} if said.record_id else set()
    found = wiring.hubspot.batch_read("companies", [records.key], ["phone"], id_property=COMPANY_KEY)
    shown = found[records.key]["properties"].get("phone") if records.key in found else None
    observed = "found with its new value" if shown == "1" else "found as it was before" if found else "not found"
    return _answer("A3", observed, holds=shown == "1")


def _bad_row(wiring: Wiring, records: TestRecords) -> Assumption:
    """Send a good row and one with an impossible stage, with and without trace ids (A6)."""
    _need_company(records)
    bad = {COMPANY_KEY: records.bad_key, "name": records.name, "lifecyclestage": _NO_STAGE}
    probe = wiring.hubspot.probe()
    replies = {
        traces: probe.upsert(COMPANY_KEY, [records.company, bad], with_traces=traces) for traces in (True, False)
    }
    made = {one for reply in replies.values() for one in reply.ids}
    extra = made - records.companies
    records.companies |= made
    if extra:
        raise Untestable("the portal took a lifecycle stage that does not exist, so no row was bad")
    observed = f"{replies[True].status} with trace ids, {replies[False].status} without"
    return _answer("A6", observed, holds=replies[True].status == 207)


def _key_after_archive(wiring: Wiring, records: TestRecords) -> Assumption:
    """Archive the company and make another one with its key (A7)."""
    _need_company(records)
    for problem in unfinished(wiring.hubspot.archive_companies(sorted(records.companies))):
        raise Untestable(f"the test company could not be archived: {problem}")
    (said,) = wiring.hubspot.upsert_companies(COMPANY_KEY, [records.company])
    is_new = said.answer is Answer.APPLIED and said.record_id not in records.companies
    if said.record_id:
        records.companies.add(said.record_id)
    if is_new:
        return _answer("A7", f"company {said.record_id} has it now", holds=True)
    return _answer("A7", f"still taken: {said.code or said.answer} {said.message}".strip(), holds=False)


def _limits_said(wiring: Wiring, records: TestRecords) -> Assumption:
    """Look at the headers of an answer of each CRM, and of a write (A8)."""
    silent = [] if wiring.salesforce.probe().limits().says_limit else ["Salesforce limits"]
    if records.companies:
        reply = wiring.hubspot.probe().upsert(COMPANY_KEY, [records.company], with_traces=True)
        records.companies |= set(reply.ids)
        silent += [] if reply.says_limit or reply.says_limit is None else ["HubSpot batch upsert"]
    observed = f"silent: {', '.join(silent)}" if silent else "said by both CRMs"
    return _answer("A8", observed, holds=not silent)


def _unmodified_since(wiring: Wiring, records: TestRecords) -> Assumption:
    """Update the account on the condition that nobody changed it since 2015 (A9)."""
    found = wiring.salesforce.read("Account", ACCOUNT_KEY, [records.key], ["Id"])
    if not found:
        raise Untestable("there is no test account")
    headers = {"If-Unmodified-Since": _LONG_AGO}
    status = wiring.salesforce.probe().update(found[0]["Id"], {"Name": records.name}, headers).status
    observed = "refused with 412" if status == 412 else f"written all the same ({status}): the header is ignored"
    return _answer("A9", observed, holds=status == 412)


def _no_standard_key(wiring: Wiring, _: TestRecords) -> Assumption:
    """Look for a standard field that an upsert could use (A5)."""
    fields = wiring.salesforce.describe("Account")
    usable = [name for name, it in fields.items() if it.external_id and not name.endswith("__c") and name != "Id"]
    return _answer(
        "A5", f"usable: {', '.join(usable)}" if usable else f"none of {len(fields)} fields", holds=not usable
    )


def _never(name: str, why: str) -> Check:
    """Return a check that no test record can make."""

    def check(_wiring: Wiring, _records: TestRecords) -> Assumption:
        raise Untestable(why)

    return name, check


_CHECKS: tuple[Check, ...] = (
    ("A1", _unique_account),
    ("A2", _unique_company),
    ("A3", _found_at_once),
    _never("A4", "a merge cannot be taken back, and Accord never merges"),
    ("A5", _no_standard_key),
    ("A6", _bad_row),
    ("A8", _limits_said),
    ("A9", _unmodified_since),
    # Last of those that need the company: it archives it.
    ("A7", _key_after_archive),
    _never("A10", "a late commit cannot be called forth from outside; nothing rests on it"),
)


def _need_company_key(wiring: Wiring) -> None:
    """Raise Untestable unless the key property is as it should be."""
    for problem in company_key_problems(wiring.hubspot.properties("companies").get(COMPANY_KEY)):
        raise Untestable(problem)


def _need_company(records: TestRecords) -> None:
    """Raise Untestable where no test company could be made."""
    if not records.companies:
        raise Untestable("there is no test company (A2)")


def _twice(write: Callable[[], list[RowAnswer]]) -> list[RowAnswer]:
    """Return the answers of the same write sent twice at once."""
    with ThreadPoolExecutor(2) as both:
        return [one for answers in both.map(lambda act: act(), [partial(write), partial(write)]) for one in answers]


def _said(answers: Sequence[RowAnswer]) -> str:
    """Return what two writes were answered with."""
    return " and ".join(f"{one.answer}{' (new)' if one.created else ''}" for one in answers)


def _refusals(answers: Sequence[RowAnswer]) -> str:
    """Return the codes and words of refused rows, each once."""
    return "; ".join(dict.fromkeys(f"{one.answer} {one.code} {one.message}".strip() for one in answers))
