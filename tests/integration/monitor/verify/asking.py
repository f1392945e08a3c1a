"""What the tests of verify share."""

import pytest
from bson import ObjectId

from monitor.verify import Effort, verify

QUICK = Effort(recheck_seconds=0, chunk=7)

market = pytest.mark.parametrize("schema", ["market"], indirect=True)
shop = pytest.mark.parametrize("schema", ["shop"], indirect=True)


def findings(world, effort=QUICK):
    """(collection, id) -> verdict, {path: (postgres, mongodb)}."""
    report = verify(world.settings, world.documents, effort)
    found = {}
    for collection in report.collections:
        for finding in collection.findings:
            found[collection.collection, finding.key] = (finding.verdict, {d.path: (d.postgres, d.mongodb) for d in finding.differences})
    assert report.ok is (not found)
    return found


def change(world, collection, key, **values):
    """As a faulty worker would: with a fresh `_rev`."""
    assert world.db[collection].update_one({"_id": key}, {"$set": {"_rev": ObjectId(), **values}}).modified_count == 1


def first(world, collection, query):
    found = world.db[collection].find_one(query, sort=[("_id", 1)])
    assert found is not None
    return found
