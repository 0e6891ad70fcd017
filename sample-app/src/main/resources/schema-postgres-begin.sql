-- CREATE TABLE IF NOT EXISTS does not see what another session is about to make, and fails when that commits. So one after the other;
-- the lock goes with the transaction, which schema-postgres-end.sql ends.
BEGIN;
SELECT pg_advisory_xact_lock(hashtext('holdfast sample: tables'));
