//! The table: what is asked, what is compared, and what each version was measured to answer.

mod accounts;
mod tokens;
mod updates;

/// What to read from an answer beside its status and its `detail`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look {
    /// Which of these keys the object at this JSON pointer has.
    Has(&'static str, &'static [&'static str]),
    /// The value at this JSON pointer, ids and tokens by their words.
    Value(&'static str),
    /// What sort of value is there.
    Kind(&'static str),
    /// How many entries the list there has.
    Len(&'static str),
    /// How many entries of the list there are users `bulk…`.
    Bulk(&'static str),
    /// How many users of this e-mail are in the database afterwards.
    Stored(&'static str),
    /// How many rows `auth` has of this e-mail afterwards.
    StoredAuth(&'static str),
    /// Whether the hash of the user `self` is of this password afterwards.
    Password(&'static str),
}

/// One request. In paths, headers, bodies and SQL, `<plain.token>` and its like are the prepared users' (see `World::add`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: Option<&'static str>,
    /// Whether trusted sign-in makes accounts, and API keys are taken, while this is asked.
    pub(crate) open: bool,
    /// Where there are any, the row has a user of its own, `self`, and this is done to it before.
    pub(crate) sql: &'static [&'static str],
    /// The row makes sense only where this table has this column.
    pub(crate) needs: Option<(&'static str, &'static str)>,
    pub(crate) looks: &'static [Look],
    /// Status and `detail` (or the kind of body) of 0.5.6, 0.6.43 and 0.12.4.
    pub(crate) want: [&'static str; 3],
}

use Look::{Bulk, Has, Kind, Len, Password, Stored, StoredAuth, Value};

const GET: Row = Row {
    name: "",
    method: "GET",
    path: "",
    headers: &[],
    body: None,
    open: false,
    sql: &[],
    needs: None,
    looks: &[],
    want: ["200 json"; 3],
};
const AUTHS: Row = Row { path: "/api/v1/auths/", looks: WHO, ..GET };
const BROKEN: Row = Row { headers: SELF, ..AUTHS };
const SIGN_IN: Row = Row {
    method: "POST",
    path: "/api/v1/auths/signin",
    body: Some(r#"{"email":"","password":""}"#),
    looks: WHO,
    ..GET
};
const USERS: Row = Row { path: "/api/v1/users/", headers: ADMIN, looks: LISTED, ..GET };
const ADD: Row = Row { method: "POST", path: "/api/v1/auths/add", headers: ADMIN, looks: WHO, ..GET };

const ADMIN: &[(&str, &str)] = &[("Authorization", "Bearer <admin.token>")];
const PLAIN: &[(&str, &str)] = &[("Authorization", "Bearer <plain.token>")];
const SELF: &[(&str, &str)] = &[("Authorization", "Bearer <self.token>")];

const WHO: &[Look] = &[
    Has(
        "",
        &[
            "id",
            "email",
            "name",
            "role",
            "profile_image_url",
            "token",
            "token_type",
            "expires_at",
            "permissions",
            "bio",
            "status_emoji",
        ],
    ),
    Value("/email"),
    Value("/name"),
    Value("/role"),
    Value("/token_type"),
    Kind("/token"),
    Kind("/expires_at"),
    Kind("/permissions"),
];
const USER_KEYS: &[&str] = &["id", "email", "name", "role", "last_active_at", "created_at", "updated_at"];
const LISTED: &[Look] = &[
    Kind(""),
    Has("/0", USER_KEYS),
    Has("/users/0", USER_KEYS),
    Kind("/total"),
    Kind("/0/last_active_at"),
    Kind("/users/0/last_active_at"),
];

const ANONYMOUS: [&str; 3] = ["403 Not authenticated", "401 Not authenticated", "401 Not authenticated"];
const REFUSED: [&str; 3] = ["401 401 Unauthorized"; 3];
const EXPIRED: &str = "401 Your session has expired or the token is invalid. Please sign in again.";
const INVALID_AUTH: &str = "401 Invalid authentication request.";
const CRASH: &str = "500 text";
const FORBIDDEN_401: &str =
    "401 You do not have permission to access this resource. Please contact your administrator for assistance.";
const FORBIDDEN_403: &str =
    "403 You do not have permission to access this resource. Please contact your administrator for assistance.";
const INCORRECT: &str =
    "400 The email or password provided is incorrect. Please check for typos and try logging in again.";
const NO_HEADER: &str =
    "400 Your provider has not provided a trusted header. Please contact your administrator for assistance.";
const BAD_EMAIL: &str = "400 The email format you entered is invalid. \
     Please double-check and make sure you're using a valid email address (e.g., yourname@example.com).";
const TAKEN: &str = "400 Uh-oh! This email is already registered. \
     Sign in with your existing account or choose another email to start anew.";

/// Is a server there, and which.
const SERVER: &[Row] = &[
    Row { name: "health", path: "/health", looks: &[Value("/status")], ..GET },
    Row { name: "health of the database", path: "/health/db", looks: &[Value("/status")], ..GET },
    Row { name: "version", path: "/api/version", looks: &[Value("/version")], ..GET },
    Row {
        name: "config, anonymous",
        path: "/api/config",
        looks: &[
            Value("/status"),
            Value("/name"),
            Value("/version"),
            Value("/onboarding"),
            Value("/features/auth"),
            Value("/features/auth_trusted_header"),
            Value("/features/enable_signup"),
            Value("/features/enable_login_form"),
        ],
        ..GET
    },
    Row {
        name: "config, signup on",
        path: "/api/config",
        open: true,
        looks: &[Value("/features/enable_signup")],
        ..GET
    },
    Row { name: "a wrong path", path: "/auths/", headers: PLAIN, want: ["200 html"; 3], ..GET },
    Row { name: "an unknown API path", path: "/api/v1/nope", headers: PLAIN, want: ["200 html"; 3], ..GET },
    Row { name: "auths without the last slash", path: "/api/v1/auths", headers: PLAIN, want: ["200 html"; 3], ..GET },
    Row { name: "users without the last slash", path: "/api/v1/users", headers: ADMIN, want: ["200 html"; 3], ..GET },
];

/// All of it. The order means nothing: no row leaves anything behind that another one reads.
pub(crate) fn table() -> impl Iterator<Item = &'static Row> {
    [SERVER, tokens::TOKENS, tokens::TROUBLED, accounts::SIGN_INS, accounts::ADMINS, updates::UPDATES]
        .into_iter()
        .flatten()
}
