"""The pure core: frames in, frames out. No Airflow, no SQL, no HTTP, no clock, no environment here.

`decide` does all of it. A caller that holds the mapped fields elsewhere asks `study`, then `standing_pairs` for the
pairs whose fields matter, and gives their values to `conclude`.
"""

from accord.rules.case import study
from accord.rules.plan import conclude, decide
from accord.rules.standing import standing_pairs

__all__ = ["conclude", "decide", "standing_pairs", "study"]
