"""Questions of the rules, answered with a click; the next run obeys; an answer is taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

NAMES = ("Paired", "Parted", "Anew")


@pytest.fixture(scope="module")
def tied(live):
    """Accounts with one person in each of two companies: by name, the account and both companies."""
    made = {}
    for name in NAMES:
        emails = [f"{side}@{name.lower()}-tie.test" for side in ("left", "right")]
        companies = [
            live.company(f"{name} {side}", email) for side, email in zip(("Left", "Right"), emails, strict=True)
        ]
        made[name] = (live.account(f"{name} Tie", *emails), *companies)
    live.run()
    return made


def question_about(ann, name):
    """The page of the open question about an account, its candidates shown."""
    page = ann.open("reviews")
    page.locator("#reviews tr", has_text=f"{name} Tie").get_by_role("link").click()
    expect(page.locator("#candidates .candidate")).to_have_count(2)
    return page


def test_answers_are_obeyed_by_the_next_run(live, ann, tied):
    # One answer is given, taken back, and the question stands again.
    page = question_about(ann, "Paired")
    expect(page.locator("#candidates")).to_contain_text("right@paired-tie.test")
    page.get_by_role("button", name="Leave it as it is").click()
    expect(page.locator("#said")).to_contain_text("ann")
    expect(page.locator("#candidates")).to_have_count(0)
    said = ann.confirm(page.locator("[data-opens=undo]"), "Take it back")
    expect(said).to_contain_text("it is asked again as review")

    def answered(name, choice, company):
        page = question_about(ann, name)
        where = page.locator(f".candidate[data-record='{company}']") if company else page.locator("#candidates")
        where.locator(f"[data-choice={choice}]").click()
        expect(page.locator("#said .said")).not_to_have_class("problem")
        expect(page.locator("#state")).to_contain_text("ann")

    answered("Paired", "pair", tied["Paired"][2])
    answered("Parted", "apart", tied["Parted"][1])
    answered("Anew", "create", "")
    live.run()
    assert live.partner(tied["Paired"][0]) == tied["Paired"][2]
    assert live.partner(tied["Parted"][0]) == tied["Parted"][2]
    assert live.partner(tied["Anew"][0]) not in {"", *tied["Anew"]}
    page = ann.open("reviews", state="answered")
    for name in NAMES:
        expect(page.locator("#reviews tr", has_text=f"{name} Tie").first).to_contain_text("ann")
    page = ann.open("records", q=tied["Paired"][0])
    expect(page.locator("#card")).to_contain_text("Paired with")
    expect(page.locator("#card")).to_contain_text("Paired Right")
