"""Every case of grafana/prometheus/tests, run by promtool: the set of firing alerts is exactly the one that the case names."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from tests.promtool import DIRECTORY, as_test, cases

FILES = sorted({(case.file, case.profile) for case in cases()})


@pytest.fixture(scope="module")
def results(components, tmp_path_factory):
    """(file, profile) -> promtool's end; as many run beside each other as there are cores."""
    place = tmp_path_factory.mktemp("promtool")

    def run(file, profile):
        tests = [as_test(case, DIRECTORY / "rules" / f"{profile}.yml") for case in cases() if (case.file, case.profile) == (file, profile)]
        path = place / f"{profile}-{file}"
        path.write_text(
            yaml.safe_dump({**tests[0], "tests": [test for one in tests for test in one["tests"]]}, sort_keys=False, width=1000)
        )
        return subprocess.run([components.promtool, "test", "rules", path], capture_output=True, text=True, timeout=240, check=False)

    with ThreadPoolExecutor(2) as pool:
        running = {key: pool.submit(run, *key) for key in FILES}
    return {key: done.result() for key, done in running.items()}


@pytest.mark.parametrize(("file", "profile"), FILES, ids=[f"{file}-{profile}" for file, profile in FILES])
def test_the_alerts_that_fire_are_those_of_the_case(file, profile, results):
    done = results[file, profile]
    assert done.returncode == 0, done.stdout + done.stderr
