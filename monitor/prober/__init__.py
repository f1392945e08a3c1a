"""The prober: looks at the whole pipeline from the outside, in a process of its own, and tells Prometheus what it saw.

- `writer`, `reader`, `track`: a row a second for each partition, written to Postgres and found again in MongoDB.
- `slot`, `lag`, `connector`, `replica_set`, `dead_letters`, `reach`: states and backlogs, each asked for on a thread of its own.
- `sampled`: a verify that never ends, a page at a time.

What a component did not answer lately is absent from /metrics (`board`), never 0.
"""
