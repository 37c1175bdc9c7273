"""Retries by what went wrong, not by count alone: the error tree of the model is the only vocabulary."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryRule
from airflow.sdk.definitions.retry_policy import RetryAction

_ERRORS = "accord.model.errors"

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception=f"{_ERRORS}.StopError", action=RetryAction.FAIL, reason="a person must act first"),
        RetryRule(exception=f"{_ERRORS}.StalePlan", action=RetryAction.FAIL, reason="the next run plans anew"),
        RetryRule(
            exception=f"{_ERRORS}.LeaseHeld",
            action=RetryAction.RETRY,
            retry_delay=timedelta(seconds=60),
            reason="another run is at work",
        ),
        RetryRule(
            exception=f"{_ERRORS}.AmbiguousWrite",
            action=RetryAction.RETRY,
            retry_delay=timedelta(seconds=5),
            reason="the next try finds by key what was done",
        ),
        RetryRule(
            exception=f"{_ERRORS}.RetryableError",
            action=RetryAction.RETRY,
            retry_delay=timedelta(seconds=30),
            reason="may succeed later",
        ),
    ]
)

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "accord",
    "retries": 15,
    "retry_delay": timedelta(seconds=30),
    "retry_policy": RETRY_POLICY,
    "execution_timeout": timedelta(hours=2),
}
