"""Shared parts of the rules: base class, engine, settings and helpers."""
