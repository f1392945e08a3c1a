"""Break the pipeline on purpose, and compute from data whether anything was lost."""
