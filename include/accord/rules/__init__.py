"""The pure core: frames in, frames out. No Airflow, no SQL, no HTTP, no clock, no environment here.

`decide` does all of it. A caller that holds the mapped fields elsewhere asks `study`, then `standing_pairs` for the
pairs whose fields matter, and gives their values to `conclude`. `stages_left` says what no plan has a row for.
"""

from accord.rules.case import study
from accord.rules.lifecycle import stages_left
from accord.rules.plan import conclude, decide
from accord.rules.standing import known_partners, standing_pairs

__all__ = ["conclude", "decide", "known_partners", "stages_left", "standing_pairs", "study"]
