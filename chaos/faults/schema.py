"""An incompatible change of the schema: a captured column gets another name, rows change meanwhile, and it gets its name back."""

from __future__ import annotations

import psycopg

from chaos.faults.base import Room

_OTHER = "description_renamed_by_chaos"
_FIND = "SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'items' AND column_name = %s"
_VICTIM = "renamed.column@chaos.example.org"


class RenameColumn:
    """`items.description` goes away and comes back. Rows that change meanwhile are the fault's own; the API's writes of items fail."""

    def describe(self) -> str:
        """See Fault."""
        return "rename the column items.description under the pipeline's feet, change rows, and rename it back"

    def inject(self, room: Room) -> None:
        """See Fault."""
        room.sql("INSERT INTO users (name, email) VALUES ('column', %s) ON CONFLICT (email) DO NOTHING", _VICTIM)
        room.sql(
            "INSERT INTO items (owner_id, title, description, price) "
            "SELECT id, 'before', 'kept', n FROM users, generate_series(1, 20) n WHERE email = %s",
            _VICTIM,
        )
        room.sql(f"ALTER TABLE items RENAME COLUMN description TO {_OTHER}")
        room.sql("UPDATE items SET title = 'while renamed' WHERE owner_id = (SELECT id FROM users WHERE email = %s)", _VICTIM)

    def effect(self, room: Room) -> str:
        """See Fault."""
        return f"items.description is called {_OTHER}" if room.sql(_FIND, _OTHER) else ""

    def heal(self, room: Room) -> None:
        """See Fault. What was captured without the column is read again: a snapshot of those rows."""
        if not room.sql(_FIND, _OTHER):
            return
        try:
            room.sql(f"ALTER TABLE items RENAME COLUMN {_OTHER} TO description")
        except psycopg.errors.UndefinedColumn:
            return
        room.sql("UPDATE items SET title = 'renamed back' WHERE owner_id = (SELECT id FROM users WHERE email = %s)", _VICTIM)
