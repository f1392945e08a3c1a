"""What a database is made of, as its catalogs tell, in a form that can be compared."""

import psycopg

QUERIES = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "identities": "SELECT relname, relreplident FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "publications": "SELECT pubname, pubinsert, pubupdate, pubdelete, pubtruncate FROM pg_publication",
    "published": "SELECT pubname, tablename, attnames::text, rowfilter FROM pg_publication_tables",
    "grants": """
        SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants
        WHERE table_schema = 'public' AND grantee LIKE 'cdc%'""",
    "schema grants": """
        SELECT r.rolname, a.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) a JOIN pg_roles r ON r.oid = a.grantee
        WHERE n.nspname = 'public' AND r.rolname LIKE 'cdc%'""",
    "sequences": "SELECT sequencename, data_type::text, start_value, increment_by FROM pg_sequences WHERE schemaname = 'public'",
    "enums and domains": "SELECT typname, typtype FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')",
}


def catalog(dsn, *, without=("alembic_version",)):
    """Sorted rows by kind."""
    with psycopg.connect(dsn, connect_timeout=5) as connection:
        found = {kind: sorted(map(repr, connection.execute(query).fetchall())) for kind, query in QUERIES.items()}
    return {kind: [row for row in rows if not any(name in row for name in without)] for kind, rows in found.items()}
