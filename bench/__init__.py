"""Benchmarks: the worker and the connectors people would use instead, on the same topics, in one interleaved run."""
