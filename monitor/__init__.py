"""Watching the pipeline from the outside."""
