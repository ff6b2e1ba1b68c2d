CREATE TABLE "user" (id VARCHAR NOT NULL, name VARCHAR, email VARCHAR, role VARCHAR, profile_image_url TEXT, last_active_at BIGINT, updated_at BIGINT, created_at BIGINT, username VARCHAR(50), bio TEXT, gender TEXT, date_of_birth DATE, profile_banner_image_url TEXT, timezone VARCHAR, presence_state VARCHAR, status_emoji VARCHAR, status_message TEXT, status_expires_at BIGINT, oauth JSON, info JSON, settings JSON, scim JSON, variables JSON, PRIMARY KEY (id));
CREATE UNIQUE INDEX uq_user_email_lower ON user (lower(email)) WHERE email IS NOT NULL;
CREATE TABLE auth (id VARCHAR NOT NULL, email VARCHAR, password TEXT, active BOOLEAN, mfa JSON, session_stamp TEXT, PRIMARY KEY (id));
CREATE TABLE api_key (id TEXT NOT NULL, user_id TEXT, "key" TEXT NOT NULL, data JSON, expires_at BIGINT, last_used_at BIGINT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, PRIMARY KEY (id), UNIQUE (id), FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE, UNIQUE ("key"));
CREATE TABLE "group" (id TEXT NOT NULL, user_id TEXT, name TEXT, description TEXT, data JSON, meta JSON, permissions JSON, created_at BIGINT, updated_at BIGINT, parent_group_id TEXT, PRIMARY KEY (id), CONSTRAINT fk_group_parent FOREIGN KEY(parent_group_id) REFERENCES "group" (id) ON DELETE SET NULL, UNIQUE (id));
CREATE TABLE config ("key" TEXT NOT NULL, value JSON NOT NULL, updated_at BIGINT, PRIMARY KEY ("key"));
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('0bd252b206fb');
INSERT INTO config VALUES ('ui.enable_signup', 'false', 1760000000), ('auth.enable_api_keys', 'true', 1760000000);
