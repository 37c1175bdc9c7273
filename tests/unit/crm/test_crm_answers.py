"""The table of the write protocol: what each status and code means for what happens next."""

import pytest

from accord.crm import hubspot_said, salesforce_said
from accord.crm.answers import Answer, Locked, Lost, NotSent, Refused, Said, problem, row, row_of
from accord.model.errors import BadCredentials, MissingField, MissingPermission, QuotaExhausted, RateLimited

INVALID_FIELD = "\nSELECT Id, Nme FROM Account\n ^\nERROR at Row:1:Column:12\nNo such column 'Nme' on entity 'Account'."


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(400), Refused),
        (Said(404), Refused),
        (Said(409), Refused),
        (Said(413), Refused),
        (Said(414), Refused),
        (Said(300), Refused),
        (Said(401), BadCredentials),
        (Said(400, "invalid_grant"), BadCredentials),
        (Said(403), MissingPermission),
        (Said(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), QuotaExhausted),
        (Said(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), RateLimited),
        (Said(429, "DAILY"), QuotaExhausted),
        (Said(429, "TEN_SECONDLY_ROLLING"), RateLimited),
        (Said(429), RateLimited),
        (Said(477), RateLimited),
        (Said(423), Locked),
        (Said(408), Lost),
        (Said(302), Lost),
        (Said(418), Lost),
        *((Said(status), Lost) for status in (500, 502, 503, 504, 521, 523, 524)),
        (Said(400, "INVALID_QUERY_LOCATOR"), Lost),
        (Said(400, "INVALID_TYPE"), MissingPermission),
        (Said(400, "INVALID_FIELD"), MissingField),
    ],
)
def test_a_refused_call_is_the_error_of_its_status_and_code(said, kind):
    assert type(problem("Salesforce GET query", said)) is kind


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (NotSent(""), Answer.NOT_APPLIED),
        (RateLimited("", 1), Answer.NOT_APPLIED),
        (Locked(""), Answer.LOCKED),
        (Lost(""), Answer.AMBIGUOUS),
        (QuotaExhausted(""), Answer.QUOTA),
        (BadCredentials(""), Answer.AUTH),
        (MissingField(""), Answer.REJECTED),
        (Refused("", Said(409)), Answer.EXISTS),
        (Refused("", Said(400, "X")), Answer.REJECTED),
    ],
)
def test_a_row_answers_for_the_call_it_was_in(error, answer):
    assert row_of("k", error).answer is answer


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("UNABLE_TO_LOCK_ROW", Answer.LOCKED),
        ("DUPLICATE_VALUE", Answer.EXISTS),
        ("CONFLICT", Answer.EXISTS),
        ("DUPLICATES_DETECTED", Answer.DUPLICATE_RULE),
        ("ALL_OR_NONE_OPERATION_ROLLED_BACK", Answer.NOT_APPLIED),
        ("REQUEST_LIMIT_EXCEEDED", Answer.QUOTA),
        ("UNKNOWN_EXCEPTION", Answer.AMBIGUOUS),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", Answer.REJECTED),
        ("SOMETHING_NEW", Answer.REJECTED),
    ],
)
def test_a_refused_row_is_the_answer_of_its_code(code, answer):
    assert row("k", Said(0, code)).answer is answer


def test_a_missing_field_is_named():
    body = [{"message": INVALID_FIELD, "errorCode": "INVALID_FIELD"}]
    error = problem("Salesforce GET queryAll", salesforce_said.call_said(400, body))
    assert isinstance(error, MissingField)
    assert "Nme" in str(error)


def test_a_missing_property_is_named():
    body = b"""{"category":"VALIDATION_ERROR","message":"Property values were not valid","errors":[
        {"message":"Property \\"accord_key\\" does not exist","code":"PROPERTY_DOESNT_EXIST",
         "context":{"propertyName":["accord_key"]}}]}"""
    error = problem("HubSpot POST upsert", hubspot_said.call_said(400, {}, body))
    assert isinstance(error, MissingField)
    assert "accord_key" in str(error)


def test_an_upsert_by_a_property_that_is_not_unique_says_so():
    body = b'{"category":"VALIDATION_ERROR","message":"Unable to perform update/upsert by non-unique 0-2 property accord_key"}'
    error = problem("HubSpot POST upsert", hubspot_said.call_said(400, {}, body))
    assert isinstance(error, MissingField)
    assert "accord_key with unique values" in str(error)


def test_missing_scopes_are_named():
    body = (
        b'{"category":"MISSING_SCOPES","message":"One or more","context":{"requiredGranularScopes":["crm.lists.read"]}}'
    )
    error = problem("HubSpot GET lists", hubspot_said.call_said(403, {}, body))
    assert isinstance(error, MissingPermission)
    assert "grant crm.lists.read" in str(error)


@pytest.mark.parametrize(
    ("policy", "header", "seconds"),
    [
        ("TEN_SECONDLY_ROLLING", None, 10),
        ("SECONDLY", None, 1),
        ("TEN_SECONDLY_ROLLING", "3", 3),
        ("TEN_SECONDLY_ROLLING", "Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("TEN_SECONDLY_ROLLING", "soon", 10),
    ],
)
def test_a_limit_says_how_long_to_wait_or_its_policy_does(policy, header, seconds):
    body = b'{"status":"error","errorType":"RATE_LIMIT","policyName":"%s"}' % policy.encode()
    error = problem("HubSpot", hubspot_said.call_said(429, {"Retry-After": header} if header else {}, body))
    assert error.retry_after_seconds == seconds


def test_a_correlation_id_stays_in_the_message_for_the_vendors_support():
    error = problem("HubSpot", hubspot_said.call_said(500, {}, b'{"correlationId":"c0-ffee","message":"boom"}'))
    assert "c0-ffee" in str(error)


def test_the_record_in_the_way_is_a_candidate():
    message = "duplicate value found: Accord_Key__c duplicates value on record with id: 001Qy00000002bJ"
    said = salesforce_said.row_said([{"statusCode": "DUPLICATE_VALUE", "message": message, "fields": []}])
    assert said.candidates == ("001Qy00000002bJ",)
    conflict = {"category": "CONFLICT", "message": "Contact already exists. Existing ID: 17", "context": {}}
    assert hubspot_said.error_said(conflict).candidates == ("17",)


def test_the_look_alikes_of_a_duplicate_rule_are_candidates():
    records = [{"record": {"Id": "001Qy00000002bJIAQ"}}, {"record": {"Id": "001Qy00000002bKIAQ"}}]
    errors = [{
        "statusCode": "DUPLICATES_DETECTED",
        "message": "Use one of these records?",
        "duplicateResult": {"duplicateRule": "Standard", "matchResults": [{"matchRecords": records}]},
    }]  # fmt: skip
    answer = row("k", salesforce_said.row_said(errors))
    assert answer.answer is Answer.DUPLICATE_RULE
    assert answer.candidates == ("001Qy00000002bJIAQ", "001Qy00000002bKIAQ")


@pytest.mark.parametrize(
    ("text", "code", "names"),
    [
        ("REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --", "REQUIRED_FIELD_MISSING", ("Name",)),
        ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--", "UNABLE_TO_LOCK_ROW", ()),
        ("STRING_TOO_LONG:Account Name: data value too large:\nNa\nme:Name --", "STRING_TOO_LONG", ("Name",)),
        ("InvalidBatch : Field name not found : Nme", "INVALID_FIELD", ("Nme",)),
    ],
)
def test_the_error_of_a_bulk_row_has_a_code_and_fields(text, code, names):
    said = salesforce_said.bulk_said(text)
    assert (said.code, said.names) == (code, names)


@pytest.mark.parametrize("body", [b"<html>maintenance</html>", "<html>", b"", [], {}, None, [None], ["x"]])
def test_a_body_that_is_no_error_of_salesforce_leaves_the_status_to_decide(body):
    assert salesforce_said.call_said(503, body) == Said(503)


def test_a_message_stays_on_one_line_whatever_a_record_holds():
    forged = Said(0, "X", "bad\n2026-01-01 INFO all is well\x1b[31m")
    assert row("k", forged).message == "bad 2026-01-01 INFO all is well [31m"
    assert "\n" not in str(problem("Salesforce", Said(400, "X", "a\nb")))
