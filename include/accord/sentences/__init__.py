"""Decisions in plain English: facts in, sentences out. No SQL, no terminal, no markup, no clock here."""
