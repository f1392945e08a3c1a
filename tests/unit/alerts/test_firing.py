"""`python -m monitor.alerts`: what is said of which answer of Alertmanager."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from monitor.alerts.__main__ import main


def alert(name, severity="ticket", *, state="active", **labels):
    return {
        "labels": {"alertname": name, "severity": severity, **labels},
        "annotations": {
            "summary": f"{name} is so",
            "description": "Impact: x. Causes: y. First steps: look here.",
            "runbook_url": f"docs/runbook.md#{name.lower()}",
            "dashboard_url": "/d/cdc-overview",
        },
        "startsAt": "2026-11-24T15:27:45.304Z",
        "status": {"state": state, "inhibitedBy": [], "silencedBy": []},
    }


WATCHDOG = alert("Watchdog", "none")


@pytest.fixture
def alertmanager(monkeypatch):
    """Sets the alerts that an Alertmanager answers with; text is sent as it is."""
    answer = {"body": b"[]"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer["body"])

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setenv("ALERTS_ALERTMANAGER_URL", f"http://127.0.0.1:{server.server_port}")
        yield lambda *alerts: answer.update(body=json.dumps(alerts).encode())
        server.shutdown()
        thread.join()


def test_nothing_fires(alertmanager, capsys):
    alertmanager(WATCHDOG)
    assert main([]) == 0
    assert "No alert fires" in capsys.readouterr().out


def test_pages_come_first_and_what_is_explained_last(alertmanager, capsys):
    explained = alert("ExporterDown", state="suppressed", job="kafka")
    alertmanager(explained, alert("CdcComponentDown", target="kafka"), WATCHDOG, alert("CdcFreshnessBurnFast", "page", window="5m"))
    assert main([]) == 1
    said = capsys.readouterr().out
    assert said.index("CdcFreshnessBurnFast window=5m") < said.index("CdcComponentDown target=kafka") < said.index("ExporterDown job=kafka")
    assert "look here" in said
    assert "docs/runbook.md#cdccomponentdown" in said
    assert "Watchdog" not in said


def test_json_holds_everything(alertmanager, capsys):
    alertmanager(alert("CdcComponentDown", target="kafka"), WATCHDOG)
    assert main(["--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["alert"], found["labels"]["target"], found["quiet"]) == ("CdcComponentDown", "kafka", False)


def test_only_explained_alerts_are_no_alarm(alertmanager):
    alertmanager(alert("ExporterDown", state="suppressed"), WATCHDOG)
    assert main([]) == 0


def test_silence_without_the_watchdog_is_not_taken_for_peace(alertmanager, capsys):
    alertmanager()
    assert main([]) == 2
    assert "Watchdog" in capsys.readouterr().err


def test_what_is_no_answer_is_said(alertmanager, capsys, monkeypatch):
    alertmanager({"labels": {}})
    assert main([]) == 2
    monkeypatch.setenv("ALERTS_ALERTMANAGER_URL", "http://127.0.0.1:1")
    assert main([]) == 2
    assert "make logs S=alertmanager" in capsys.readouterr().err
