//! What an admin changes about somebody: which version takes it where, and what it does to both tables.

use super::*;

const ROLE: Row = Row {
    method: "POST",
    path: "/api/v1/users/update/role",
    headers: ADMIN,
    body: Some(r#"{"id":"<self.id>","role":"user"}"#),
    sql: PENDING,
    looks: &[Value("/id"), Value("/role"), Stored("<self.email>"), StoredAuth("<self.email>")],
    want: ["200 json", NO_METHOD, NO_METHOD],
    ..GET
};
const UPDATE: Row = Row {
    method: "POST",
    path: "/api/v1/users/<self.id>/update",
    headers: ADMIN,
    body: Some(ALL),
    sql: PENDING,
    looks: UPDATED,
    ..GET
};
const ONE: Row = Row {
    path: "/api/v1/users/<self.id>",
    headers: ADMIN,
    sql: PENDING,
    looks: &[Value("/name"), Value("/profile_image_url"), Value("/role"), Has("", &["id", "email", "name", "role"])],
    ..GET
};

const ALL: &str = r#"{"role":"user","name":"Self","email":"<self.email>","profile_image_url":"/user.png"}"#;
const PENDING: &[&str] = &["UPDATE user SET role = 'pending' WHERE id = '<self.id>'"];
const UPPER: &[&str] = &[
    "UPDATE user SET email = upper(email) WHERE id = '<self.id>'",
    "UPDATE auth SET email = upper(email) WHERE id = '<self.id>'",
];
const NO_METHOD: &str = "405 Method Not Allowed";
const NOT_FOUND: &str = "400 We could not find what you're looking for :/";
const UPDATED: &[Look] = &[
    Value("/id"),
    Value("/role"),
    Value("/name"),
    Value("/profile_image_url"),
    Stored("<self.email>"),
    StoredAuth("<self.email>"),
];
const ROLE_ONLY: &str = concat!(
    "422 [",
    r#"{"type":"missing","loc":["body","name"],"msg":"Field required","input":{"role":"user"}}"#,
    ",",
    r#"{"type":"missing","loc":["body","email"],"msg":"Field required","input":{"role":"user"}}"#,
    ",",
    r#"{"type":"missing","loc":["body","profile_image_url"],"msg":"Field required","input":{"role":"user"}}"#,
    "]"
);
const EMAIL_ONLY: &str = concat!(
    "422 [",
    r#"{"type":"missing","loc":["body","name"],"msg":"Field required","input":{"email":"Lone@contract.example"}}"#,
    ",",
    r#"{"type":"missing","loc":["body","profile_image_url"],"msg":"Field required","input":{"email":"Lone@contract.example"}}"#,
    "]"
);
const EMAIL_ONLY_OF_FOUR: &str = concat!(
    "422 [",
    r#"{"type":"missing","loc":["body","role"],"msg":"Field required","input":{"email":"Lone@contract.example"}}"#,
    ",",
    r#"{"type":"missing","loc":["body","name"],"msg":"Field required","input":{"email":"Lone@contract.example"}}"#,
    ",",
    r#"{"type":"missing","loc":["body","profile_image_url"],"msg":"Field required","input":{"email":"Lone@contract.example"}}"#,
    "]"
);
const PASSWORD_ONLY: &str = concat!(
    "422 [",
    r#"{"type":"missing","loc":["body","name"],"msg":"Field required","input":{"password":"a new one.9"}}"#,
    ",",
    r#"{"type":"missing","loc":["body","email"],"msg":"Field required","input":{"password":"a new one.9"}}"#,
    ",",
    r#"{"type":"missing","loc":["body","profile_image_url"],"msg":"Field required","input":{"password":"a new one.9"}}"#,
    "]"
);
const PASSWORD_ONLY_OF_FOUR: &str = concat!(
    "422 [",
    r#"{"type":"missing","loc":["body","role"],"msg":"Field required","input":{"password":"a new one.9"}}"#,
    ",",
    r#"{"type":"missing","loc":["body","name"],"msg":"Field required","input":{"password":"a new one.9"}}"#,
    ",",
    r#"{"type":"missing","loc":["body","email"],"msg":"Field required","input":{"password":"a new one.9"}}"#,
    ",",
    r#"{"type":"missing","loc":["body","profile_image_url"],"msg":"Field required","input":{"password":"a new one.9"}}"#,
    "]"
);
const RESTRICTED: &str = "403 The requested action has been restricted as a security measure.";
const UNVERIFIED: &str = "500 Could not verify primary admin status.";

/// The role, the e-mail, and all of it.
pub(super) const UPDATES: &[Row] = &[
    Row { name: "role", ..ROLE },
    Row { name: "role of nobody", body: Some(r#"{"id":"nobody","role":"user"}"#), looks: &[Kind("")], ..ROLE },
    Row {
        name: "role of an unreadable row",
        sql: &["UPDATE user SET role = 'pending', settings = '{not json' WHERE id = '<self.id>'"],
        looks: &[Kind("")],
        ..ROLE
    },
    Row { name: "role, as a plain user", headers: PLAIN, want: [FORBIDDEN_401, NO_METHOD, NO_METHOD], ..ROLE },
    Row { name: "role, no token", headers: &[], want: [ANONYMOUS[0], NO_METHOD, NO_METHOD], ..ROLE },
    Row {
        name: "role of the first admin",
        body: Some(r#"{"id":"<admin.id>","role":"user"}"#),
        want: [RESTRICTED, NO_METHOD, NO_METHOD],
        ..ROLE
    },
    Row { name: "one", ..ONE },
    Row { name: "one, nobody", path: "/api/v1/users/nobody", want: [NOT_FOUND; 3], ..ONE },
    Row { name: "one, no token", headers: &[], want: ANONYMOUS, ..ONE },
    Row { name: "one, as a plain user", headers: PLAIN, want: ["200 json", "200 json", FORBIDDEN_401], ..ONE },
    Row { name: "update, all fields", ..UPDATE },
    Row {
        name: "update, any role",
        body: Some(r#"{"role":"teacher","name":"Self","email":"<self.email>","profile_image_url":"/user.png"}"#),
        ..UPDATE
    },
    Row {
        name: "update, the role alone",
        body: Some(r#"{"role":"user"}"#),
        looks: &[Value("/role"), Stored("<self.email>")],
        want: [ROLE_ONLY, ROLE_ONLY, "200 json"],
        ..UPDATE
    },
    Row {
        name: "update, the e-mail alone",
        body: Some(r#"{"email":"Lone@contract.example"}"#),
        sql: &["UPDATE auth SET email = 'old.' || email WHERE id = '<self.id>'"],
        looks: &[Value("/role"), Stored("lone@contract.example"), StoredAuth("lone@contract.example")],
        want: [EMAIL_ONLY, EMAIL_ONLY_OF_FOUR, "200 json"],
        ..UPDATE
    },
    Row {
        name: "update, a password too",
        body: Some(
            r#"{"role":"user","name":"Self","email":"<self.email>","profile_image_url":"/user.png","password":"a new one.9"}"#,
        ),
        looks: &[Value("/id"), Password("a new one.9"), Stored("<self.email>"), StoredAuth("<self.email>")],
        ..UPDATE
    },
    Row {
        name: "update, an empty password",
        body: Some(
            r#"{"role":"user","name":"Self","email":"<self.email>","profile_image_url":"/user.png","password":""}"#,
        ),
        looks: &[Value("/id"), Password("")],
        ..UPDATE
    },
    Row {
        name: "update, the password alone",
        body: Some(r#"{"password":"a new one.9"}"#),
        looks: &[Kind("/id"), Password("a new one.9")],
        want: [PASSWORD_ONLY, PASSWORD_ONLY_OF_FOUR, "200 json"],
        ..UPDATE
    },
    Row {
        name: "update, auth has another e-mail",
        sql: &["UPDATE auth SET email = 'old.' || email WHERE id = '<self.id>'"],
        ..UPDATE
    },
    Row { name: "update, no auth row", sql: &["DELETE FROM auth WHERE id = '<self.id>'"], ..UPDATE },
    Row { name: "update, in upper case before", sql: UPPER, want: ["200 json", "200 json", TAKEN], ..UPDATE },
    Row {
        name: "update, with a blank before",
        sql: &[
            "UPDATE user SET email = ' ' || email WHERE id = '<self.id>'",
            "UPDATE auth SET email = ' ' || email WHERE id = '<self.id>'",
        ],
        ..UPDATE
    },
    Row {
        name: "update, to an e-mail that is taken",
        body: Some(r#"{"role":"user","name":"Self","email":"plain@contract.example","profile_image_url":"/user.png"}"#),
        want: [TAKEN; 3],
        ..UPDATE
    },
    Row {
        name: "update of an unreadable row",
        sql: &["UPDATE user SET settings = '{not json' WHERE id = '<self.id>'"],
        want: [NOT_FOUND, NOT_FOUND, CRASH],
        ..UPDATE
    },
    Row { name: "update of nobody", path: "/api/v1/users/nobody/update", want: [NOT_FOUND; 3], ..UPDATE },
    Row { name: "update, as a plain user", headers: PLAIN, want: [FORBIDDEN_401; 3], ..UPDATE },
    Row { name: "update, no token", headers: &[], want: ANONYMOUS, ..UPDATE },
    Row {
        name: "update of the first admin to a user",
        path: "/api/v1/users/<admin.id>/update",
        body: Some(r#"{"role":"user","name":"Admin User","email":"admin@admin.owi","profile_image_url":"/user.png"}"#),
        looks: &[Value("/role")],
        want: ["200 json", UNVERIFIED, RESTRICTED],
        ..UPDATE
    },
];
