"""Tests of congvu; `tests.support` holds what several of them share."""
