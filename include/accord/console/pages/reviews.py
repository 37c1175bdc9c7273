"""Reviews: the questions that rules leave to a person, one with its candidates, the answers, and taking one back."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse

from accord.console.page import done, shown
from accord.console.places import place_after
from accord.console.rules import Editor, Reader
from accord.console.warehouse import database
from accord.model.errors import BadInput
from accord.sentences import questions
from accord.steps.answer import Answer, question, resolve, undo
from accord.steps.candidates import people_for, with_candidates
from accord.steps.view import view
from accord.store import reviews as stored

router = APIRouter()
PAGE = 25
_STATES = {"open": ("open",), "answered": ("answered", "left", "undone"), "gone": ("gone",)}
State = Annotated[str, Query(pattern="^(open|answered|gone)$")]
ReviewId = Annotated[int, Query(alias="id", ge=1, le=2**62)]


@router.get("/reviews")
def reviews(
    request: Request, caller: Reader, state: State = "open", after: Annotated[int, Query(ge=0, le=2**62)] = 0
) -> HTMLResponse:
    """Return the queue, oldest first; what is settled newest first. Candidates come with each question's own page."""
    rows = stored.page(database(), _STATES[state], after, PAGE + 1, newest_first=state != "open")
    asked = with_candidates(database(), rows[:PAGE], None)
    return shown(
        request,
        "reviews.html",
        page="reviews",
        state=state,
        asked=asked,
        after=place_after(rows, PAGE, "id"),
        question=questions.question,
        told=questions.told,
    )


@router.get("/reviews/one")
def review(request: Request, caller: Reader, review_id: ReviewId) -> HTMLResponse:
    """Return the page of one question; its candidates are loaded into it."""
    row = stored.one(database(), review_id)
    if row is None:
        raise BadInput(f"There is no review {review_id}.")
    asked = with_candidates(database(), [row], None)[0]
    return shown(request, "review.html", page="reviews", asked=asked, question=questions.question, told=questions.told)


@router.get("/reviews/candidates")
def candidates(request: Request, caller: Reader, review_id: ReviewId) -> HTMLResponse:
    """Return the candidates of a question side by side with their people, and the answers that have an effect."""
    asked = question(database(), review_id)
    return shown(
        request,
        "candidates.html",
        asked=asked,
        people_of=people_for(database(), view(database()) if asked.state == "open" else None, asked),
        possible=questions.choices(asked),
        claim=questions.candidate_claim,
    )


@router.post("/reviews/answer")
def answer(
    request: Request,
    caller: Editor,
    review_id: Annotated[int, Form(alias="id", ge=1, le=2**62)],
    choice: Annotated[str, Form(pattern="^(pair|apart|create|leave)$")],
    other: Annotated[str, Form(max_length=40)] = "",
) -> HTMLResponse:
    """Answer a question in the name of the caller; `other` is the record meant by pair and apart.

    Raises:
        BadInput: the answer has no effect, or something is wrong with a record; nothing is stored then.
    """
    asked = question(database(), review_id)
    ids = (asked.record.id, other.strip()) if choice in {"pair", "apart"} else ()
    given = resolve(database(), review_id, Answer(choice, caller.name, ids))  # type: ignore[arg-type]
    return done(request, f"{questions.told(given)}. {questions.AFTER[given.choice or 'leave']}")


@router.post("/reviews/undo")
def take_back(
    request: Request, caller: Editor, review_id: Annotated[int, Form(alias="id", ge=1, le=2**62)]
) -> HTMLResponse:
    """Take an answer back."""
    again = undo(database(), review_id)
    more = f"it is asked again as review {again}" if again else "what it led to stays, so nothing is asked again"
    return done(request, f"The answer to review {review_id} is taken back; {more}.")
