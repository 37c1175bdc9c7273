"""The question of the gate, with names that a CRM's users chose."""

from __future__ import annotations

import pytest

from accord.steps.ask import approval_body, plain


@pytest.mark.parametrize(
    "hostile",
    ["[click](javascript:alert(1))", "<img src=x onerror=alert(1)>", "a|b\n| c |", "**bold** `code`", "\r\n# head"],
)
def test_a_name_cannot_become_markup(hostile):
    shown = plain(hostile)
    assert "\n" not in shown
    assert "\r" not in shown
    for mark in "<>[]()|`*#":
        assert all(shown[place - 1] == "\\" for place, letter in enumerate(shown) if letter == mark)


def test_the_question_names_the_plan_it_is_bound_to():
    held = [{"held_action": "CREATE_COMPANY", "name": "Acme", "record_id": "001", "reason": "no_matching_company"}]
    body = approval_body({"hold": 30, "held": 30}, held, "abcdef0123456789")
    assert "abcdef012345" in body
    assert "001" in body
    assert "Acme" not in body  # the question passes through XCom, where no customer data belongs
    assert "max\\_creates" in body or "max_creates" in body
