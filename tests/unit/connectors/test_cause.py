import pytest

from connectors.client import Status

TRACE = """org.apache.kafka.connect.errors.ConnectException: An exception occurred in the change event producer.
\tat io.debezium.pipeline.ErrorHandler.setProducerThrowable(ErrorHandler.java:67)
Caused by: io.debezium.DebeziumException: outer
\tat x
Caused by: org.postgresql.util.PSQLException: replication slot "cdc" is active
\tat y
"""


@pytest.mark.parametrize(
    ("trace", "said"),
    [
        (TRACE, 'Caused by: org.postgresql.util.PSQLException: replication slot "cdc" is active'),
        ("only this\n\tat x", "only this"),
        ("", "Connect gave no reason."),
    ],
    ids=["caused", "plain", "none"],
)
def test_the_innermost_cause_is_said(trace, said):
    assert Status("RUNNING", ("FAILED",), trace).cause == said
