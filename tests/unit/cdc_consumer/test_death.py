"""How a worker's process ends when it must."""

import subprocess
import sys

import pytest

DIES = "from cdc_consumer.death import die; die(ValueError('no way on'))"
HANGS = "import time; from cdc_consumer.death import bound_stop; bound_stop(0.2); time.sleep(60)"


@pytest.mark.parametrize("code", [DIES, HANGS], ids=["dies", "hangs-while-it-stops"])
@pytest.mark.parametrize("read", [True, False], ids=["log-read", "nobody-reads-the-log"])
def test_the_process_ends_with_its_exit_code(code, read):
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout
    if read:
        said = process.stdout.read()
        assert b"worker_died" in said
    process.stdout.close()
    assert process.wait(20) == 70
