"""The local stack: the pipeline's processes on this machine, under supervisor (MODE=local)."""
