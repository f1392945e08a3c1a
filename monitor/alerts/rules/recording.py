"""Recording rules: each foreign name (Kafka, Connect, Debezium by the JMX exporter) stands here once, so that a renamed metric is one line.

What is not measured has no value: none of these rules turns an absent series into 0.
"""

from __future__ import annotations

from monitor.alerts.rules.model import Group, Record
from monitor.alerts.rules.profile import Profile

KAFKA = (
    Record("cdc:kafka_under_min_isr:sum", "sum(kafka_server_replicamanager_underminisrpartitioncount)"),
    Record("cdc:kafka_under_replicated:sum", "sum(kafka_server_replicamanager_underreplicatedpartitions)"),
    Record("cdc:kafka_offline_partitions:max", "max(kafka_controller_kafkacontroller_offlinepartitionscount)"),
    Record("cdc:kafka_active_controllers:sum", "sum(kafka_controller_kafkacontroller_activecontrollercount)"),
    Record("cdc:kafka_metadata_lag_ms:min", "min(kafka_server_brokermetadata_last_applied_record_lag_ms)"),
    Record("cdc:kafka_unclean_elections:sum", "sum(kafka_controller_controllerstats_uncleanleaderelections_total)"),
)

# The exporter leaves MilliSecondsSinceLastEvent out before the first event, where Debezium says -1: unknown, which is not 0.
DEBEZIUM = (
    Record("cdc:debezium_since_last_event_seconds:max", "max(debezium_metrics_MilliSecondsSinceLastEvent >= 0) / 1000"),
    Record("cdc:debezium_queue_used:ratio", "1 - min(debezium_metrics_QueueRemainingCapacity / debezium_metrics_QueueTotalCapacity)"),
    Record("cdc:debezium_erroneous_events:sum", "sum(debezium_metrics_NumberOfErroneousEvents)"),
    Record("cdc:debezium_snapshot_running:max", "max(debezium_metrics_SnapshotRunning)"),
    Record("cdc:debezium_snapshot_rows:sum", "sum(debezium_metrics_RowsScanned)"),
    Record("cdc:producer_buffer_used:ratio", "1 - min(kafka_producer_buffer_available_bytes / kafka_producer_buffer_total_bytes)"),
)

# Divided by what is there: the ratios work for any number of workers and any limit.
PIPELINE = (
    Record("cdc:consumer_lag_records:sum", "sum by (topic) (cdc_consumer_lag_records)"),
    Record("cdc:consumer_lag_records:max", "max(cdc_consumer_lag_records)"),
    Record("cdc:slot_wal_used:ratio", "max(cdc_slot_wal_retained_bytes) / max(cdc_slot_wal_limit_bytes > 0)"),
    Record("cdc:canary_overdue:sum", "sum by (canary) (cdc_canary_lost_total) - sum by (canary) (cdc_canary_late_total)"),
    Record("cdc:applied_records:rate30s", "sum(rate(cdc_records_total[30s]))"),
    Record("cdc:api_requests:rate1m", "sum(rate(cdc_api_request_seconds_count[1m]))"),
    Record("cdc:api_errors:rate1m", 'sum(rate(cdc_api_request_seconds_count{status=~"5.."}[1m])) or cdc:api_requests:rate1m * 0'),
)


def groups(profile: Profile) -> list[Group]:
    """Evaluated beside the SLI."""
    return [Group("cdc-recording", profile.interval, (*PIPELINE, *DEBEZIUM, *KAFKA))]
