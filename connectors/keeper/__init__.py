"""`python -m connectors keep`: watches connector and slot, restarts what FAILED, halts over a gap, sweeps after a snapshot."""
