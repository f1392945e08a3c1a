"""Names of metrics that the JMX exporter makes of Kafka's, Connect's and Debezium's MBeans; docs/metrics.md lists them."""

from __future__ import annotations

from typing import Final

# Kafka
ACTIVE_CONTROLLER: Final = "kafka_controller_kafkacontroller_activecontrollercount"
OFFLINE_PARTITIONS: Final = "kafka_controller_kafkacontroller_offlinepartitionscount"
UNDER_REPLICATED: Final = "kafka_server_replicamanager_underreplicatedpartitions"
UNDER_MIN_ISR: Final = "kafka_server_replicamanager_underminisrpartitioncount"
BYTES_IN: Final = "kafka_server_brokertopicmetrics_bytesin_total"
BYTES_OUT: Final = "kafka_server_brokertopicmetrics_bytesout_total"
MESSAGES_IN: Final = "kafka_server_brokertopicmetrics_messagesin_total"
FAILED_PRODUCE: Final = "kafka_server_brokertopicmetrics_failedproducerequests_total"
FAILED_FETCH: Final = "kafka_server_brokertopicmetrics_failedfetchrequests_total"
REQUEST_QUEUE_MS: Final = "kafka_network_requestmetrics_requestqueuetimems"
REQUEST_LOCAL_MS: Final = "kafka_network_requestmetrics_localtimems"
REQUEST_REMOTE_MS: Final = "kafka_network_requestmetrics_remotetimems"
REQUEST_SEND_MS: Final = "kafka_network_requestmetrics_responsesendtimems"
LOG_SIZE: Final = "kafka_log_log_size"

# Kafka Connect
POLLED: Final = "kafka_connect_source_task_source_record_poll_total"
WRITTEN: Final = "kafka_connect_source_task_source_record_write_total"
COMMIT_SUCCESS: Final = "kafka_connect_connector_task_offset_commit_success_percentage"
RECORD_ERRORS: Final = "kafka_connect_task_error_total_record_errors"
RECORD_FAILURES: Final = "kafka_connect_task_error_total_record_failures"
RECORD_RETRIES: Final = "kafka_connect_task_error_total_retries"
CONNECT_REBALANCES: Final = "kafka_connect_worker_rebalance_completed_rebalances_total"

# Debezium
CONNECTED: Final = "debezium_metrics_Connected"
BEHIND_SOURCE_MS: Final = "debezium_metrics_MilliSecondsBehindSource"
SINCE_EVENT_MS: Final = "debezium_metrics_MilliSecondsSinceLastEvent"
QUEUE_TOTAL: Final = "debezium_metrics_QueueTotalCapacity"
QUEUE_FREE: Final = "debezium_metrics_QueueRemainingCapacity"
CREATES: Final = "debezium_metrics_TotalNumberOfCreateEventsSeen"
UPDATES: Final = "debezium_metrics_TotalNumberOfUpdateEventsSeen"
DELETES: Final = "debezium_metrics_TotalNumberOfDeleteEventsSeen"
ERRONEOUS: Final = "debezium_metrics_NumberOfErroneousEvents"
SNAPSHOT_RUNNING: Final = "debezium_metrics_SnapshotRunning"
SNAPSHOT_LEFT: Final = "debezium_metrics_RemainingTableCount"

# both JVMs
HEAP_USED: Final = "jvm_memory_used_bytes"
HEAP_MAX: Final = "jvm_memory_max_bytes"
GC_SECONDS: Final = "jvm_gc_collection_seconds_sum"
