//! What each version of Open WebUI was measured to answer.

use super::*;

const ALL: [OwiVersion; 3] = OwiVersion::ALL;
/// A status and its `detail`.
type Said = (u16, &'static str);

const AUTHS: &str = "/api/v1/auths/";

const UNAUTHORIZED: Said = (401, "401 Unauthorized");
const SESSION: Said = (401, "Your session has expired or the token is invalid. Please sign in again.");
const INVALID: Said = (401, "Invalid authentication request.");
const NO_TOKEN: Said = (401, "Not authenticated");
const NO_TOKEN_OLD: Said = (403, "Not authenticated");
const MISMATCH: Said = (401, "User mismatch. Please sign in again.");
const UNAVAILABLE: Said = (503, "Authentication is temporarily unavailable.");
const CREDENTIALS: Said =
    (400, "The email or password provided is incorrect. Please check for typos and try logging in again.");
const PROHIBITED: &str =
    "You do not have permission to access this resource. Please contact your administrator for assistance.";
const KEYS_OFF: Said = (403, "Use of API key is not enabled in the environment.");
const HUMAN: Said = (403, "A human session is required.");
const CRASH: Said = (500, "");
const OK: Said = (200, "");

/// A question to `auths/`, and what the three versions answer.
struct Case {
    what: &'static str,
    sql: &'static str,
    header: &'static str,
    trusted: &'static str,
    expected: [Said; 3],
}

const fn case(what: &'static str, header: &'static str, expected: [Said; 3]) -> Case {
    Case { what, sql: "", header, trusted: "", expected }
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    case("no header", "-", [NO_TOKEN_OLD, NO_TOKEN, NO_TOKEN]),
    case("empty header", "", [NO_TOKEN_OLD, NO_TOKEN, NO_TOKEN]),
    case("malformed", "Bearer {malformed}", [UNAUTHORIZED; 3]),
    case("raw token", "{valid}", [NO_TOKEN_OLD, CRASH, NO_TOKEN]),
    case("Basic", "Basic abc", [NO_TOKEN_OLD, NO_TOKEN, UNAUTHORIZED]),
    case("lower-case bearer", "bearer {valid}", [OK; 3]),
    case("doubled", "{doubled}", [UNAUTHORIZED, CRASH, UNAUTHORIZED]),
    case("two blanks", "Bearer  {valid}", [UNAUTHORIZED, CRASH, CRASH]),
    case("null", "Bearer {null}", [UNAUTHORIZED; 3]),
    case("expired", "Bearer {expired}", [UNAUTHORIZED; 3]),
    case("wrong signature", "Bearer {wrong-secret}", [UNAUTHORIZED; 3]),
    case("unknown user", "Bearer {owi-user-gone}", [SESSION, SESSION, INVALID]),
    case("no id", "Bearer {lamb}", [UNAUTHORIZED; 3]),
    case("valid", "Bearer {valid}", [OK; 3]),
    case("pending", "Bearer {pending@sandbox.test}", [OK; 3]),
    case("inactive", "Bearer {inactive@sandbox.test}", [OK, OK, INVALID]),
    case("no auth row", "Bearer {half@sandbox.test}", [OK, OK, INVALID]),
    case("settings not JSON", "Bearer {owi-row-unreadable}", [SESSION, SESSION, CRASH]),
    case("API key", "Bearer {api-key}", [OK, KEYS_OFF, KEYS_OFF]),
    Case { sql: "UPDATE user SET role = 'admin'", ..case("API key of an admin", "Bearer {api-key}", [OK, OK, HUMAN]) },
    case("Bearer alone", "Bearer ", [NO_TOKEN_OLD, NO_TOKEN, UNAUTHORIZED]),
    case("wrong API key", "Bearer sk-nobodys", [SESSION; 3]),
    Case { trusted: "operator@sandbox.test", ..case("another's header", "Bearer {valid}", [OK, MISMATCH, MISMATCH]) },
    Case { trusted: "Teacher@sandbox.test", ..case("own header", "Bearer {valid}", [OK; 3]) },
    Case {
        sql: "UPDATE user SET info = '{not json'",
        ..case("info not JSON", "Bearer {valid}", [SESSION, SESSION, CRASH])
    },
    Case {
        sql: "UPDATE user SET settings = '\"str\"'",
        ..case("settings a text", "Bearer {valid}", [SESSION, SESSION, UNAVAILABLE])
    },
    Case {
        sql: "UPDATE user SET created_at = 'abc'",
        ..case("created_at a text", "Bearer {valid}", [SESSION, SESSION, UNAVAILABLE])
    },
    Case { sql: "UPDATE user SET profile_image_url = ''", ..case("no image", "Bearer {valid}", [OK; 3]) },
    Case { sql: "UPDATE user SET role = 'superuser'", ..case("unknown role", "Bearer {valid}", [OK; 3]) },
    Case { sql: "DELETE FROM user", ..case("row gone", "Bearer {valid}", [SESSION; 3]) },
];

#[test]
fn answers_a_token_as_each_version_was_measured_to() {
    for (version, i) in ALL.into_iter().zip(0..) {
        let untouched = start(Edition::Delegated, version, None);
        for case in CASES {
            let own = (!case.sql.is_empty()).then(|| start(Edition::Delegated, version, None));
            let sandbox = own.as_ref().unwrap_or(&untouched);
            sandbox.owi_file().execute_batch(case.sql).unwrap();
            let header = sandbox.fill(case.header);
            let mut headers = vec![("X-User-Email", case.trusted), ("Authorization", header.as_str())];
            headers.retain(|(name, value)| if *name == "Authorization" { *value != "-" } else { !value.is_empty() });
            let answer = sandbox.owi("GET", AUTHS, &headers, "");
            assert_eq!((answer.status, answer.detail()), case.expected[i], "{version}: {}", case.what);
        }
    }
}

#[test]
fn a_revoked_session_ends_only_where_there_are_stamps() {
    for version in ALL {
        let sandbox = start(Edition::Delegated, version, None);
        assert_eq!(sandbox.token("revoked").is_some(), version == OwiVersion::V0_12_4);
    }
    let sandbox = start(Edition::Delegated, OwiVersion::V0_12_4, None);
    let header = sandbox.fill("Bearer {revoked}");
    let revoked = sandbox.owi("GET", AUTHS, &[("Authorization", &header)], "");
    assert_eq!((revoked.status, revoked.detail()), (401, "Invalid token"));
    sandbox.owi_file().execute_batch("UPDATE auth SET session_stamp = NULL").unwrap();
    assert_eq!(sandbox.owi("GET", AUTHS, &[("Authorization", &header)], "").status, 200, "from before the upgrade");
}

#[test]
fn a_session_has_the_fields_of_its_version_in_their_order() {
    const OLD: &str = "id email name role profile_image_url token token_type expires_at permissions";
    const NEW: &str = "status_emoji status_message status_expires_at id name role email profile_image_url token \
                       token_type expires_at permissions bio gender date_of_birth";
    for (version, expected) in ALL.into_iter().zip([OLD, NEW, NEW]) {
        let sandbox = start(Edition::Delegated, version, None);
        let header = sandbox.fill("Bearer {valid}");
        let answer = sandbox.owi("GET", AUTHS, &[("Authorization", &header)], "");
        let keys: Vec<_> = answer.json.as_ref().unwrap().as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys.join(" "), expected, "{version}");
        assert_eq!(answer.field("email"), "teacher@sandbox.test");
        assert_eq!(answer.field("expires_at").is_null(), version == OwiVersion::V0_5_6);
        let touched = "SELECT count(*) FROM user WHERE last_active_at <> created_at";
        assert_eq!(sandbox.count(touched), 1, "{version}: writes last_active_at");
    }
}

#[test]
fn locks_are_felt_as_each_version_feels_them() {
    for (version, locked) in ALL.into_iter().zip([SESSION, SESSION, OK]) {
        for (lock, expected) in [("BEGIN IMMEDIATE", OK), ("BEGIN EXCLUSIVE", locked)] {
            let sandbox = start(Edition::Delegated, version, None);
            let other = sandbox.owi_file();
            other.execute_batch(lock).unwrap();
            let answer = sandbox.owi("GET", AUTHS, &[("Authorization", &sandbox.fill("Bearer {valid}"))], "");
            assert_eq!((answer.status, answer.detail()), expected, "{version} {lock}");
            assert_eq!(sandbox.owi("GET", "/health/db", &[], "").status, 200);
        }
    }
}

#[test]
fn api_keys_can_be_switched_off() {
    let off = [
        "UPDATE config SET data = '{\"auth\":{\"api_key\":{\"enable\":false}}}'",
        "DELETE FROM config",
        "DELETE FROM config",
    ];
    for (version, sql) in ALL.into_iter().zip(off) {
        let sandbox = start(Edition::Delegated, version, None);
        sandbox.owi_file().execute_batch(sql).unwrap();
        let answer = sandbox.owi("GET", AUTHS, &[("Authorization", &sandbox.fill("Bearer {api-key}"))], "");
        assert_eq!((answer.status, answer.detail()), (403, "Use of API key is not enabled in the environment."));
    }
}

#[test]
fn tells_its_health_version_and_settings() {
    for version in ALL {
        let sandbox = start(Edition::Delegated, version, None);
        for path in ["/health", "/health/db"] {
            assert_eq!(sandbox.owi("GET", path, &[], "").field("status"), true);
        }
        assert_eq!(sandbox.owi("GET", "/ready", &[], "").json.is_some(), version == OwiVersion::V0_12_4);
        assert_eq!(sandbox.owi("GET", "/api/version", &[], "").field("version"), version.as_str());
        let config = sandbox.owi("GET", "/api/config", &[], "").json.unwrap();
        let features = &config["features"];
        assert_eq!((&features["auth_trusted_header"], &features["enable_signup"]), (&true.into(), &false.into()));
        assert!(config.get("onboarding").is_none());
        sandbox.owi_file().execute_batch("DELETE FROM user; DELETE FROM config;").unwrap();
        let config = sandbox.owi("GET", "/api/config", &[], "").json.unwrap();
        assert_eq!((&config["onboarding"], &config["features"]["enable_signup"]), (&true.into(), &true.into()));
    }
}

#[test]
fn a_header_of_three_words_breaks_every_path_of_0_6() {
    for (version, status) in ALL.into_iter().zip([200, 500, 200]) {
        let sandbox = start(Edition::Delegated, version, None);
        assert_eq!(sandbox.owi("GET", "/health", &[("Authorization", "Bearer a b")], "").status, status, "{version}");
    }
}

#[test]
fn unknown_paths_are_the_web_app_and_other_methods_are_refused() {
    for version in ALL {
        let sandbox = start(Edition::Delegated, version, None);
        for path in ["/", "/api/v1/auths", "/auths/", "/api/v1/nope", "/api/v1/users", "/api/health"] {
            let answer = sandbox.owi("GET", path, &[], "");
            assert_eq!((answer.status, answer.json.is_none()), (200, true), "{version} {path}");
        }
        assert_eq!(sandbox.owi("HEAD", AUTHS, &[], "").status, 200);
        let answer = sandbox.owi("POST", "/api/v1/nope", &[], "");
        assert_eq!((answer.status, answer.detail()), (405, "Method Not Allowed"));
    }
}

const LAMBS_BODY: &str = r#"{"email":"","password":""}"#;

fn trusted(sandbox: &Sandbox, email: &str) -> Answer {
    sandbox.owi("POST", "/api/v1/auths/signin", &[("X-User-Email", email), ("X-User-Name", "Name")], LAMBS_BODY)
}

#[test]
fn a_trusted_sign_in_finds_refuses_or_makes_an_account() {
    let accounts = "SELECT count(*) FROM user";
    #[rustfmt::skip]
    let table: [(&str, [Said; 3], [i64; 3]); 8] = [
        ("teacher@sandbox.test", [OK; 3], [0; 3]),
        ("Teacher@Sandbox.Test", [OK; 3], [0; 3]),
        ("pending@sandbox.test", [OK; 3], [0; 3]),
        ("new@sandbox.test", [(403, PROHIBITED), (403, PROHIBITED), OK], [0, 0, 1]),
        ("not an e-mail", [(403, PROHIBITED), (403, PROHIBITED), OK], [0, 0, 1]),
        ("inactive@sandbox.test", [CREDENTIALS; 3], [0; 3]),
        ("half@sandbox.test", [CREDENTIALS; 3], [0; 3]),
        ("unreadable@sandbox.test", [(403, PROHIBITED), (403, PROHIBITED), CRASH], [0; 3]),
    ];
    for (version, i) in ALL.into_iter().zip(0..) {
        let sandbox = start(Edition::Delegated, version, None);
        for (email, expected, made) in table {
            let before = sandbox.count(accounts);
            let answer = trusted(&sandbox, email);
            assert_eq!((answer.status, answer.detail()), expected[i], "{version} {email}");
            assert_eq!(sandbox.count(accounts) - before, made[i], "{version} {email}");
            if answer.status == 200 {
                let header = format!("Bearer {}", answer.field("token").as_str().unwrap());
                let session = sandbox.owi("GET", AUTHS, &[("Authorization", &header)], "");
                assert_eq!(session.field("email"), &email.to_lowercase(), "{version}");
            }
        }
    }
}

#[test]
fn with_signup_on_a_trusted_sign_in_makes_accounts() {
    let bad = (
        400,
        "The email format you entered is invalid. Please double-check and make sure you're using a valid email \
         address (e.g., yourname@example.com).",
    );
    for (version, no_email) in ALL.into_iter().zip([bad, bad, OK]) {
        let sandbox = start(Edition::Delegated, version, None);
        sandbox.owi_file().execute_batch("DELETE FROM config").unwrap();
        assert_eq!(trusted(&sandbox, "new@sandbox.test").field("role"), "user");
        let answer = trusted(&sandbox, "notanemail");
        assert_eq!((answer.status, answer.detail()), no_email, "{version}");
    }
}

#[test]
fn a_row_in_mixed_case_is_missed_at_sign_in() {
    for (version, expected) in ALL.into_iter().zip([OK, OK, CREDENTIALS]) {
        let sandbox = start(Edition::Delegated, version, None);
        let db = sandbox.owi_file();
        db.execute_batch(
            "DELETE FROM config; UPDATE user SET email = 'Teacher@Sandbox.Test' WHERE email = 'teacher@sandbox.test'; \
             UPDATE auth SET email = 'Teacher@Sandbox.Test' WHERE email = 'teacher@sandbox.test';",
        )
        .unwrap();
        let answer = trusted(&sandbox, "Teacher@Sandbox.Test");
        assert_eq!((answer.status, answer.detail()), expected, "{version}");
        let spellings = sandbox.count("SELECT count(*) FROM user WHERE lower(email) = 'teacher@sandbox.test'");
        assert_eq!(spellings, if expected == OK { 2 } else { 1 }, "{version}");
    }
}

#[test]
fn the_first_account_is_admin_and_turns_signup_off() {
    for version in ALL {
        let sandbox = start(Edition::Delegated, version, None);
        sandbox.owi_file().execute_batch("DELETE FROM user; DELETE FROM auth; DELETE FROM config;").unwrap();
        assert_eq!(trusted(&sandbox, "first@sandbox.test").field("role"), "admin");
        let config = sandbox.owi("GET", "/api/config", &[], "").json.unwrap();
        assert_eq!(config["features"]["enable_signup"], false, "{version}");
        let signup = r#"{"name":"Second","email":"second@sandbox.test","password":"x"}"#;
        let answer = sandbox.owi("POST", "/api/v1/auths/signup", &[], signup);
        assert_eq!((answer.status, answer.detail()), (403, PROHIBITED), "{version}");
    }
}

#[test]
fn a_sign_in_without_header_or_body_is_refused() {
    for version in ALL {
        let sandbox = start(Edition::Delegated, version, None);
        let answer = sandbox.owi("POST", "/api/v1/auths/signin", &[], LAMBS_BODY);
        assert_eq!(answer.status, 400);
        assert!(answer.detail().starts_with("Your provider has not provided a trusted header."));
        let empty = sandbox.owi("POST", "/api/v1/auths/signin", &[], "");
        let detail = if version == OwiVersion::V0_12_4 { "Invalid authentication request." } else { "" };
        assert_eq!((empty.status, empty.detail()), (422, detail));
        let half = sandbox.owi("POST", "/api/v1/auths/signin", &[], r#"{"password":""}"#);
        assert_eq!(half.status, 422);
        if detail.is_empty() {
            let place = half.json.unwrap().pointer("/detail/0/loc").cloned();
            assert_eq!(place, Some(serde_json::json!(["body", "email"])));
        }
    }
}

#[test]
fn passwords_are_asked_for_where_the_header_is_not_trusted() {
    for (version, limit) in ALL.into_iter().zip([20, 15, 15]) {
        let sandbox = start(Edition::Delegated, version, Some(Trouble::TrustedHeaderOff));
        let answer = trusted(&sandbox, "teacher@sandbox.test");
        assert_eq!((answer.status, answer.detail()), CREDENTIALS, "{version}");
        let signin = |email: &str, password: &str| {
            let body = serde_json::json!({ "email": email, "password": password }).to_string();
            sandbox.owi("POST", "/api/v1/auths/signin", &[], &body).status
        };
        assert_eq!(signin("Teacher@sandbox.test", PASSWORD), 200);
        assert_eq!(signin("teacher@sandbox.test", "wrong"), 400);
        assert_eq!(signin("inactive@sandbox.test", PASSWORD), 400);
        let refused = (0..20).take_while(|_| signin("nobody@sandbox.test", "wrong") == 400).count();
        assert_eq!(refused, limit, "{version}");
    }
}

const FIX: &str = "UPDATE user SET settings = 'null'";

#[test]
fn admins_list_add_and_change_users() {
    for version in ALL {
        let sandbox = start(Edition::Delegated, version, None);
        let header = |token: &str| sandbox.fill(&format!("Bearer {{{token}}}"));
        let (admin, teacher) = (header("admin@admin.owi"), header("valid"));
        let get = |path: &str, token: &str| sandbox.owi("GET", path, &[("Authorization", token)], "");
        let plain = get("/api/v1/users/", &teacher);
        assert_eq!((plain.status, plain.detail()), (401, PROHIBITED));
        let none = sandbox.owi("GET", "/api/v1/users/", &[], "").status;
        assert_eq!(none, if version == OwiVersion::V0_5_6 { 403 } else { 401 });

        let new = r#"{"name":"Added","email":"Added@Sandbox.Test","password":"secret","role":"user"}"#;
        let add = |token: &str| sandbox.owi("POST", "/api/v1/auths/add", &[("Authorization", token)], new);
        assert_eq!(add(&teacher).status, 401);
        let added = add(&admin);
        assert_eq!((added.status, added.field("email").as_str()), (200, Some("added@sandbox.test")));
        assert_eq!(add(&admin).status, 400);

        let emails = |list: &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect()
        };
        if version == OwiVersion::V0_5_6 {
            assert_eq!(get("/api/v1/users/", &admin).status, 500, "a row in the list is unreadable");
            sandbox.owi_file().execute_batch(FIX).unwrap();
            let all = get("/api/v1/users/", &admin).json.unwrap();
            assert_eq!(emails(&all)[0], "added@sandbox.test");
            let two = get("/api/v1/users/?skip=1&limit=2", &admin).json.unwrap();
            assert_eq!(emails(&two), emails(&all)[1..3]);
            assert_eq!(get("/api/v1/users/all", &admin).status, 400);
        } else {
            assert_eq!(get("/api/v1/users/", &admin).status, 500, "{version}: a row on the page is unreadable");
            let found = get("/api/v1/users/?query=TEACHER", &admin);
            assert_eq!(emails(found.field("users")), ["teacher@sandbox.test"]);
            assert_eq!(found.field("total"), 1);
            assert_eq!(emails(get("/api/v1/users/?page=99", &admin).field("users")).len(), 0);
            assert_eq!(get("/api/v1/users/all", &admin).status, 500);
            sandbox.owi_file().execute_batch(FIX).unwrap();
            assert_eq!(get("/api/v1/users/all", &admin).status, 200);
        }

        let id = added.field("id").as_str().unwrap().to_owned();
        let role = serde_json::json!({ "id": id, "role": "admin" }).to_string();
        let update = sandbox.owi("POST", "/api/v1/users/update/role", &[("Authorization", &admin)], &role);
        assert_eq!(update.status, if version == OwiVersion::V0_5_6 { 200 } else { 405 }, "{version}");
    }
}
