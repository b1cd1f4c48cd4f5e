"""Fuzzers: malformed inputs made from valid ones, and what must hold for each of them."""
