import csv
import io
import json
from contextlib import suppress

import pytest
import simple_salesforce.bulk2

from accord.crm.answers import Answer
from accord.crm.csv_rows import RecordCount, decode, encode
from accord.model.errors import ContractBroken, MissingField, ServiceUnavailable, ShortRead
from wire_server import FakeClock, Reply, WireServer, salesforce_app, salesforce_on

JOB = "750Qy0000000001IAA"
ONE, TWO = "001Qy00000002bJIAQ", "001Qy00000002bKIAQ"
CSV = {"Content-Type": "text/csv"}
SOQL = "SELECT Id, Name FROM Account"


class QueryJob:
    """A bulk query that ends after some polls and answers these pages of CSV."""

    def __init__(self, *pages, processed=None, polls=0, state="JobComplete", message=""):
        self.pages, self.polls = pages, polls
        self.end = {"state": state, "errorMessage": message} | (
            {"numberRecordsProcessed": processed} if processed is not None else {}
        )
        self.aborted = False

    def __call__(self, request):
        if request.method == "POST":
            return {"id": JOB, "state": "UploadComplete"}
        if request.method == "PATCH":
            self.aborted = request.json() == {"state": "Aborted"}
            return {"id": JOB, "state": "Aborted"}
        if "/results" not in request.path:
            self.polls -= 1
            return {"id": JOB, "state": "InProgress"} if self.polls >= 0 else self.end
        at = int(request.path.partition("locator=")[2] or 0)
        page = self.pages[at]
        return page if isinstance(page, Reply) else csv_page(page, str(at + 1) if at + 1 < len(self.pages) else "null")


def csv_page(body, locator="null", records=None):
    records = max(0, len(decode(body))) if records is None else records
    headers = CSV | {"Sforce-NumberOfRecords": str(records), "Sforce-Locator": locator}
    return Reply(body, 200, headers)


def read(job, clock=None):
    with WireServer(salesforce_app(job)) as server:
        pages = [b"".join(page) for page in salesforce_on(server, clock).bulk_pages(SOQL)]
        return pages, server.paths("/services/data")


@pytest.mark.parametrize(
    ("body", "records"),
    [
        (b"", 0),
        (b"Id,Name\n", 0),
        (b"Id,Name\n1,a\n2,b\n", 2),
        (b"Id,Name\n1,a\n2,b", 2),
        (b'Id,Name\n1,"a\nb\n\nc"\n2,b\n', 2),
        (b'Id,Name\n1,"say ""hi""\n"\n', 1),
        (b'Id,Name\r\n1,a\r\n"2","b,c"\r\n', 2),
        ('Id,Name\n1,"Ü\u2028x"\n'.encode(), 1),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_records_are_counted_and_not_lines_wherever_the_pieces_are_cut(body, records, size):
    count = RecordCount()
    for at in range(0, len(body), size):
        count.see(body[at : at + size])
    assert count.records == records


def test_a_query_of_any_size_is_three_calls_and_its_polls():
    pages, paths = read(QueryJob(b"Id,Name\n1,a\n", processed=1))
    assert pages == [b"Id,Name\n1,a\n"]
    assert len(paths) == 3


def test_the_first_look_at_a_job_is_at_once_and_the_later_ones_less_and_less_often():
    clock = FakeClock()
    read(QueryJob(b"Id\n", processed=0, polls=4), clock)
    assert clock.sleeps == [1, 2, 4, 8]


def test_pages_follow_each_other_by_locator():
    pages, paths = read(QueryJob(b"Id\n1\n", b"Id\n2\n3\n", processed=3))
    assert pages == [b"Id\n1\n", b"Id\n2\n3\n"]
    assert len(paths) == 4


def test_no_rows_may_be_an_empty_answer():
    assert read(QueryJob(Reply(b"", 204, {"Sforce-Locator": "null"}), processed=0))[0] == []


@pytest.mark.parametrize(
    "job",
    [
        QueryJob(b"Id\n1\n2\n", processed=3),
        QueryJob(csv_page(b"Id\n1\n2\n", records=3), processed=2),
        QueryJob(csv_page(b'Id\n"1\n2"\n', records=2), processed=2),
        QueryJob(csv_page(b"Id\n1\n", locator="0"), processed=9),
    ],
)
def test_other_than_the_counted_records_is_a_short_read(job):
    with pytest.raises(ShortRead):
        read(job)


def test_a_page_that_breaks_off_is_an_error_and_no_short_file():
    broken = Reply(b"Id\n1\n", 200, CSV | {"Content-Length": "100", "Connection": "close"})
    with pytest.raises(ServiceUnavailable):
        read(QueryJob(broken, processed=1))


def test_a_page_that_breaks_off_once_comes_again():
    """The reader keeps nothing of the broken page, and goes on."""
    whole, pages = csv_page(b"Id\n1\n2\n"), []

    class Once(QueryJob):
        def __call__(self, request):
            if "/results" in request.path and not pages:
                pages.append(b"")
                return Reply(b"Id\n1\n", 200, CSV | {"Content-Length": "100", "Connection": "close"})
            return super().__call__(request)

    with WireServer(salesforce_app(Once(whole, processed=2))) as server:
        for chunks in salesforce_on(server).bulk_pages(SOQL):
            with suppress(ServiceUnavailable):
                pages.append(b"".join(chunks))
    assert pages == [b"", b"Id\n1\n2\n"]


def test_html_instead_of_csv_is_said_plainly():
    with pytest.raises(ServiceUnavailable, match="expected CSV, got text/html"):
        read(QueryJob(Reply(b"<html>", 200), processed=1))


def test_a_job_that_never_ends_is_aborted_after_half_an_hour():
    job, clock = QueryJob(polls=10_000), FakeClock()
    with pytest.raises(ServiceUnavailable, match="after 30 minutes; aborted"):
        read(job, clock)
    assert job.aborted
    assert 1800 <= sum(clock.sleeps) < 1900


def test_a_failed_query_is_an_error():
    with pytest.raises(ServiceUnavailable):
        read(QueryJob(state="Failed", message=""))
    with pytest.raises(MissingField, match="Nme"):
        read(QueryJob(state="Failed", message="InvalidBatch : Field name not found : Nme"))


def test_text_is_utf8_although_the_answer_does_not_say_so():
    assert read(QueryJob("Id,Name\n1,Müller\n".encode(), processed=1))[0][0].decode() == "Id,Name\n1,Müller\n"


# --- ingest


class IngestJob:
    """A bulk job that applies every row, but for what it is told to refuse or to leave."""

    def __init__(self, *, failed=(), left=(), forget=(), state="JobComplete", message="", faults=None):
        self.failed, self.left, self.forget = set(failed), set(left), set(forget)
        self.end = {"state": state, "errorMessage": message}
        self.faults = faults or {}
        self.bodies, self.opened, self.aborted = [], [], 0

    def __call__(self, request):
        name = request.path.rpartition("/")[2]
        step = request.method + " " + (name if name != JOB else "job")
        if step in self.faults:
            return self.faults[step]
        match step:
            case "POST ingest":
                self.opened.append(request.json())
                return {"id": JOB, "state": "Open"}
            case "PUT batches":
                self.bodies.append(request.body)
                return Reply(b"", 201)
            case "PATCH job":
                self.aborted += request.json()["state"] == "Aborted"
                return {"id": JOB, "state": request.json()["state"]}
            case "GET job":
                return {"id": JOB, **self.end}
        return Reply(self.result(name), 200, CSV)

    def result(self, name):
        key = self.opened[-1].get("externalIdFieldName", "Id")
        rows = [row for row in decode(self.bodies[-1]) if row[key] not in self.forget]
        extra, keep = {
            "successfulResults": ({"sf__Id": ONE, "sf__Created": "true"}, lambda k: k not in self.failed | self.left),
            "failedResults": ({"sf__Id": "", "sf__Error": "UNABLE_TO_LOCK_ROW:busy:--"}, lambda k: k in self.failed),
            "unprocessedrecords": ({}, lambda k: k in self.left),
        }[name]
        rows = [extra | row for row in rows if keep(row[key])]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]) if rows else [*extra, key], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()


def write(job, *records, key="K__c"):
    with WireServer(salesforce_app(job)) as server:
        answers = salesforce_on(server).bulk_upsert("Account", key, [*records])
        return answers, server.paths("/services/data")


def record(key, **fields):
    return {"K__c": key, "Name": "A"} | fields


def test_any_number_of_rows_is_seven_calls():
    answers, paths = write(IngestJob(), *[record(f"k{at}") for at in range(500)])
    assert [one.key for one in answers] == [f"k{at}" for at in range(500)]
    assert {(one.answer, one.record_id, one.created) for one in answers} == {(Answer.APPLIED, ONE, True)}
    assert len(paths) == 7


def test_every_row_gets_the_answer_of_its_file():
    answers, _ = write(IngestJob(failed={"b"}, left={"c"}, forget={"d"}), *map(record, "abcd"))
    assert [one.answer for one in answers] == [Answer.APPLIED, Answer.LOCKED, Answer.NOT_APPLIED, Answer.AMBIGUOUS]


def test_none_is_the_clearing_text_and_quotes_and_line_breaks_survive():
    job = IngestJob()
    write(job, record("a", Name='say "hi",\nall', Phone=None, Fax="", Zip="01234", Count=7, Flag=True))
    assert job.bodies == [b'Count,Fax,Flag,K__c,Name,Phone,Zip\n7,,true,a,"say ""hi"",\nall",#N/A,01234\n']


def test_the_library_alone_would_not_clear():
    """Pins the upstream bug: None and an empty text become the same empty cell, which changes nothing."""
    text = simple_salesforce.bulk2._convert_dict_to_csv([{"a": None, "b": ""}])
    assert "#N/A" not in text


def test_rows_with_other_columns_go_into_a_job_of_their_own():
    """In one CSV the field that a row does not have would need a cell, and no cell means both absent and null."""
    job = IngestJob()
    answers, paths = write(job, record("a"), record("b", Phone="1"), record("c"))
    assert [one.answer for one in answers] == [Answer.APPLIED] * 3
    assert sorted(body.partition(b"\n")[0] for body in job.bodies) == [b"K__c,Name", b"K__c,Name,Phone"]
    assert len(paths) == 14


def test_the_very_text_that_clears_is_not_written_by_accident():
    answers, paths = write(IngestJob(), record("a", Name="#N/A"))
    assert answers[0].answer is Answer.REJECTED
    assert paths == []


def test_an_update_by_id_matches_rows_by_id():
    job = IngestJob(failed={TWO})
    answers, _ = write(job, {"Id": ONE, "Name": "a"}, {"Id": TWO, "Name": "b"}, key=None)
    assert job.opened[0]["operation"] == "update"
    assert [(one.key, one.answer, one.created) for one in answers] == [
        (ONE, Answer.APPLIED, None),
        (TWO, Answer.LOCKED, None),
    ]


@pytest.mark.parametrize("trouble", [Reply({}, 503), Reply(deed="drop"), Reply({}, 400)])
def test_a_failed_upload_applied_nothing_and_the_job_is_closed(trouble):
    job = IngestJob(faults={"PUT batches": trouble})
    with pytest.raises(ServiceUnavailable):
        write(job, record("a"))
    assert job.aborted == 1


def test_a_job_closed_by_a_lost_call_goes_on():
    job = IngestJob(faults={"PATCH job": Reply([{"errorCode": "INVALIDJOBSTATE", "message": "closed"}], 400)})
    assert write(job, record("a"))[0][0].answer is Answer.APPLIED


@pytest.mark.parametrize("step", ["PATCH job", "GET job", "GET successfulResults", "GET unprocessedrecords"])
def test_trouble_after_the_upload_leaves_every_row_ambiguous(step):
    answers, _ = write(IngestJob(faults={step: Reply({}, 503)}), record("a"), record("b"))
    assert {one.answer for one in answers} == {Answer.AMBIGUOUS}


def test_a_job_that_failed_after_some_rows_says_so_row_by_row():
    answers, _ = write(
        IngestJob(state="Failed", message="InternalServerError : timeout", left={"b"}), *map(record, "ab")
    )
    assert [one.answer for one in answers] == [Answer.APPLIED, Answer.NOT_APPLIED]


def test_a_job_refused_for_an_unknown_column_names_it():
    job = IngestJob(state="Failed", message="InvalidBatch : Field name not found : Nme", left={"a"})
    with pytest.raises(MissingField, match="Nme"):
        write(job, record("a"))


def test_a_key_twice_is_refused_before_any_call():
    with pytest.raises(ContractBroken, match="twice"):
        write(IngestJob(), record("a"), record("a"))


def test_what_is_written_reads_back():
    records = [{"a": 'x"y\n,', "b": 1.5}, {"a": "#", "b": False}]
    assert decode(b"".join(encode(["a", "b"], records))) == [
        {name: value if isinstance(value, str) else json.dumps(value) for name, value in one.items()} for one in records
    ]
