"""What can go wrong while a stack is brought up; kept here because this room knows nothing else of Accord."""

from __future__ import annotations


class StackError(Exception):
    """A process of the local stack did not start, did not answer in time, or would not stop.

    The message names the process and the log to read; it never holds a password.
    """
