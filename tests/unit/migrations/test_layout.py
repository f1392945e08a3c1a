from pathlib import Path

import alembic
from alembic.config import Config
from alembic.script import ScriptDirectory

ROOT = Path(__file__).parents[3]


def test_the_folder_does_not_shadow_the_package():
    assert not (ROOT / "alembic" / "__init__.py").exists()
    assert "site-packages" in str(alembic.__file__)


def test_there_is_one_head():
    assert len(ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_heads()) == 1


def test_file_names_begin_with_the_date():
    for path in (ROOT / "alembic" / "versions").glob("*.py"):
        date, time, *_ = path.stem.split("_")
        assert (len(date), len(time)) == (8, 4)
        assert (date + time).isdigit()


def test_no_address_stands_in_the_ini_file():
    assert "sqlalchemy.url" not in (ROOT / "alembic.ini").read_text()
