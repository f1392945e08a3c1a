"""The metrics that rules may use, by the job that serves them. Each is on docs/metrics.md, which a test compares with a live stack.

A histogram stands here by its base name; `known` adds _bucket, _sum and _count. Kafka's and Connect's come from stack/templates/jmx-*.yml
and are listed only as far as rules use them.
"""

from __future__ import annotations

from typing import Final

PROBER: Final = frozenset(
    {
        "cdc_canary_emitted_total",
        "cdc_canary_attempt_failed_total",
        "cdc_canary_lost_total",
        "cdc_canary_late_total",
        "cdc_canary_duplicates_total",
        "cdc_canary_reordered_total",
        "cdc_canary_last_emitted_timestamp_seconds",
        "cdc_canary_last_applied_source_timestamp_seconds",
        "cdc_slot_present",
        "cdc_slot_active",
        "cdc_slot_wal_status",
        "cdc_slot_wal_retained_bytes",
        "cdc_slot_wal_unconfirmed_bytes",
        "cdc_slot_safe_wal_bytes",
        "cdc_slot_wal_limit_bytes",
        "cdc_source_oldest_transaction_seconds",
        "cdc_consumer_lag_records",
        "cdc_consumer_group_members",
        "cdc_connector_state",
        "cdc_connector_tasks",
        "cdc_mongo_primary",
        "cdc_mongo_member_state",
        "cdc_mongo_oplog_window_seconds",
        "cdc_dead_letters_waiting",
        "cdc_dead_letter_keys",
        "cdc_divergent_documents",
        "cdc_verified_up_to_timestamp_seconds",
        "cdc_verified_documents_total",
        "cdc_probe_up",
        "cdc_probe_last_success_timestamp_seconds",
    }
)
KEEPER: Final = frozenset(
    {
        "cdc_keeper_restarts_total",
        "cdc_keeper_gave_up",
        "cdc_keeper_slot_lost",
        "cdc_keeper_last_look_timestamp_seconds",
        "cdc_keeper_errors_total",
    }
)
WORKER: Final = frozenset(
    {
        "cdc_records_total",
        "cdc_stale_rows_total",
        "cdc_documents_total",
        "cdc_transaction_conflicts_total",
        "cdc_retries_total",
        "cdc_dead_letters_total",
        "cdc_circuits_open",
        "cdc_chunks_in_flight",
        "cdc_commits_total",
        "cdc_rewinds_total",
        "cdc_missed_offsets_total",
        "cdc_documents_skipped_total",
        "cdc_rebalances_total",
        "cdc_clock_skew_events_total",
        "cdc_fan_out_remaining_documents",
        "cdc_watchdog_stalled_seconds",
        "cdc_worker_paused",
    }
)
KAFKA: Final = frozenset(
    {
        "kafka_server_replicamanager_underminisrpartitioncount",
        "kafka_server_replicamanager_underreplicatedpartitions",
        "kafka_controller_kafkacontroller_offlinepartitionscount",
        "kafka_controller_kafkacontroller_activecontrollercount",
        "kafka_server_brokermetadata_last_applied_record_lag_ms",
        "kafka_controller_controllerstats_uncleanleaderelections_total",
    }
)
CONNECT: Final = frozenset(
    {
        "debezium_metrics_MilliSecondsSinceLastEvent",
        "debezium_metrics_QueueRemainingCapacity",
        "debezium_metrics_QueueTotalCapacity",
        "debezium_metrics_NumberOfErroneousEvents",
        "debezium_metrics_SnapshotRunning",
        "debezium_metrics_RowsScanned",
        "kafka_producer_buffer_available_bytes",
        "kafka_producer_buffer_total_bytes",
    }
)
EVERY_JOB: Final = frozenset({"up", "process_start_time_seconds"})
HISTOGRAMS: Final = frozenset(
    {
        "cdc_api_request_seconds",
        "cdc_canary_roundtrip_seconds",
        "cdc_probe_seconds",
        "cdc_chunk_records",
        "cdc_step_seconds",
        "cdc_end_to_end_seconds",
        "cdc_hop_seconds",
    }
)


def known() -> frozenset[str]:
    """Every name that a series may have, recording rules left out."""
    parts = {f"{name}_{part}" for name in HISTOGRAMS for part in ("bucket", "sum", "count")}
    return PROBER | KEEPER | WORKER | KAFKA | CONNECT | EVERY_JOB | parts
