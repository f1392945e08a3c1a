"""One form for what the worker says and for what its libraries say."""

import json
import subprocess
import sys

SAY = """
import logging, structlog
from cdc_consumer.logs import configure
configure({form!r})
structlog.get_logger().info("row_applied", trace_id="abc", lsn=7)
logging.getLogger("aiokafka").warning("lost %s", "a broker")
logging.getLogger("aiokafka").info("chatter")
"""


def said(form):
    done = subprocess.run([sys.executable, "-c", SAY.format(form=form)], capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_json_lines_carry_fields():
    own, foreign = map(json.loads, said("json"))
    assert own.items() >= {"event": "row_applied", "trace_id": "abc", "lsn": 7, "level": "info"}.items()
    assert foreign.items() >= {"event": "lost a broker", "logger": "aiokafka", "level": "warning"}.items()


def test_the_console_form_is_for_people():
    own, foreign = said("console")
    assert "row_applied" in own
    assert "lsn=7" in own
    assert "lost a broker" in foreign
