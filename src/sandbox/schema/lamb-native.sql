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
ALTER TABLE {p}lti_activity_users ADD COLUMN user_display_name TEXT NOT NULL DEFAULT '';
ALTER TABLE {p}lti_activity_users ADD COLUMN lms_user_id TEXT;
ALTER TABLE {p}lti_activity_users ADD COLUMN owi_user_id TEXT;
ALTER TABLE {p}lti_activity_users ADD COLUMN last_access_at INTEGER;
ALTER TABLE {p}lti_activity_users ADD COLUMN access_count INTEGER NOT NULL DEFAULT 0;
CREATE TABLE {p}lti_creator_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER NOT NULL UNIQUE REFERENCES {p}organizations (id) ON DELETE CASCADE,
    oauth_consumer_key TEXT NOT NULL UNIQUE,
    oauth_consumer_secret TEXT NOT NULL,
    enabled BOOLEAN DEFAULT TRUE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE TABLE {p}lti_global_config (
    id INTEGER PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    oauth_consumer_key TEXT NOT NULL,
    oauth_consumer_secret TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT
);
CREATE TABLE {p}lti_activities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    resource_link_id TEXT NOT NULL UNIQUE,
    organization_id INTEGER NOT NULL,
    owi_group_id TEXT NOT NULL,
    owi_group_name TEXT NOT NULL,
    owner_email TEXT NOT NULL,
    configured_by_email TEXT NOT NULL,
    chat_visibility_enabled INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'active'
);
CREATE TABLE {p}lti_identity_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lms_user_id TEXT NOT NULL,
    lms_email TEXT,
    creator_user_id INTEGER NOT NULL REFERENCES {p}Creator_users (id) ON DELETE CASCADE,
    linked_at INTEGER NOT NULL
);
