//! `GET /api/v1/auths/` with every kind of token, and for users in whose rows something is wrong.

use super::*;

/// Every kind of `Authorization`.
pub(super) const TOKENS: &[Row] = &[
    Row { name: "no token", want: ANONYMOUS, ..AUTHS },
    Row { name: "empty", headers: &[("Authorization", "")], want: ANONYMOUS, ..AUTHS },
    Row { name: "malformed", headers: &[("Authorization", "Bearer abc.def")], want: REFUSED, ..AUTHS },
    Row {
        name: "raw token",
        headers: &[("Authorization", "<plain.token>")],
        want: [ANONYMOUS[0], CRASH, ANONYMOUS[2]],
        ..AUTHS
    },
    Row {
        name: "Basic",
        headers: &[("Authorization", "Basic dXNlcjpwYXNz")],
        want: [ANONYMOUS[0], ANONYMOUS[1], REFUSED[2]],
        ..AUTHS
    },
    // Without the blank 0.6.43 crashes and 0.12.4 says "Not authenticated"; hyper takes the blank off, so that the
    // stand-in cannot tell these two apart, and answers this one.
    Row {
        name: "bearer and a blank",
        headers: &[("Authorization", "Bearer ")],
        want: [ANONYMOUS[0], ANONYMOUS[1], REFUSED[2]],
        ..AUTHS
    },
    Row { name: "lower-case bearer", headers: &[("Authorization", "bearer <plain.token>")], ..AUTHS },
    Row {
        name: "doubled Bearer",
        headers: &[("Authorization", "Bearer Bearer <plain.token>")],
        want: [REFUSED[0], CRASH, REFUSED[2]],
        ..AUTHS
    },
    Row {
        name: "two blanks",
        headers: &[("Authorization", "Bearer  <plain.token>")],
        want: [REFUSED[0], CRASH, CRASH],
        ..AUTHS
    },
    Row { name: "null", headers: &[("Authorization", "Bearer null")], want: REFUSED, ..AUTHS },
    Row { name: "undefined", headers: &[("Authorization", "Bearer undefined")], want: REFUSED, ..AUTHS },
    Row { name: "expired", headers: &[("Authorization", "Bearer <plain.expired>")], want: REFUSED, ..AUTHS },
    Row { name: "issued tomorrow", headers: &[("Authorization", "Bearer <plain.future-iat>")], want: REFUSED, ..AUTHS },
    Row {
        name: "not before tomorrow",
        headers: &[("Authorization", "Bearer <plain.future-nbf>")],
        want: REFUSED,
        ..AUTHS
    },
    Row { name: "wrong signature", headers: &[("Authorization", "Bearer <plain.forged>")], want: REFUSED, ..AUTHS },
    Row { name: "alg none", headers: &[("Authorization", "Bearer <plain.unsigned>")], want: REFUSED, ..AUTHS },
    Row {
        name: "unknown id",
        headers: &[("Authorization", "Bearer <plain.unknown>")],
        want: [EXPIRED, EXPIRED, INVALID_AUTH],
        ..AUTHS
    },
    Row {
        name: "no id (LAMB's claims)",
        headers: &[("Authorization", "Bearer <plain.lambs>")],
        want: REFUSED,
        ..AUTHS
    },
    Row {
        name: "only an id",
        headers: &[("Authorization", "Bearer <plain.bare>")],
        want: ["200 json", "200 json", "401 Invalid token"],
        ..AUTHS
    },
    Row { name: "wrong API key", headers: WRONG_KEY, open: true, want: [EXPIRED; 3], ..AUTHS },
    Row { name: "wrong API key, keys off", headers: WRONG_KEY, want: [KEYS_OFF, EXPIRED, EXPIRED], ..AUTHS },
    Row { name: "valid", headers: PLAIN, looks: VALID, ..AUTHS },
    Row { name: "valid, the admin's", headers: ADMIN, ..AUTHS },
    Row {
        name: "valid, the header names its user",
        headers: &[("Authorization", "Bearer <plain.token>"), ("X-User-Email", "plain@contract.example")],
        ..AUTHS
    },
    Row {
        name: "valid, the header names another",
        headers: &[("Authorization", "Bearer <plain.token>"), ("X-User-Email", "bulk00@contract.example")],
        want: ["200 json", "401 User mismatch. Please sign in again.", "401 User mismatch. Please sign in again."],
        ..AUTHS
    },
];
const VALID: &[Look] = &[Value("/id"), Value("/token"), Value("/email"), Value("/profile_image_url")];

/// Good tokens of users in whose rows something is wrong.
pub(super) const TROUBLED: &[Row] = &[
    Row { name: "pending", sql: &["UPDATE user SET role = 'pending' WHERE id = '<self.id>'"], ..BROKEN },
    Row { name: "unknown role", sql: &["UPDATE user SET role = 'superuser' WHERE id = '<self.id>'"], ..BROKEN },
    Row {
        name: "inactive",
        sql: &["UPDATE auth SET active = 0 WHERE id = '<self.id>'"],
        want: ["200 json", "200 json", INVALID_AUTH],
        ..BROKEN
    },
    Row {
        name: "auth row missing",
        sql: &["DELETE FROM auth WHERE id = '<self.id>'"],
        want: ["200 json", "200 json", INVALID_AUTH],
        ..BROKEN
    },
    Row { name: "user row gone", sql: &["DELETE FROM user WHERE id = '<self.id>'"], want: [EXPIRED; 3], ..BROKEN },
    Row {
        name: "both rows gone",
        sql: &["DELETE FROM user WHERE id = '<self.id>'", "DELETE FROM auth WHERE id = '<self.id>'"],
        want: [EXPIRED, EXPIRED, INVALID_AUTH],
        ..BROKEN
    },
    Row {
        name: "settings '{not json'",
        sql: &["UPDATE user SET settings = '{not json' WHERE id = '<self.id>'"],
        want: [EXPIRED, EXPIRED, CRASH],
        ..BROKEN
    },
    Row {
        name: "info '{not json'",
        sql: &["UPDATE user SET info = '{not json' WHERE id = '<self.id>'"],
        want: [EXPIRED, EXPIRED, CRASH],
        ..BROKEN
    },
    Row {
        name: "settings '\"str\"'",
        sql: &["UPDATE user SET settings = '\"str\"' WHERE id = '<self.id>'"],
        want: [EXPIRED, EXPIRED, UNAVAILABLE],
        ..BROKEN
    },
    Row {
        name: "created_at 'abc'",
        sql: &["UPDATE user SET created_at = 'abc' WHERE id = '<self.id>'"],
        want: [EXPIRED, EXPIRED, UNAVAILABLE],
        ..BROKEN
    },
    Row { name: "no profile image", sql: &["UPDATE user SET profile_image_url = '' WHERE id = '<self.id>'"], ..BROKEN },
    Row {
        name: "session stamp changed (revoked)",
        sql: &["UPDATE auth SET session_stamp = 'another' WHERE id = '<self.id>'"],
        needs: Some(("auth", "session_stamp")),
        want: ["", "", "401 Invalid token"],
        ..BROKEN
    },
    Row {
        name: "only an id, user older than session stamps",
        headers: &[("Authorization", "Bearer <self.bare>")],
        sql: &["UPDATE auth SET session_stamp = NULL WHERE id = '<self.id>'"],
        needs: Some(("auth", "session_stamp")),
        want: ["", "", "200 json"],
        ..AUTHS
    },
    Row { name: "API key of 0.5", open: true, want: ["200 json", "", ""], ..KEY_0_5 },
    Row { name: "API key of 0.5, keys off", want: [KEYS_OFF, "", ""], ..KEY_0_5 },
    Row {
        name: "API key since 0.6, an admin's",
        open: true,
        sql: &[KEY_0_6_SQL, "UPDATE user SET role = 'admin' WHERE id = '<self.id>'"],
        want: ["", "200 json", "403 A human session is required."],
        ..KEY_0_6
    },
    Row { name: "API key since 0.6, a plain user's", open: true, want: ["", KEYS_OFF, KEYS_OFF], ..KEY_0_6 },
    Row { name: "API key since 0.6, keys off", want: ["", KEYS_OFF, KEYS_OFF], ..KEY_0_6 },
    Row {
        name: "mixed case stored",
        sql: &["UPDATE user SET email = 'Self@Contract.Example' WHERE id = '<self.id>'"],
        ..BROKEN
    },
];
const UNAVAILABLE: &str = "503 Authentication is temporarily unavailable.";
const WRONG_KEY: &[(&str, &str)] = &[("Authorization", "Bearer sk-00000000000000000000000000000000")];
const OWN_KEY: &[(&str, &str)] = &[("Authorization", "Bearer sk-<self.id>")];
const KEYS_OFF: &str = "403 Use of API key is not enabled in the environment.";
const KEY_0_5: Row = Row {
    headers: OWN_KEY,
    sql: &["UPDATE user SET api_key = 'sk-<self.id>' WHERE id = '<self.id>'"],
    needs: Some(("user", "api_key")),
    ..AUTHS
};
const KEY_0_6: Row = Row { headers: OWN_KEY, sql: &[KEY_0_6_SQL], needs: Some(("api_key", "key")), ..AUTHS };
const KEY_0_6_SQL: &str = "INSERT INTO api_key (id, user_id, key, created_at, updated_at) \
                           VALUES ('key-<self.id>', '<self.id>', 'sk-<self.id>', 0, 0)";
