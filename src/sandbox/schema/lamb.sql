-- LAMB's tables as the delegated edition has them; {p} stands for the prefix.
CREATE TABLE {p}organizations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    slug TEXT UNIQUE NOT NULL,
    name TEXT NOT NULL,
    is_system BOOLEAN DEFAULT FALSE,
    status TEXT DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'trial')),
    config JSON NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE TABLE {p}Creator_users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER REFERENCES {p}organizations (id),
    user_email TEXT NOT NULL UNIQUE,
    user_name TEXT NOT NULL,
    user_type TEXT NOT NULL DEFAULT 'creator' CHECK (user_type IN ('creator', 'end_user')),
    user_config JSON,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    enabled BOOLEAN NOT NULL DEFAULT 1
);
CREATE INDEX idx_{p}creator_users_org ON {p}Creator_users (organization_id);
CREATE INDEX idx_{p}creator_users_type ON {p}Creator_users (user_type);
CREATE INDEX idx_{p}creator_users_enabled ON {p}Creator_users (enabled);
CREATE TABLE {p}organization_roles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER NOT NULL REFERENCES {p}organizations (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES {p}Creator_users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (organization_id, user_id)
);
CREATE INDEX idx_{p}roles_organization ON {p}organization_roles (organization_id);
CREATE INDEX idx_{p}roles_user ON {p}organization_roles (user_id);
CREATE INDEX idx_{p}roles_role ON {p}organization_roles (role);
CREATE TABLE {p}assistants (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id INTEGER NOT NULL REFERENCES {p}organizations (id),
    name TEXT NOT NULL,
    description TEXT,
    owner TEXT NOT NULL,
    api_callback TEXT,
    system_prompt TEXT,
    prompt_template TEXT,
    RAG_endpoint TEXT,
    RAG_Top_k INTEGER,
    RAG_collections TEXT,
    pre_retrieval_endpoint TEXT,
    post_retrieval_endpoint TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (organization_id, name, owner)
);
CREATE TABLE {p}assistant_publish (
    assistant_id INTEGER PRIMARY KEY REFERENCES {p}assistants (id) ON DELETE CASCADE,
    group_id TEXT NOT NULL,
    oauth_consumer_name TEXT UNIQUE,
    created_at INTEGER NOT NULL
);
CREATE TABLE {p}rubrics (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_email TEXT NOT NULL,
    title TEXT NOT NULL
);
CREATE TABLE {p}lti_users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    assistant_id TEXT NOT NULL,
    assistant_name TEXT NOT NULL DEFAULT '',
    group_id TEXT NOT NULL DEFAULT '',
    group_name TEXT NOT NULL DEFAULT '',
    assistant_owner TEXT NOT NULL DEFAULT '',
    user_email TEXT NOT NULL,
    user_name TEXT NOT NULL DEFAULT '',
    user_display_name TEXT NOT NULL DEFAULT '',
    lti_context_id TEXT NOT NULL DEFAULT '',
    UNIQUE (user_email, assistant_id)
);
CREATE TABLE {p}lti_activity_users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    activity_id INTEGER NOT NULL,
    user_email TEXT NOT NULL,
    user_name TEXT NOT NULL
);
