import io

from monitor import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_log_gets_plain_lines_and_not_too_many(monkeypatch):
    clock = iter([0.0, 1.0, 2.5, 2.5, 3.0])
    monkeypatch.setattr("monitor.progress.time.monotonic", lambda: next(clock))
    stream = io.StringIO()
    with progress.reporter(stream) as report:
        step = report.task("checking items", 3000)
        for _ in range(3):
            step(1000)
    assert stream.getvalue() == "checking items: 2,000 of 3,000\n"


def test_a_terminal_gets_a_bar():
    stream = Terminal()
    with progress.reporter(stream) as report:
        report.task("checking items", 10)(10)
    assert "checking items" in stream.getvalue()
    assert "10/10" in stream.getvalue()


def test_an_unknown_total_is_left_out(monkeypatch):
    monkeypatch.setattr(progress, "PLAIN_SECONDS", 0)
    stream = io.StringIO()
    with progress.reporter(stream) as report:
        report.task("x", None)(5)
    assert stream.getvalue() == "x: 5\n"


def test_silence():
    progress.Silent().task("x", None)(5)
