"""Worlds decided by the pure core: from the file's short keys to frames, and from a plan back to short keys."""
