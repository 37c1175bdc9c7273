"""The demo: two simulated CRMs, the stack of one machine, an import by backfill, a sync, and the story told."""
