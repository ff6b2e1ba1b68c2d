-- What the native edition's migrations add, in their order.
ALTER TABLE {p}Creator_users ADD COLUMN lti_user_id TEXT;
ALTER TABLE {p}Creator_users ADD COLUMN auth_provider TEXT NOT NULL DEFAULT 'password';
ALTER TABLE {p}Creator_users ADD COLUMN password_hash TEXT;
ALTER TABLE {p}Creator_users ADD COLUMN role TEXT NOT NULL DEFAULT 'user';
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
