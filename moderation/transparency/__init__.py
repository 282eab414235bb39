"""Statements of reasons: what a commenter is told, and the record for the EU's database."""
