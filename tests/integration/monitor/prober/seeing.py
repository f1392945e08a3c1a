"""The prober of a stack, as Prometheus sees it."""

import time

from monitor.watch.scrape import fetch, parse

APPLIED = "cdc_canary_last_applied_source_timestamp_seconds"


def scrape(stack):
    env = stack.env
    return parse(fetch(f"http://127.0.0.1:{env['PROBER_METRICS_PORT']}/metrics"), time.time())


def oldest(stack):
    """When the row was sent that the partition shows which is furthest behind."""
    return min(value for _, value in scrape(stack).all(APPLIED))
