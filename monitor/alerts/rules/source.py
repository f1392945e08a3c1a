"""Alerts on the source: replication slot, connector, Debezium."""

from __future__ import annotations

from monitor.alerts.rules.model import Alert
from monitor.alerts.rules.profile import Profile


def _slot(p: Profile) -> list[Alert]:
    return [
        Alert(
            name="CdcSlotWalStatusBad",
            severity="page",
            summary="The replication slot's WAL is {{ $labels.status }}",
            expr='max by (status) (cdc_slot_wal_status{status=~"unreserved|lost"}) == 1',
            impact="unreserved: Postgres may delete WAL that Debezium has not read. lost: it has, and a new snapshot is needed.",
            causes="Debezium was away or too slow for longer than SLOT_WAL_KEEP_MB of WAL.",
            steps="get the connector running at once if unreserved; recover with a new snapshot if lost.",
            dashboard="cdc-source",
        ),
        Alert(
            name="CdcSlotMissing",
            severity="page",
            hold=p.pick("1m", "15s"),
            summary="The replication slot does not exist, or has lost WAL that was not read",
            expr="max(cdc_slot_present) == 0 or max(cdc_keeper_slot_lost) == 1",
            impact="changes since the last position are not captured and will not be by themselves: data is missing until a new snapshot.",
            causes="somebody dropped the slot, Postgres was restored or failed over, or the WAL limit was reached.",
            steps="python -m stack exec -- python -m connectors status, then recover with a new snapshot.",
            dashboard="cdc-source",
        ),
        Alert(
            name="CdcSlotInactive",
            severity="ticket",
            hold=p.pick("5m", "30s"),
            summary="Nobody reads the replication slot",
            expr="max(cdc_slot_active) == 0",
            impact="reads get late, and Postgres keeps WAL on disk until its limit.",
            causes="Connect is down, the connector is paused, stopped or failed, or it cannot reach Postgres.",
            steps="python -m stack exec -- python -m connectors status.",
            dashboard="cdc-source",
        ),
        Alert(
            name="CdcSlotBytes",
            severity="ticket",
            hold=p.pick("5m", "30s"),
            summary="The slot holds back {{ $value | humanizePercentage }} of the WAL it may",
            expr=(
                "cdc:slot_wal_used:ratio > 0.5 "
                "or (cdc:slot_wal_used:ratio > 0.1 and predict_linear(cdc:slot_wal_used:ratio[30m], 4 * 3600) > 1)"
            ),
            impact="at 100 % the slot is lost and a new snapshot is needed; Postgres' disk fills meanwhile.",
            causes="Debezium is away or slower than the writes, or a transaction stays open for long.",
            steps="python -m stack exec -- python -m connectors status shows the backlog; the source dashboard the oldest transaction.",
            dashboard="cdc-source",
        ),
    ]


def _connector(p: Profile) -> list[Alert]:
    return [
        Alert(
            name="CdcConnectorOrTaskFailed",
            severity="page",
            hold=p.pick("2m", "30s"),
            summary="The connector or its task has failed or is gone, and was not brought back",
            expr=(
                'max(cdc_connector_state{state=~"failed|missing"}) == 1 or max(cdc_connector_tasks{state="failed"}) > 0 '
                "or max(cdc_keeper_gave_up) == 1"
            ),
            impact="nothing is captured; reads get late, WAL piles up in Postgres.",
            causes="an error that Debezium does not retry; the keeper restarts tasks and gives up after its limit.",
            steps="python -m stack exec -- python -m connectors status shows the cause; mend it, then register again.",
            dashboard="cdc-source",
        ),
        *(
            Alert(
                name="CdcQueueNearFull",
                severity="ticket",
                labels={"buffer": buffer},
                hold=p.pick("5m", "1m"),
                summary=f"{what} is {{{{ $value | humanizePercentage }}}} full",
                expr=expr,
                impact="Kafka takes changes more slowly than Postgres gives them; capture falls behind.",
                causes="a burst of writes or a large transaction, or a slow broker.",
                steps="compare committed with published rates on the source dashboard; look at the broker's request times.",
                dashboard="cdc-source",
            )
            for buffer, what, expr in (
                ("queue", "Debezium's queue", "cdc:debezium_queue_used:ratio > 0.9"),
                ("producer", "The buffer of Connect's producer", "cdc:producer_buffer_used:ratio > 0.5"),
            )
        ),
        Alert(
            name="CdcErroneousEvents",
            severity="ticket",
            summary="Debezium met changes that it could not read",
            expr=f"increase(cdc:debezium_erroneous_events:sum[{p.pick('15m', '2m')}]) > 0",
            impact="those changes may be missing in MongoDB.",
            causes="a schema change that was not registered, or a value that Debezium cannot represent.",
            steps="make logs S=connect shows the event; make verify names what differs.",
            dashboard="cdc-source",
        ),
        Alert(
            name="CdcSnapshotStuck",
            severity="ticket",
            hold=p.pick("10m", "1m"),
            summary="A snapshot runs and reads no rows",
            expr=f"cdc:debezium_snapshot_running:max == 1 and delta(cdc:debezium_snapshot_rows:sum[{p.pick('5m', '1m')}]) == 0",
            impact="the first load or recovery does not finish; its documents stay absent or old.",
            causes="a lock or a full queue, a broker that does not answer, or a huge table between two chunks.",
            steps="python -m stack exec -- python -m connectors status; make logs S=connect.",
            dashboard="cdc-source",
        ),
    ]


def alerts(p: Profile) -> list[Alert]:
    """Slot first: losing it loses data."""
    return [*_slot(p), *_connector(p)]
