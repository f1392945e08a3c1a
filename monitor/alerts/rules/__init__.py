"""The recording rules and alerts of the pipeline, written once for every profile: `python -m monitor.alerts.rules` writes the YAML."""
