"""Questions of the rules, answered with a click; the next run obeys; an answer is taken back."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect

# Nobody of an earlier try on the same stack is meant.
PAIRED, PARTED, ANEW = NAMES = [f"{it} {uuid.uuid4().hex[:6]}" for it in ("Paired", "Parted", "Anew")]


@pytest.fixture(scope="module")
def tied(live):
    """Accounts with one person in each of two companies: by name, the account and both companies."""
    made = {}
    for name in NAMES:
        emails = [f"{side}@{name.lower().replace(' ', '-')}.test" for side in ("left", "right")]
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
    page = question_about(ann, PAIRED)
    expect(page.locator("#candidates")).to_contain_text(f"right@{PAIRED.lower().replace(' ', '-')}.test")
    page.get_by_role("button", name="Leave it as it is").click()
    expect(page.locator("#said")).to_contain_text("Ann")
    expect(page.locator("#candidates")).to_have_count(0)
    said = ann.confirm(page.locator("[data-opens=undo]"), "Take it back")
    expect(said).to_contain_text("it is asked again as review")

    def answered(name, choice, company):
        page = question_about(ann, name)
        where = page.locator(f".candidate[data-record='{company}']") if company else page.locator("#candidates")
        where.locator(f"[data-choice={choice}]").click()
        expect(page.locator("#said .said")).not_to_have_class("problem")
        expect(page.locator("#state")).to_contain_text("Ann")

    answered(PAIRED, "pair", tied[PAIRED][2])
    answered(PARTED, "apart", tied[PARTED][1])
    answered(ANEW, "create", "")
    live.run()
    assert live.partner(tied[PAIRED][0]) == tied[PAIRED][2]
    assert live.partner(tied[PARTED][0]) == tied[PARTED][2]
    assert live.partner(tied[ANEW][0]) not in {"", *tied[ANEW]}
    page = ann.open("reviews", state="answered")
    for name in NAMES:
        expect(page.locator("#reviews tr", has_text=f"{name} Tie").first).to_contain_text("Ann")
    page = ann.open("records", q=tied[PAIRED][0])
    expect(page.locator("#card")).to_contain_text("Paired with")
    expect(page.locator("#card")).to_contain_text(f"{PAIRED} Right")
