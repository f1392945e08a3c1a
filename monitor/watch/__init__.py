"""watch: the prober's view of the pipeline in a terminal. It needs nothing but the prober's /metrics."""
