"""Random interleavings of statements, chunks, redeliveries, rebalances and crashes of two workers, on a real MongoDB."""
