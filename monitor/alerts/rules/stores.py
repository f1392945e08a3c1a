"""Alerts on Kafka and MongoDB."""

from __future__ import annotations

from monitor.alerts.rules.model import Alert
from monitor.alerts.rules.profile import Profile


def _no_controller(hold: str, summary: str, expr: str) -> Alert:
    return Alert(
        name="KafkaNoController",
        severity="page",
        hold=hold,
        summary=summary,
        expr=expr,
        impact="leaders cannot change and topics cannot be made; the next failure of a broker is not repaired.",
        causes="the quorum of controllers is lost, or two sides of a split network each believe in theirs.",
        steps="make logs S=kafka; restore a majority of the controllers.",
        dashboard="cdc-kafka",
    )


def _kafka(p: Profile) -> list[Alert]:
    soon = p.pick("1m", "30s")
    return [
        Alert(
            name="KafkaUnderMinIsr",
            severity="page",
            hold=soon,
            summary="{{ $value }} partitions have too few replicas in sync to take writes",
            expr="cdc:kafka_under_min_isr:sum > 0",
            impact="Debezium cannot write to those partitions; reads get late, nothing is lost.",
            causes="brokers are down or cannot follow.",
            steps="make status and make logs S=kafka; bring the brokers back.",
            dashboard="cdc-kafka",
        ),
        Alert(
            name="KafkaOfflinePartitions",
            severity="page",
            hold=soon,
            summary="{{ $value }} partitions have no leader",
            expr="cdc:kafka_offline_partitions:max > 0",
            impact="those partitions can be neither written nor read.",
            causes="every broker with a replica in sync is down, or its disk failed.",
            steps="make logs S=kafka; bring back the broker that was leader last.",
            dashboard="cdc-kafka",
        ),
        # A broker whose exporter is down may be the controller: then the sum says nothing.
        _no_controller(
            soon,
            "Kafka has {{ $value }} active controllers",
            'cdc:kafka_active_controllers:sum != 1 unless on () min(up{job="kafka"}) == 0',
        ),
        # What brokers see of it: a controller that lives writes twice a second. The one that is dead has no exporter to say so.
        _no_controller(soon, "No broker has heard of a controller for {{ $value }} ms", "cdc:kafka_metadata_lag_ms:min > 10000"),
        Alert(
            name="KafkaUncleanElection",
            severity="ticket",
            summary="A replica that was not in sync became leader: records may be lost",
            expr=f"increase(cdc:kafka_unclean_elections:sum[{p.pick('1h', '2m')}]) > 0",
            impact="records that were acknowledged may be gone.",
            causes="unclean.leader.election.enable, a forced election, or a single broker killed hard: it elects itself.",
            steps="make verify; what differs is repaired by a new snapshot.",
            dashboard="cdc-kafka",
        ),
        Alert(
            name="KafkaUnderReplicated",
            severity="ticket",
            hold=p.pick("5m", "30s"),
            summary="{{ $value }} partitions have fewer replicas than they should",
            expr="cdc:kafka_under_replicated:sum > 0",
            impact="one failure less can be survived.",
            causes="a broker is down, starting, or too slow to follow.",
            steps="make status and make logs S=kafka.",
            dashboard="cdc-kafka",
        ),
    ]


def _mongo(p: Profile) -> list[Alert]:
    return [
        Alert(
            name="MongoNoPrimary",
            severity="page",
            hold=p.pick("1m", "30s"),
            summary="MongoDB has no primary",
            expr='max(cdc_mongo_primary) == 0 or max(cdc_probe_up{target="mongo"}) == 0',
            impact="the worker cannot write and waits; the API answers reads with 503.",
            causes="mongod is down, or too few members are up to elect a primary.",
            steps="make status and make logs S=mongo.",
            dashboard="cdc-worker",
        ),
        Alert(
            name="MongoLag",
            severity="ticket",
            hold=p.pick("5m", "30s"),
            summary="The member {{ $labels.member }} is {{ $labels.state }}: it does not follow the primary",
            expr='max by (member, state) (cdc_mongo_member_state{state!~"(?i)primary|secondary|arbiter"}) == 1',
            impact="majority writes get slow or impossible; one failure less can be survived.",
            causes="the member is down, starting, in recovery or rolled back.",
            steps="make logs S=mongo; look at the member states on the worker dashboard.",
            dashboard="cdc-worker",
            variables=("member",),
        ),
        Alert(
            name="MongoOplogWindow",
            severity="ticket",
            hold=p.pick("10m", "5m"),
            summary="The oplog holds only {{ $value | humanizeDuration }}",
            # The window of a young or growing oplog grows by a second a second: only one that is cut off is too small.
            expr="min(cdc_mongo_oplog_window_seconds) < 3600 and min(deriv(cdc_mongo_oplog_window_seconds[10m])) < 0.5",
            impact="a member that is away for longer has to copy everything anew.",
            causes="more is written than the oplog was sized for.",
            steps="enlarge it (replSetResizeOplog), or find who writes so much on the worker dashboard.",
            dashboard="cdc-worker",
        ),
    ]


def alerts(p: Profile) -> list[Alert]:
    """Kafka, then MongoDB."""
    return [*_kafka(p), *_mongo(p)]
