from datetime import date, timedelta

from accord.console.charts import curve, stacked

DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(3)]


def test_bars_stand_upon_each_other_and_never_beside_the_picture():
    chart = stacked("x", "X", DAYS, {"few": [0, 1, 1], "many": [4, 0, 3]})
    assert chart.series == ["many", "few"]
    assert [(it.series, it.label) for it in chart.bars] == [
        (0, "2026-01-01: 4 many"),
        (1, "2026-01-02: 1 few"),
        (0, "2026-01-03: 3 many"),
        (1, "2026-01-03: 1 few"),
    ]
    below, above = chart.bars[2:]
    assert above.y + above.height == below.y
    assert all(it.y >= 0 and it.y + it.height <= chart.base for it in chart.bars)
    assert chart.table == [("2026-01-01", [4, 0]), ("2026-01-02", [0, 1]), ("2026-01-03", [3, 1])]


def test_series_beyond_the_colours_are_summed_up():
    chart = stacked("x", "X", DAYS[:1], {f"s{n}": [10 - n] for n in range(9)})
    assert chart.series[-1] == "other"
    assert chart.table == [("2026-01-01", [10, 9, 8, 7, 6, 5 + 4 + 3 + 2])]


def test_nothing_to_draw_is_an_empty_chart():
    assert stacked("x", "X", DAYS, {}).bars == []
    assert curve("x", "X", DAYS, "pairs", [0, 0, 0]).line.count(",") == 3
