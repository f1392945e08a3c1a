"""Commands on a stack that runs: the session's own. Each test leaves it as it found it."""

import os
import signal

from tests.waiting import eventually


def pids(stack):
    return {name: row["pid"] for name, row in stack.status().items()}


def test_every_service_of_a_started_stack_is_ready(stack):
    rows = stack.status()
    assert {name for name, row in rows.items() if not row["ready"]} == set()
    ours = {"worker-1", "api", "prober", "keeper", "board"}
    assert set(rows) == {"postgres", "kafka", "connect", "connector", "mongo", "redis", "alertmanager", "prometheus"} | ours


def test_a_second_up_attaches_and_changes_nothing(stack):
    before = pids(stack)
    said = stack.up().stdout
    assert "attached, nothing was changed" in said
    assert pids(stack) == before


def test_workers_come_and_go_while_the_others_keep_running(stack):
    before = pids(stack)
    stack.up("--workers", 2)
    assert stack.status()["worker-2"]["ready"]
    said = stack.up().stdout
    assert "nothing was changed" in said, "without a number it keeps what there is"
    stack.up("--workers", 1)
    assert pids(stack) == before


def test_more_workers_than_partitions_are_refused(stack):
    done = stack.run("up", "--workers", 5, check=False)
    assert done.returncode == 1
    assert "from 1 to 4" in done.stdout


def test_restart_renews_one_program_and_waits_until_all_are_ready(stack):
    before = pids(stack)
    stack.run("restart", "kafka")
    # A worker that loses Kafka for a moment may rebalance just after it was seen ready.
    eventually(lambda: all(row["ready"] for row in stack.status().values()), seconds=60, what="everything ready again")
    after = stack.status()
    assert {name for name, row in after.items() if row["pid"] != before[name]} == {"kafka"}


def test_restarting_what_does_not_exist_names_what_does(stack):
    done = stack.run("restart", "kafak", check=False)
    assert done.returncode == 1
    assert "worker-1" in done.stdout


def test_a_killed_worker_comes_back_by_itself(stack):
    before = pids(stack)["worker-1"]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: (row := stack.status()["worker-1"])["ready"] and row["pid"] != before, seconds=60, what="worker-1 ready again")


def test_another_offset_for_a_running_stack_is_refused(stack):
    done = stack.run("status", check=False)
    assert done.returncode == 0
    other = type(stack)(stack.directory, stack.offset + 1)
    done = other.run("up", check=False)
    assert done.returncode == 1
    assert f"STACK_PORT_OFFSET={stack.offset}" in done.stdout


def test_exec_runs_a_command_with_every_setting(stack):
    said = stack.run("exec", "--", "python", "-c", "import os; print(os.environ['CDC_BROKER'], os.environ['VERIFY_MONGO_DB'])").stdout
    assert said.split() == [stack.env["CDC_BROKER"], "cdc"]


def test_logs_shows_the_workers_when_asked_for_worker(stack):
    assert stack.run("logs", "postgres", "-n", "5").stdout.strip()
    assert "There are:" in stack.run("logs", "nobody", check=False).stdout


def test_passwords_are_readable_by_their_owner_only(stack):
    for name in ("env", "secrets.json", "etc/supervisord.conf"):
        assert (stack.directory / name).stat().st_mode & 0o077 == 0, name


def test_a_fresh_database_has_the_schema(postgres_dsn, stack):
    import psycopg

    with psycopg.connect(postgres_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)
