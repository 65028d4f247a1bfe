"""PostgreSQL refuses, at the end of a transaction, a `view_case` permission on which no key hangs: whatever code or hand wrote it."""

from django.db import migrations

TABLES = {
    "casework_caseuserpermission": "casework_caseuserkey",
    "casework_caseteampermission": "casework_caseteamkey",
}

MAKE = """
CREATE FUNCTION {table}_needs_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM {table} AS row JOIN auth_permission AS kind ON kind.id = row.permission_id
    WHERE row.id = NEW.id AND kind.codename = 'view_case'
      AND NOT EXISTS (SELECT 1 FROM {keys} AS held WHERE held.permission_id = row.id)
  ) THEN
    RAISE EXCEPTION 'a view_case permission without a key';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER {table}_needs_key AFTER INSERT OR UPDATE ON {table}
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {table}_needs_key();
"""
UNMAKE = "DROP TRIGGER {table}_needs_key ON {table}; DROP FUNCTION {table}_needs_key();"


def _run(schema_editor, statement):
    if schema_editor.connection.vendor == "postgresql" and schema_editor.connection.alias == "default":
        for table, keys in TABLES.items():
            schema_editor.execute(statement.format(table=table, keys=keys))


def make(apps, schema_editor):
    _run(schema_editor, MAKE)


def unmake(apps, schema_editor):
    _run(schema_editor, UNMAKE)


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]
    operations = [migrations.RunPython(make, unmake)]
