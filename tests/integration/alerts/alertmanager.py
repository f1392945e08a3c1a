"""An Alertmanager of the test's own, with the project's routes."""

import contextlib
import datetime as dt
import json
import socket
import subprocess
import urllib.request

from stack.components.relocate import templates
from stack.render import fill
from tests.waiting import eventually


def get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read()


def answers(url):
    try:
        return get(f"{url}/-/ready")
    except OSError:
        return None


def post(url, alerts):
    """Alerts as Prometheus sends them: label sets."""
    now = dt.datetime.now(dt.UTC).isoformat()
    body = json.dumps([{"labels": labels, "annotations": {}, "startsAt": now} for labels in alerts]).encode()
    request = urllib.request.Request(f"{url}/api/v2/alerts", body, {"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200


def states(url):
    """(labels, active or suppressed) of every alert."""
    return [(row["labels"], row["status"]["state"]) for row in json.loads(get(f"{url}/api/v2/alerts"))]


@contextlib.contextmanager
def running(components, place):
    """Its address; it ends with the block."""
    config = place / "alertmanager.yml"
    config.write_text(fill("alertmanager.yml", {}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [components.alertmanager, f"--config.file={config}", f"--storage.path={place / 'data'}", f"--web.listen-address={address}"]
    directory = at if (at := templates(components.alertmanager)).is_dir() else place
    with (place / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--cluster.listen-address="], cwd=directory, stdout=log, stderr=log)
        try:
            eventually(lambda: answers(f"http://{address}"), seconds=20, what=f"Alertmanager ready, see {place / 'log'}")
            yield f"http://{address}"
        finally:
            process.terminate()
            process.wait(20)
