"""Every error of Accord, sorted by what happens next.

    AccordError
    ├── RetryableError            try the same task again later
    │   ├── RateLimited           the service said when (retry_after_seconds)
    │   ├── ServiceUnavailable    5xx, timeout or reset on a call that changes nothing
    │   ├── ShortRead             an answer holds fewer rows than the service counts
    │   ├── AmbiguousWrite        sent, but nobody knows whether it was done: recover by key, never resend blindly
    │   ├── LeaseHeld             another run is at work
    │   └── StalePlan             the inputs of a plan have moved: plan anew
    ├── StopError                 retrying cannot help: a person or a new window must come first
    │   ├── BadSettings           the settings file names something unknown or impossible
    │   ├── BadInput              an id, a world, a CSV or a parameter cannot be understood
    │   ├── BadCredentials        login refused
    │   ├── MissingPermission     a scope, object or field right is missing
    │   ├── MissingField          a mapped or key field does not exist in the CRM
    │   ├── QuotaExhausted        the day's calls are used up, or our budget for the day is
    │   ├── ExtractShrunk         a CRM suddenly shows far fewer records than before
    │   └── ContractBroken        an answer or a frame does not have the shape it must have
    └── RecordRejected            this record only: kept as an outcome row, the batch goes on

A message names the record, the rule or the setting, and what to do. It never holds a header, a token or a whole body.
"""

from __future__ import annotations


class AccordError(Exception):
    """Root of everything Accord raises on purpose."""


class RetryableError(AccordError):
    """The same task may succeed if it is tried again later."""


class RateLimited(RetryableError):
    """The service asked us to slow down.

    Args:
        message: which service and which limit.
        retry_after_seconds: how long the service wants to be left alone.
    """

    def __init__(self, message: str, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ServiceUnavailable(RetryableError):
    """A read, or a write that certainly did not happen, met a 5xx, a timeout or a broken connection."""


class ShortRead(RetryableError):
    """An answer holds fewer rows than the service itself counts."""


class AmbiguousWrite(RetryableError):
    """A write was sent and may or may not have been done; its rows stay `sent` until they are found by key."""


class LeaseHeld(RetryableError):
    """Another run holds the lease on the CRMs."""


class StalePlan(RetryableError):
    """The staging tables moved after the plan was made; it must be made anew."""


class StopError(AccordError):
    """Retrying cannot help."""


class BadSettings(StopError):
    """The settings name something unknown or impossible."""


class BadInput(StopError):
    """An id, a world, a file or a parameter cannot be understood."""


class BadCredentials(StopError):
    """The service refused the login."""


class MissingPermission(StopError):
    """The login works, but a scope, an object or a field may not be used."""


class MissingField(StopError):
    """A field that the key or the field map needs does not exist in the CRM."""


class QuotaExhausted(StopError):
    """The service's calls of the day, or our own budget for the day, are used up."""


class ExtractShrunk(StopError):
    """A CRM shows far fewer records than at the last good extract."""


class ContractBroken(StopError):
    """An answer or a frame does not have the shape that was agreed."""


class RecordRejected(AccordError):
    """The CRM refused one record; the others of its batch are not affected."""
