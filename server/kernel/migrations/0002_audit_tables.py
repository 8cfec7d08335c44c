"""The audit log as a table partitioned by month, its indexes, and the function that makes months ahead.

Django cannot declare a partitioned table: what ``0001_initial`` has made is replaced while it is still empty.
"""

from django.db import migrations

TABLE = """
DROP TABLE kernel_auditlink;
CREATE TABLE kernel_auditlink (
    chain uuid NOT NULL,
    number bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    entries text NOT NULL,
    previous bytea NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (chain, number, at)
) PARTITION BY RANGE (at);

-- Searches by person, organisation, act, subject and whom it is about: entries::jsonb @> '[{"about": ["…"]}]'.
-- The list of what is yet to be sorted in stays short, so that no single transaction pays for many.
CREATE INDEX kernel_auditlink_entries ON kernel_auditlink
    USING gin ((entries::jsonb) jsonb_path_ops) WITH (gin_pending_list_limit = 256);
CREATE INDEX kernel_auditlink_at ON kernel_auditlink USING brin (at) WITH (pages_per_range = 16);

-- Where a link goes when the table of its month is missing: writing never stops for that.
CREATE TABLE kernel_auditlink_other PARTITION OF kernel_auditlink DEFAULT;
"""

# Made apart and then attached: CREATE TABLE … PARTITION OF would wait for every reader, a backup included, and all
# writers behind it. Default privileges would let the running role change the new table directly: they are taken back.
PARTITIONS = """
CREATE FUNCTION kernel_audit_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s'
AS $$
DECLARE
    made integer := 0;
    first timestamp with time zone;
    after timestamp with time zone;
    name text;
    grantee regrole;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('relais audit partitions'));
    FOR ahead IN 0..3 LOOP
        first := date_trunc('month', now()) + make_interval(months => ahead);
        after := first + interval '1 month';
        name := 'kernel_auditlink_' || to_char(first, 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
        CONTINUE WHEN EXISTS (SELECT FROM public.kernel_auditlink_other WHERE at >= first AND at < after);
        EXECUTE format('CREATE TABLE public.%I (LIKE public.kernel_auditlink INCLUDING ALL)', name);
        FOR grantee IN
            SELECT DISTINCT held.grantee::regrole FROM pg_class, aclexplode(relacl) held
            WHERE pg_class.oid = to_regclass('public.' || name) AND held.grantee NOT IN (0, relowner)
        LOOP
            EXECUTE format('REVOKE ALL ON public.%I FROM %s', name, grantee);
        END LOOP;
        EXECUTE format(
            'ALTER TABLE public.kernel_auditlink ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            name, first, after
        );
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION kernel_audit_partitions() FROM PUBLIC;
SELECT kernel_audit_partitions();
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.RunSQL(TABLE, migrations.RunSQL.noop),
        migrations.RunSQL(PARTITIONS, "DROP FUNCTION kernel_audit_partitions()"),
    ]
