"""The board: the dashboards of grafana/dashboards/ in a browser, without Grafana. `python -m monitor.board`."""
