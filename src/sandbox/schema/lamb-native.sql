-- What the native edition's migrations add, in their order.
ALTER TABLE {p}Creator_users ADD COLUMN lti_user_id TEXT;
ALTER TABLE {p}Creator_users ADD COLUMN auth_provider TEXT NOT NULL DEFAULT 'password';
ALTER TABLE {p}Creator_users ADD COLUMN password_hash TEXT;
ALTER TABLE {p}Creator_users ADD COLUMN role TEXT NOT NULL DEFAULT 'user';
CREATE UNIQUE INDEX idx_{p}creator_users_org_lti ON {p}Creator_users (organization_id, lti_user_id)
    WHERE lti_user_id IS NOT NULL;
CREATE INDEX idx_{p}creator_users_lti_user_id ON {p}Creator_users (lti_user_id);
CREATE TABLE {p}audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER NOT NULL REFERENCES {p}organizations (id),
    actor_user_id INTEGER NOT NULL REFERENCES {p}Creator_users (id),
    action TEXT NOT NULL,
    target_type TEXT,
    target_id TEXT,
    details TEXT,
    created_at INTEGER NOT NULL
);
