"""How a sample is shown."""

from monitor.alerts.ask import line, main


def test_a_series_is_one_line():
    sample = {"metric": {"__name__": "x", "topic": "a", "partition": "0"}, "value": [1.0, "3.5"]}
    assert line(sample) == '3.5            {partition="0", topic="a"}'


def test_no_answer_is_said(monkeypatch, capsys):
    monkeypatch.setenv("ALERTS_PROMETHEUS_URL", "http://127.0.0.1:1")
    assert main(["up"]) == 2
    assert "make status" in capsys.readouterr().err
