import os
import subprocess
import sys

from tests.unit.api.client import settings


def test_passwords_do_not_print():
    assert "hunter2" not in repr(settings())


def test_a_plain_dsn_gets_the_driver():
    assert settings().postgres_dsn.get_secret_value().startswith("postgresql+psycopg://")


def run(arguments, tmp_path, module="api", **variables):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("API_")}
    root = str(tmp_path)  # a directory without .env
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=root,
        env=clean | variables | {"PYTHONPATH": os.getcwd()},  # noqa: PTH109
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_missing_settings_are_named_with_what_to_do(tmp_path):
    ended = run([], tmp_path)
    assert ended.returncode == 1
    assert "API_POSTGRES_DSN" in ended.stderr
    assert "python -m stack exec" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_settings_that_are_not_valid_do_not_print_the_password(tmp_path):
    ended = run([], tmp_path, API_POSTGRES_DSN="mysql://a:hunter2@b/c", API_MONGO_URI="mongodb://a")
    assert ended.returncode == 1
    assert "API_POSTGRES_DSN" in ended.stderr
    assert "hunter2" not in ended.stderr


def test_settings_come_from_dotenv_too(tmp_path):
    (tmp_path / ".env").write_text("API_POSTGRES_DSN=postgresql://a@b/c\nOTHER=1\n")
    assert "API_POSTGRES_DSN" not in run([], tmp_path).stderr


def test_help(tmp_path):
    assert "API_" in run(["--help"], tmp_path).stdout


def test_the_evidence_names_missing_settings_too(tmp_path):
    ended = run([], tmp_path, module="api.evidence")
    assert ended.returncode == 2
    assert "API_POSTGRES_DSN" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_evidence_says_when_nothing_runs(tmp_path):
    ended = run(
        [],
        tmp_path,
        module="api.evidence",
        API_POSTGRES_DSN="postgresql://a@127.0.0.1:1/b",
        API_MONGO_URI="mongodb://127.0.0.1:1",
        API_MONGO_TIMEOUT_S="0.3",
    )
    assert ended.returncode == 2
    assert "make status" in ended.stderr
