"""A record that nobody can read goes aside; its key waits, everything else goes on; then it is discarded and the key catches up."""

import json
import uuid

from confluent_kafka import Producer

from tests.e2e.api import until

COMMAND = ("python", "-m", "cdc_consumer", "dead-letters")


def waiting(stack):
    answer = stack.exec("bash", "-c", " ".join(COMMAND) + " list --json || test $? = 1").stdout  # 1 says that something waits
    return {row["key"]: row for row in json.loads(answer)}


def test_poison_parks_and_blocks_only_its_own_key(stack, api):
    word = uuid.uuid4().hex[:8]
    user = api.post("/v1/users", json={"name": "Eve", "email": f"eve.{word}@example.org"}).json()
    path = f"/v1/users/{user['id']}"
    until(lambda: api.get(path).status_code, lambda status: status == 200)

    producer = Producer({"bootstrap.servers": stack.env["CDC_BROKER"], "partitioner": "murmur2_random"})  # as Connect
    key = f'{{"id":{user["id"]}}}'
    producer.produce("cdc.public.users", key=key, value=b"\x00 not an envelope")
    assert producer.flush(10) == 0
    lane = f"cdc.public.users {key}"
    row = until(lambda: waiting(stack).get(lane), lambda found: found is not None)
    assert (row["records"], row["cause"]) == (1, "not_json")

    assert api.put(path, json={"name": "Eve the second", "email": user["email"]}).status_code == 200
    until(lambda: waiting(stack)[lane]["records"], lambda records: records == 2)
    other = api.post("/v1/users", json={"name": "Mallory", "email": f"mallory.{word}@example.org"}).json()
    until(lambda: api.get(f"/v1/users/{other['id']}").status_code, lambda status: status == 200)
    assert api.get(path).json()["name"] == "Eve"

    letters = json.loads(stack.exec(*COMMAND, "show", "--key", lane, "--json").stdout)
    assert letters[0]["value"] == "\x00 not an envelope"
    stack.exec(*COMMAND, "discard", "--letter", str(letters[0]["letter"]))
    assert "1 done, up to date" in stack.exec(*COMMAND, "replay", "--key", lane).stdout
    until(lambda: api.get(path).json()["name"], lambda name: name == "Eve the second")
    assert lane not in waiting(stack)
