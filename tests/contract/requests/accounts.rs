//! Trusted sign-in, and what an admin asks for.

use super::*;

/// Trusted sign-in, the way LAMB takes every token of Open WebUI.
pub(super) const SIGN_INS: &[Row] = &[
    Row { name: "sign-in, existing", headers: &[("X-User-Email", "plain@contract.example")], ..SIGN_IN },
    Row { name: "sign-in, header in mixed case", headers: &[("X-User-Email", "Plain@Contract.EXAMPLE")], ..SIGN_IN },
    Row {
        name: "sign-in, new, signup off",
        headers: &[("X-User-Email", "new-off@contract.example"), ("X-User-Name", "New Off")],
        looks: &[Stored("new-off@contract.example"), Value("/name"), Value("/email"), Value("/role")],
        want: [FORBIDDEN_403, FORBIDDEN_403, "200 json"],
        ..SIGN_IN
    },
    Row {
        name: "sign-in, new, signup on",
        headers: &[("X-User-Email", "New-On@contract.example"), ("X-User-Name", "New On")],
        open: true,
        looks: &[Stored("new-on@contract.example"), Value("/name"), Value("/email"), Value("/role")],
        ..SIGN_IN
    },
    Row {
        name: "sign-in, not an e-mail, signup on",
        headers: &[("X-User-Email", "notanemail"), ("X-User-Name", "X")],
        open: true,
        looks: &[Stored("notanemail")],
        want: [BAD_EMAIL, BAD_EMAIL, "200 json"],
        ..SIGN_IN
    },
    // A header's bytes are read as Latin-1: an é in UTF-8 is two letters, and another account.
    Row {
        name: "sign-in, é in Latin-1",
        headers: &[("X-User-Email", "Jos\u{e9}1@contract.example"), ("X-User-Name", "Jos\u{e9}")],
        open: true,
        looks: &[Stored("jos\u{e9}1@contract.example"), Value("/name"), Value("/email")],
        ..SIGN_IN
    },
    Row {
        name: "sign-in, é in UTF-8",
        headers: &[("X-User-Email", "jos\u{c3}\u{a9}2@contract.example"), ("X-User-Name", "Jos\u{c3}\u{a9}")],
        open: true,
        looks: &[Stored("jos\u{e3}\u{a9}2@contract.example"), Value("/name"), Value("/email")],
        ..SIGN_IN
    },
    // Percent-encoded, an e-mail stays as it is; a name is decoded since 0.6.
    Row {
        name: "sign-in, é percent-encoded",
        headers: &[("X-User-Email", "jos%C3%A93@contract.example"), ("X-User-Name", "Jos%C3%A9")],
        open: true,
        looks: &[Stored("jos%c3%a93@contract.example"), Value("/name"), Value("/email")],
        ..SIGN_IN
    },
    Row {
        name: "sign-in, no name",
        headers: &[("X-User-Email", "nameless@contract.example")],
        open: true,
        looks: &[Stored("nameless@contract.example"), Value("/name")],
        ..SIGN_IN
    },
    Row {
        name: "sign-in, no header",
        body: Some(r#"{"email":"plain@contract.example","password":"contract"}"#),
        want: [NO_HEADER; 3],
        ..SIGN_IN
    },
    Row {
        name: "sign-in, no body",
        headers: &[("X-User-Email", "plain@contract.example")],
        body: None,
        want: [MISSING_BODY, MISSING_BODY, "422 Invalid authentication request."],
        ..SIGN_IN
    },
    Row {
        name: "sign-in, pending",
        headers: &[("X-User-Email", "<self.email>")],
        sql: &["UPDATE user SET role = 'pending' WHERE id = '<self.id>'"],
        ..SIGN_IN
    },
    Row {
        name: "sign-in, inactive",
        headers: &[("X-User-Email", "<self.email>")],
        sql: &["UPDATE auth SET active = 0 WHERE id = '<self.id>'"],
        want: [INCORRECT; 3],
        ..SIGN_IN
    },
    Row {
        name: "sign-in, auth row missing",
        headers: &[("X-User-Email", "<self.email>")],
        sql: &["DELETE FROM auth WHERE id = '<self.id>'"],
        want: [INCORRECT; 3],
        ..SIGN_IN
    },
    Row {
        name: "sign-in, mixed case stored, signup off",
        headers: &[("X-User-Email", "<self.email>")],
        sql: MIXED,
        looks: &[Stored("<self.email>")],
        want: [FORBIDDEN_403, FORBIDDEN_403, INCORRECT],
        ..SIGN_IN
    },
    Row {
        name: "sign-in, mixed case stored, signup on",
        headers: &[("X-User-Email", "<self.email>")],
        open: true,
        sql: MIXED,
        looks: &[Stored("<self.email>")],
        want: ["200 json", "200 json", INCORRECT],
        ..SIGN_IN
    },
];
const MIXED: &[&str] = &[
    "UPDATE user SET email = upper(substr(email, 1, 1)) || substr(email, 2) WHERE id = '<self.id>'",
    "UPDATE auth SET email = upper(substr(email, 1, 1)) || substr(email, 2) WHERE id = '<self.id>'",
];
const MISSING_BODY: &str = r#"422 [{"type":"missing","loc":["body"],"msg":"Field required","input":null}]"#;

/// What an admin may ask for.
pub(super) const ADMINS: &[Row] = &[
    Row { name: "users", ..USERS },
    Row { name: "users, as a plain user", headers: PLAIN, want: [FORBIDDEN_401; 3], ..USERS },
    Row { name: "users, no token", headers: &[], want: ANONYMOUS, ..USERS },
    Row { name: "users, first page", path: "/api/v1/users/?page=1", looks: &[Kind(""), Len("/users")], ..USERS },
    Row { name: "users, second page", path: "/api/v1/users/?page=2", ..USERS },
    Row { name: "users, page 99", path: "/api/v1/users/?page=99", looks: &[Kind(""), Len("/users")], ..USERS },
    Row { name: "users, query", path: "/api/v1/users/?query=bulk0", looks: BULKS, ..USERS },
    Row { name: "users, query in capitals", path: "/api/v1/users/?query=BULK0", looks: BULKS, ..USERS },
    Row {
        name: "users, query by e-mail",
        path: "/api/v1/users/?query=bulk07%40contract.example",
        looks: BULKS,
        ..USERS
    },
    Row { name: "users, query and page", path: "/api/v1/users/?query=bulk&page=2", looks: BULKS, ..USERS },
    Row { name: "users, by e-mail", path: "/api/v1/users/?order_by=email&direction=asc", looks: ENDS, ..USERS },
    Row {
        name: "users, by e-mail, backwards",
        path: "/api/v1/users/?order_by=email&direction=desc",
        looks: ENDS,
        ..USERS
    },
    Row { name: "users, by e-mail, no direction", path: "/api/v1/users/?order_by=email&page=2", looks: ENDS, ..USERS },
    Row { name: "users, by name", path: "/api/v1/users/?order_by=name&direction=asc&page=2", looks: ENDS, ..USERS },
    Row { name: "users, oldest first", path: "/api/v1/users/?order_by=created_at&direction=asc", looks: ENDS, ..USERS },
    Row { name: "users, by nothing known", path: "/api/v1/users/?order_by=nope", looks: FIRST, ..USERS },
    Row {
        name: "users, by e-mail, of a search",
        path: "/api/v1/users/?query=bulk&order_by=email&direction=asc&page=2",
        looks: ENDS,
        ..USERS
    },
    Row {
        name: "users, far behind the last",
        path: "/api/v1/users/?skip=4000000&limit=1&page=133333",
        looks: &[Kind(""), Len(""), Len("/users"), Value("/total")],
        ..USERS
    },
    Row {
        name: "users, skip and limit",
        path: "/api/v1/users/?skip=1&limit=3",
        looks: &[Len(""), Len("/users")],
        ..USERS
    },
    Row {
        name: "users, one row of them unreadable",
        sql: &["UPDATE user SET settings = '{not json' WHERE id = '<self.id>'"],
        want: [CRASH; 3],
        ..USERS
    },
    Row {
        name: "users, query for others than the unreadable one",
        path: "/api/v1/users/?query=bulk0",
        sql: &["UPDATE user SET settings = '{not json' WHERE id = '<self.id>'"],
        looks: BULKS,
        want: [CRASH, "200 json", "200 json"],
        ..USERS
    },
    Row {
        name: "users, second page, the unreadable one being on the first",
        path: "/api/v1/users/?page=2",
        sql: &["UPDATE user SET settings = '{not json' WHERE id = '<self.id>'"],
        looks: &[Kind("/users")],
        want: [CRASH, "200 json", "200 json"],
        ..USERS
    },
    Row {
        name: "users, one row of them of the wrong shape",
        sql: &["UPDATE user SET created_at = 'abc' WHERE id = '<self.id>'"],
        want: [CRASH; 3],
        ..USERS
    },
    Row {
        name: "add",
        body: Some(r#"{"name":"Added","email":"Added@Contract.Example","password":"contract","role":"user"}"#),
        looks: &[Value("/email"), Value("/name"), Value("/role"), Kind("/id"), Stored("added@contract.example")],
        ..ADD
    },
    Row {
        name: "add, any role",
        body: Some(r#"{"name":"Teacher","email":"teacher@contract.example","password":"contract","role":"teacher"}"#),
        looks: &[Value("/email"), Value("/role"), Stored("teacher@contract.example")],
        ..ADD
    },
    Row {
        name: "add, taken",
        body: Some(r#"{"name":"Plain","email":"plain@contract.example","password":"contract","role":"user"}"#),
        want: [TAKEN; 3],
        ..ADD
    },
    Row {
        name: "add, taken in another case",
        body: Some(r#"{"name":"Plain","email":"PLAIN@contract.example","password":"contract","role":"user"}"#),
        want: [TAKEN; 3],
        ..ADD
    },
    Row {
        name: "add, as a plain user",
        headers: PLAIN,
        body: Some(r#"{"name":"No","email":"no@contract.example","password":"contract","role":"user"}"#),
        looks: &[Stored("no@contract.example")],
        want: [FORBIDDEN_401; 3],
        ..ADD
    },
    Row {
        name: "add, no token",
        headers: &[],
        body: Some(r#"{"name":"No","email":"nobody@contract.example","password":"contract","role":"user"}"#),
        looks: &[Stored("nobody@contract.example")],
        want: ANONYMOUS,
        ..ADD
    },
];
const FIRST: &[Look] = &[Value("/users/0/email"), Value("/total")];
const ENDS: &[Look] = &[Value("/users/0/email"), Value("/users/4/email"), Value("/users/29/email"), Value("/total")];
const BULKS: &[Look] = &[Bulk(""), Bulk("/users")];
