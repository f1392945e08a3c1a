"""Alerts on the worker: what it applies, what it parks, and what waits for it."""

from __future__ import annotations

from monitor.alerts.rules.model import Alert
from monitor.alerts.rules.profile import Profile


def _flow(p: Profile) -> list[Alert]:
    return [
        Alert(
            name="CdcSinkStuck",
            severity="page",
            hold=p.pick("5m", "30s"),
            labels={"reason": "no_progress"},
            summary="{{ $value }} records wait and no worker applies any",
            expr="sum(cdc_consumer_lag_records) > 0 and on () ((cdc:applied_records:rate30s or on () vector(0)) == 0)",
            impact="no change reaches MongoDB.",
            causes="no worker runs or has partitions, MongoDB does not take writes, or a worker is frozen.",
            steps="make status, then make logs S=worker; make restart S=worker frees a frozen one.",
            dashboard="cdc-worker",
        ),
        Alert(
            name="CdcSinkStuck",
            severity="page",
            hold=p.pick("5m", "30s"),
            labels={"reason": "circuit_open"},
            summary="The worker refuses the records of {{ $value }} partitions: most of a chunk cannot be applied",
            expr="sum(cdc_circuits_open) > 0",
            impact="the documents of those partitions stop moving.",
            causes="a change of schema or code made most records unusable, so parking them one by one was refused.",
            steps="make logs S=worker names the error; mend it, then make restart S=worker.",
            dashboard="cdc-worker",
        ),
        Alert(
            name="CdcOffsetGap",
            severity="page",
            summary="Kafka deleted {{ $value | humanize }} records of {{ $labels.topic }} before they were read",
            # A worker that has just started meets the gap before anybody has read its counter: the first value that is seen is not 0.
            expr=f"sum by (topic) (increase(cdc_missed_offsets_total[{p.pick('1h', '2m')}])) > 0 "
            f"or sum by (topic) (cdc_missed_offsets_total unless cdc_missed_offsets_total offset {p.pick('1h', '2m')}) > 0",
            impact="those changes are lost for MongoDB until a new snapshot.",
            causes="the worker was away for longer than the topic keeps records (TOPIC_RETENTION_MS, TOPIC_RETENTION_BYTES).",
            steps="make verify shows the damage; recover with a new snapshot.",
            dashboard="cdc-worker",
            variables=("topic",),
        ),
        Alert(
            name="CdcLagGrowing",
            severity="ticket",
            hold=p.pick("15m", "5m"),
            summary="The backlog of {{ $labels.topic }} has been growing all the time",
            expr=(
                f"deriv(cdc:consumer_lag_records:sum[{p.pick('5m', '2m')}]) > 0 "
                f"and min_over_time(cdc:consumer_lag_records:sum[{p.pick('5m', '2m')}]) > 0"
            ),
            impact="reads get later the longer it lasts.",
            causes="more is written than is applied: too few workers, a slow MongoDB, or a rename that fans out widely.",
            steps="look at step durations on the worker dashboard; WORKERS=2 make up adds a worker.",
            dashboard="cdc-worker",
            variables=("topic",),
        ),
        *(
            Alert(
                name="CdcHeartbeatStale",
                severity="ticket",
                labels={"hop": hop},
                hold=p.pick("1m", "15s"),
                summary=f"{what} for {{{{ $value | humanizeDuration }}}}",
                expr=f"{expr} > {p.pick('60', '30')}",
                impact="whatever follows this hop gets nothing new.",
                causes=causes,
                steps=steps,
                dashboard=dashboard,
            )
            for hop, what, expr, causes, steps, dashboard in (
                (
                    "write",
                    "No canary was committed in Postgres",
                    "time() - max(cdc_canary_last_emitted_timestamp_seconds)",
                    "Postgres is down or refuses writes, or the prober is stuck.",
                    "make logs S=postgres and make logs S=prober.",
                    "cdc-source",
                ),
                (
                    "capture",
                    "Debezium has seen no change",
                    "cdc:debezium_since_last_event_seconds:max",
                    "the slot is not read, or Debezium waits for Kafka.",
                    "python -m stack exec -- python -m connectors status.",
                    "cdc-source",
                ),
                (
                    "keep",
                    "The keeper has not looked at the connector",
                    "time() - max(cdc_keeper_last_look_timestamp_seconds)",
                    "the keeper is stuck, or Connect does not answer it.",
                    "make logs S=keeper; a failed task is not restarted meanwhile.",
                    "cdc-source",
                ),
            )
        ),
    ]


def _outcomes(p: Profile) -> list[Alert]:
    window = p.pick("15m", "2m")
    return [
        Alert(
            name="CdcDlqNotEmpty",
            severity="ticket",
            summary="{{ $value }} dead letters wait for a decision",
            expr="max(cdc_dead_letters_waiting) > 0",
            impact="the rows of their keys, and the documents made of them, stay as they were.",
            causes="a record that can never be applied: undecodable bytes, or a value MongoDB does not take.",
            steps="python -m stack exec -- python -m cdc_consumer dead-letters list; then replay or discard.",
            dashboard="cdc-worker",
        ),
        Alert(
            name="CdcClockSkew",
            severity="ticket",
            summary="Records arrive before they were committed: clocks differ",
            expr=f"sum(increase(cdc_clock_skew_events_total[{window}])) > 0",
            impact="hop latencies are wrong; freshness is not, the canary uses one clock.",
            causes="the clocks of Postgres' and the worker's machine differ.",
            steps="compare the clocks (timedatectl) and mend NTP.",
            dashboard="cdc-worker",
        ),
        Alert(
            name="CdcRebalanceStorm",
            severity="ticket",
            summary="{{ $value | humanize }} rebalances of a worker in a short time",
            expr=f"max(increase(cdc_rebalances_total[{p.pick('15m', '5m')}])) > 5",
            impact="each rebalance stops the fetching for a moment; reads get late.",
            causes="workers that restart again and again, or that Kafka takes for dead because they are too busy.",
            steps="make status shows who restarts (column up); make logs S=worker.",
            dashboard="cdc-worker",
        ),
        Alert(
            name="CdcOffsetCommitFailing",
            severity="ticket",
            hold=p.pick("5m", "1m"),
            summary="{{ $value | humanizePercentage }} of the offset commits are refused",
            expr=('sum(rate(cdc_commits_total{outcome="refused"}[1m])) / sum(rate(cdc_commits_total[1m])) > 0.2'),
            impact="nothing is lost; after a restart the same records are read again, more with every refused commit.",
            causes="the broker is away or slow, or the worker lost its partitions without noticing.",
            steps="make status, then make logs S=worker and S=kafka.",
            dashboard="cdc-worker",
        ),
    ]


def alerts(p: Profile) -> list[Alert]:
    """Flow first, then what became of single records."""
    return [*_flow(p), *_outcomes(p)]
