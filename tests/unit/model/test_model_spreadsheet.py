import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from accord.model.spreadsheet import csv_text


@given(st.lists(st.text(alphabet=st.sampled_from("=+-@\t\r\n'\",a1 "), max_size=6), min_size=1, max_size=4))
def test_no_cell_is_a_formula_and_none_is_lost(texts):
    columns = [str(n) for n in range(len(texts))]
    found = "".join(csv_text(columns, [dict(zip(columns, texts, strict=True))])).removeprefix("\ufeff")
    [_, cells] = list(csv.reader(io.StringIO(found, newline="")))
    assert not [it for it in cells if it[:1] in {"=", "+", "-", "@", "\t", "\r"} and it[:1]]
    assert [it.removeprefix("'") if it[1:] == text else it for it, text in zip(cells, texts, strict=True)] == texts
