"""The dashboards as code. `python -m grafana.source` writes their JSON to grafana/dashboards/, which Grafana and the board read."""
