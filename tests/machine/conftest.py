"""One mortal process and one warehouse for all tests of a module: a small world must cost little."""

from machine.fixtures import process, warehouse

__all__ = ["process", "warehouse"]
