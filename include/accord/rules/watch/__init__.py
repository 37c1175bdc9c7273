"""Watching: what the native integration says of accounts and companies, compared with what the rules would say."""

from accord.rules.watch.compare import Watched, compare

__all__ = ["Watched", "compare"]
