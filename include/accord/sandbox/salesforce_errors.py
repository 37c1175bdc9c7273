"""What Salesforce answers when it refuses: one exception, turned into a body at the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accord.sandbox.org_checks import RowError


class SalesforceProblem(Exception):
    """A refused call (`status`, a list with one object) or, inside a collection, a refused row.

    Attributes:
        status: HTTP status when the whole call is refused.
        code: such as `INVALID_FIELD`.
        message: the text as recorded or documented.
        fields: the fields it is about; None where the recorded body has no such key.
        extra: further keys of a row error, such as `duplicateResult`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        fields: list[str] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.extra = extra or {}

    def body(self) -> list[dict[str, Any]]:
        """Return the body of a refused call."""
        about = {} if self.fields is None else {"fields": self.fields}
        return [{"message": self.message, "errorCode": self.code, **about, **self.extra}]

    def row(self) -> dict[str, Any]:
        """Return the entry of `errors` in a row of a collection."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or [], **self.extra}


def from_row_error(problem: RowError) -> SalesforceProblem:
    """Return the refusal of one record; alone it is 404 for a deleted one, 400 else."""
    # The recorded body for an unknown column is the one without a key `fields`.
    fields = None if problem.code == "INVALID_FIELD" else list(problem.fields)
    return SalesforceProblem(
        problem.code, problem.message, status=404 if problem.code == "ENTITY_IS_DELETED" else 400, fields=fields
    )


def not_found(message: str = "The requested resource does not exist") -> SalesforceProblem:
    """Return the refusal of an address or id that names nothing."""
    return SalesforceProblem("NOT_FOUND", message, status=404)


def malformed_query(soql: str, at: int, message: str) -> SalesforceProblem:
    """Return the refusal of a query that cannot be parsed at position `at`."""
    return SalesforceProblem("MALFORMED_QUERY", place(soql, at) + message)


def invalid_type(soql: str, at: int, name: str) -> SalesforceProblem:
    """Return the refusal of a query on an object that does not exist (recorded)."""
    return SalesforceProblem(
        "INVALID_TYPE",
        f"{place(soql, at)}sObject type '{name}' is not supported. If you are attempting to use a custom object, be "
        "sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
        "appropriate names.",
    )


def invalid_column(soql: str, at: int, name: str, sobject: str) -> SalesforceProblem:
    """Return the refusal of a query on a field that does not exist or is hidden from this user."""
    return SalesforceProblem(
        "INVALID_FIELD",
        f"{place(soql, at)}No such column '{name}' on entity '{sobject}'. If you are attempting to use a custom "
        "field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe "
        "call for the appropriate names.",
    )


def place(soql: str, at: int) -> str:
    """Return the lines that show where in the query: its text round the place, a caret, row and column.

    The text begins at most 32 characters before the place, as in the recorded answers.
    """
    before = soql[:at]
    row = before.count("\n") + 1
    line_start = before.rfind("\n") + 1
    line_end = soql.find("\n", at)
    shown_from = max(line_start, at - 32)
    shown = soql[shown_from : line_end if line_end >= 0 else len(soql)][:80]
    return f"\n{shown}\n{' ' * (at - shown_from)}^\nERROR at Row:{row}:Column:{at - line_start + 1}\n"
