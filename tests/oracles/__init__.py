"""Readers of the outputs, written from their specifications, independent of the code that writes them."""
