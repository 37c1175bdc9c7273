"""Who may call a route. Each route names one rule; Airflow's own users and rights decide.

This module is read by FastAPI at run time, so what its signatures name is imported, not only for type checking.
"""

import hmac
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Form, HTTPException, Request, status

from accord.orchestration.callers import form_token, may, name_of, signed_in

SYNC, RECORD, REVERT = "sync_accounts", "sync_record", "revert_run"
DAGS = ("sync_accounts", "import_accounts", "sync_record", "revert_run")
"""DAGs whose runs plan and ask for an approval."""
TOKEN = "X-Accord-Token"  # noqa: S105 - the name of a header
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Caller:
    """Who asked; `name` is what is recorded, `token` what the forms of their pages bring back."""

    name: str
    token: str
    may_edit: bool
    may_sync: bool
    may_revert: bool


class Rule:
    """A rule that a route names as its dependency."""

    is_effect = False


class MayRead(Rule):
    """The caller is logged in and may see the DAG `sync_accounts`."""

    def __call__(self, request: Request, user: Annotated[Any, Depends(signed_in)]) -> Caller:
        """Return the caller.

        Raises:
            HTTPException: 401 or 403.
        """
        if not may(user, SYNC, "GET"):
            raise _forbidden("see", SYNC)
        return _caller(request, user)


class MayEdit(Rule):
    """The caller may change a DAG: whatever starts, answers, retries or switches."""

    is_effect = True

    def __init__(self, dag_id: str) -> None:
        self._dag_id = dag_id

    def __call__(self, request: Request, user: Annotated[Any, Depends(signed_in)]) -> Caller:
        """Return the caller.

        Raises:
            HTTPException: 401 or 403.
        """
        return _may_edit(request, user, self._dag_id)


class MayEditRun(Rule):
    """The caller may change the DAG whose run the form names."""

    is_effect = True

    def __call__(
        self, request: Request, user: Annotated[Any, Depends(signed_in)], run: Annotated[str, Form(max_length=400)]
    ) -> Caller:
        """Return the caller.

        Raises:
            HTTPException: 401, 403, or 404 where that is no run of a DAG of Accord.
        """
        dag_id, _, run_id = run.partition("/")
        if dag_id not in DAGS or not run_id:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "No DAG of Accord has such a run.")
        return _may_edit(request, user, dag_id)


def refuse_other_sites(request: Request) -> None:
    """Let an effect through only where a page of this very site asked for it (a cookie alone proves nothing).

    Raises:
        HTTPException: 403.
    """
    asked_from = urlsplit(request.headers.get("origin", "")).netloc
    is_ours = bool(asked_from) and asked_from == request.headers.get("host")
    if not is_ours or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This was not asked for by a page of this site.")
    if request.headers.get("hx-request") != "true" or not request.headers.get(TOKEN):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This was not asked for by a form of this page.")


READ = MayRead()
EDIT_SYNC, EDIT_RECORD, EDIT_REVERT, EDIT_RUN = MayEdit(SYNC), MayEdit(RECORD), MayEdit(REVERT), MayEditRun()
Reader = Annotated[Caller, Depends(READ)]
Editor = Annotated[Caller, Depends(EDIT_SYNC)]
Starter = Annotated[Caller, Depends(EDIT_RECORD)]
Reverter = Annotated[Caller, Depends(EDIT_REVERT)]
Approver = Annotated[Caller, Depends(EDIT_RUN)]


def _may_edit(request: Request, user: Any, dag_id: str) -> Caller:
    """Return a caller who may change a DAG, and whose form is their own."""
    refuse_other_sites(request)
    if not may(user, dag_id, "PUT"):
        raise _forbidden("change", dag_id)
    if not hmac.compare_digest(request.headers.get(TOKEN, "").encode(), form_token(user).encode()):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "The form is not one of your own pages: load the page again.")
    return _caller(request, user)


def _caller(request: Request, user: Any) -> Caller:
    """Return who asks; the pages of this request know it as well."""
    rights = (may(user, dag_id, "PUT") for dag_id in (SYNC, RECORD, REVERT))
    found = Caller(name_of(user), form_token(user), *rights)
    request.state.caller = found
    return found


def _forbidden(what: str, dag_id: str) -> HTTPException:
    """Return the refusal of a caller without the right."""
    return HTTPException(status.HTTP_403_FORBIDDEN, f"You may not {what} the DAG {dag_id}: ask whoever runs Airflow.")
