"""Alerts on what a client notices: the canary, the documents, the API."""

from __future__ import annotations

from monitor.alerts.rules.model import Alert
from monitor.alerts.rules.profile import Profile


def alerts(p: Profile) -> list[Alert]:
    """Symptoms, most of them pages."""
    return [
        Alert(
            name="CdcCanaryAbsent",
            severity="page",
            hold=p.pick("1m", "30s"),
            summary="Nobody measures how late the documents are",
            expr="absent(cdc_canary_last_applied_source_timestamp_seconds)",
            impact="freshness is unknown; the pipeline may be well or dead, and no lag alert can tell.",
            causes="the prober is down, is not scraped, or has never read a canary back since it started.",
            steps="make status and make logs S=prober; then make verify tells whether the documents are right.",
            dashboard="cdc-overview",
        ),
        Alert(
            name="CdcCanaryLost",
            severity="page",
            hold=p.pick("1m", "15s"),
            summary="{{ $value }} canaries that Postgres took have not arrived in MongoDB in time",
            # The prober counts a canary as late, and so not lost, once it or a newer one of its partition is seen.
            expr=f"cdc:canary_overdue:sum > 0 and sum by (canary) (increase(cdc_canary_lost_total[{p.pick('15m', '2m')}])) > 0",
            impact="changes are minutes late or lost: documents may be wrong and stay wrong.",
            causes="the pipeline stands still, or there is a gap in what was captured (slot, offsets, topic retention).",
            steps="make status; make verify names the documents that differ; look for CdcSlotMissing and CdcOffsetGap beside this.",
            dashboard="cdc-overview",
            variables=("canary",),
        ),
        Alert(
            name="CdcReplicaDivergence",
            severity="page",
            hold=p.pick("1m", "10s"),
            summary="{{ $value }} documents of {{ $labels.collection }} are {{ $labels.kind }}, compared with Postgres",
            expr="sum by (collection, kind) (cdc_divergent_documents) > 0",
            impact="clients read documents that Postgres contradicts.",
            causes="a parked record, a gap in what was captured, a write to MongoDB from elsewhere, or a defect.",
            steps="make verify lists them; the dead letters tell whether a parked key explains it.",
            dashboard="cdc-overview",
            variables=("collection",),
        ),
        Alert(
            name="CdcVerifyStale",
            severity="ticket",
            hold=p.pick("10m", "2m"),
            summary="The comparison of {{ $labels.collection }} with Postgres does not get on",
            # Not the age of the last whole pass: that grows with the number of documents. Getting on means pages, or, of a
            # collection without documents, passes.
            expr=(
                f"(sum by (collection) (increase(cdc_verified_documents_total[{p.pick('30m', '5m')}])) == 0 unless on (collection) "
                f"changes(cdc_verified_up_to_timestamp_seconds[{p.pick('30m', '5m')}]) > 0) or absent(cdc_verified_documents_total)"
            ),
            impact="a count of 0 divergent documents says nothing: nobody looks any more.",
            causes="the prober's verifier is stuck, Postgres or MongoDB does not answer it, or the prober is down.",
            steps="make logs S=prober; make verify does the same comparison once.",
            dashboard="cdc-overview",
        ),
        Alert(
            name="CdcApiDown",
            severity="page",
            hold=p.pick("1m", "30s"),
            summary="The API does not answer",
            expr='max(cdc_probe_up{target="api"}) == 0',
            impact="clients can neither write nor read.",
            causes="the process is down, frozen, or neither of its databases answers it.",
            steps="make status, then make logs S=api.",
            dashboard="cdc-api",
        ),
        Alert(
            name="CdcApiErrors",
            severity="ticket",
            hold=p.pick("5m", "1m"),
            summary="{{ $value | humanizePercentage }} of the API's answers are errors of its own (5xx)",
            expr="cdc:api_errors:rate1m / cdc:api_requests:rate1m > 0.05",
            impact="clients see 503 or 500 and have to try again.",
            causes="Postgres (writes) or MongoDB (reads) is away or slow; rarely a defect.",
            steps="make status; make logs S=api shows each error with its trace id.",
            dashboard="cdc-api",
        ),
        Alert(
            name="CdcReceiveDelay",
            severity="ticket",
            labels={"tier": "long"},
            hold=p.pick("3m", "30s"),
            summary="Documents are {{ $value | humanizeDuration }} late",
            expr="cdc:freshness_seconds > 120",
            impact="clients read documents that are minutes old.",
            causes="a component is down, or a backlog is being worked off.",
            steps="make status; then the backlog by hop on the Overview.",
            dashboard="cdc-overview",
        ),
        Alert(
            name="CdcReceiveDelay",
            severity="ticket",
            labels={"tier": "short"},
            hold=p.pick("15m", "1m"),
            summary="Documents are {{ $value | humanizeDuration }} late, and have been for a while",
            expr="cdc:freshness_seconds > 30",
            impact="clients read documents that are half a minute old or older.",
            causes="more is written than the worker applies, or one partition is behind.",
            steps="the backlog by partition on the Overview; WORKERS=2 make up adds a worker.",
            dashboard="cdc-overview",
        ),
    ]
