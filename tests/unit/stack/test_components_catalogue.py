"""What would have to be fetched."""

import pytest

from stack.components import catalogue, provide, wheels
from stack.errors import StackError


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A machine with an empty cache and nothing on PATH."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("CDC_CACHE", str(tmp_path / "cache"))
    return programs


def test_an_empty_cache_lacks_everything(empty):
    assert catalogue.missing() == {"postgres", "mongodb", "redis", "kafka", "prometheus"}


def test_what_is_on_path_is_not_fetched(empty):
    for name in ("prometheus", "promtool"):
        (empty / name).touch(mode=0o755)
    assert "prometheus" in catalogue.missing(), "Alertmanager comes with the package"
    for name in ("alertmanager", "amtool"):
        (empty / name).touch(mode=0o755)
    assert "prometheus" not in catalogue.missing()


def test_an_unpacked_wheel_counts_until_its_pin_changes(empty, tmp_path, monkeypatch):
    source = catalogue._wheel(tmp_path / "cache", "redis", catalogue.REDIS)
    source.directory.mkdir(parents=True)
    assert "redis" not in catalogue.missing()
    monkeypatch.setattr(wheels, "pin", lambda project: f"{project}==99")
    assert "redis" in catalogue.missing()


def test_without_java_nothing_is_downloaded(empty, tmp_path, monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(StackError, match="Java is missing"):
        provide(print)
    assert not (tmp_path / "cache").exists()
