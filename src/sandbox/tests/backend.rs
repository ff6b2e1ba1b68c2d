//! "What `/creator/assistant/get_assistants` answers", row by row, and logins.

use Trouble::*;

use super::*;

const PATH: &str = "/creator/assistant/get_assistants";

/// A row of the measured table.
struct Row {
    situation: &'static str,
    /// Where the situation is the whole platform's.
    trouble: Option<Trouble>,
    /// What is done to `webui.db` first.
    owi_sql: &'static str,
    /// What another process does to `lamb_v4.db`, while it keeps the file open.
    lamb_sql: &'static str,
    /// The `Authorization` header; `{name}` is that token.
    header: &'static str,
    delegated: u16,
    native: u16,
}

const fn row(situation: &'static str, header: &'static str, delegated: u16, native: u16) -> Row {
    Row { situation, trouble: None, owi_sql: "", lamb_sql: "", header, delegated, native }
}

const fn under(trouble: Trouble, header: &'static str, delegated: u16, native: u16) -> Row {
    Row { trouble: Some(trouble), ..row("under", header, delegated, native) }
}

const DELETE_TEACHER: &str = "DELETE FROM user WHERE email = 'teacher@sandbox.test'";

#[rustfmt::skip]
const TABLE: &[Row] = &[
    row("valid token", "Bearer {valid}", 200, 200),
    row("no Authorization header", "", 403, 403),
    row("raw token without Bearer", "{valid}", 403, 403),
    row("Basic", "Basic dXNlcjpwYXNz", 403, 403),
    row("malformed", "Bearer {malformed}", 401, 401),
    row("null", "Bearer {null}", 401, 401),
    row("expired", "Bearer {expired}", 401, 401),
    row("not yet valid", "Bearer {not-yet-valid}", 401, 401),
    row("wrongly signed", "Bearer {wrong-secret}", 401, 401),
    row("of the wrong kind", "Bearer {wrong-kind}", 401, 401),
    row("lower-case bearer", "bearer {valid}", 401, 200),
    row("doubled Bearer", "{doubled}", 200, 401),
    under(SharedSecret, "Bearer {owi}", 200, 401),
    row("OWI-issued token, secrets differ", "Bearer {owi}", 200, 200),
    row("creator row missing", "Bearer {creator-missing}", 401, 401),
    row("enabled = 0", "Bearer {creator-disabled}", 200, 200),
    row("organization_id NULL", "Bearer {no-org@sandbox.test}", 200, 200),
    row("organization row missing", "Bearer {lost-org@sandbox.test}", 200, 200),
    row("organization suspended", "Bearer {closed-org@sandbox.test}", 200, 200),
    row("no role row", "Bearer {no-role@sandbox.test}", 200, 200),
    row("role row elsewhere", "Bearer {other-role@sandbox.test}", 200, 200),
    row("organization's config not JSON", "Bearer {broken-org@sandbox.test}", 401, 500),
    row("user_config not JSON", "Bearer {bad-config@sandbox.test}", 401, 401),
    row("user_type = end_user", "Bearer {end-user@sandbox.test}", 200, 200),
    row("e-mail differs by case", "Bearer {mixed.case@sandbox.test}", 401, 401),
    row("OWI auth.active = 0", "Bearer {inactive@sandbox.test}", 200, 200),
    row("OWI role pending", "Bearer {pending@sandbox.test}", 200, 200),
    row("student", "Bearer {student@sandbox.test}", 401, 401),
    Row { owi_sql: DELETE_TEACHER, ..row("OWI user row missing", "Bearer {valid}", 401, 200) },
    under(OwiDown, "Bearer {valid}", 401, 200),
    under(OwiDown, "Bearer {owi}", 401, 401),
    under(OwiError, "Bearer {valid}", 401, 200),
    under(OwiError, "Bearer {owi}", 401, 401),
    under(OwiWrongUrl, "Bearer {valid}", 401, 200),
    under(OwiWrongUrl, "Bearer {owi}", 401, 401),
    under(OwiRedirect, "Bearer {valid}", 401, 200),
    under(OwiRedirect, "Bearer {owi}", 401, 401),
    under(OwiNotJson, "Bearer {valid}", 401, 200),
    under(OwiNotJson, "Bearer {owi}", 401, 401),
    under(OwiDbLocked, "Bearer {valid}", 401, 200),
    under(OwiSecretChanged, "Bearer {valid}", 200, 200),
    under(ForgeableSecret, "Bearer {forgeable}", 200, 200),
    Row { lamb_sql: "BEGIN IMMEDIATE", ..row("lamb_v4.db write-locked", "Bearer {valid}", 200, 200) },
    under(LambDbLocked, "Bearer {valid}", 401, 200),
    under(LambDbMissing, "Bearer {valid}", 401, 401),
    under(LambDbEmpty, "Bearer {valid}", 401, 401),
    under(LambDbGarbage, "Bearer {valid}", 401, 401),
    under(PrefixWrong, "Bearer {valid}", 401, 401),
    under(ColumnsMissing, "Bearer {valid}", 401, 401),
    under(Unexplained, "Bearer {valid}", 401, 401),
    under(Unexplained, "", 403, 403),
];

#[test]
fn answers_as_lamb_was_measured_to() {
    for edition in [Edition::Delegated, Edition::Native] {
        let untouched = start(edition, OwiVersion::V0_5_6, None);
        for row in TABLE {
            let is_own = row.trouble.is_some() || !row.owi_sql.is_empty() || !row.lamb_sql.is_empty();
            let own = is_own.then(|| start(edition, OwiVersion::V0_5_6, row.trouble));
            let sandbox = own.as_ref().unwrap_or(&untouched);
            if !row.owi_sql.is_empty() {
                sandbox.owi_file().execute_batch(row.owi_sql).unwrap();
            }
            let lamb =
                (!row.lamb_sql.is_empty()).then(|| Connection::open(sandbox.dir().join("lamb/lamb_v4.db")).unwrap());
            if let Some(lamb) = &lamb {
                lamb.execute_batch(row.lamb_sql).unwrap();
            }
            let header = sandbox.fill(row.header);
            let headers: &[_] = if header.is_empty() { &[] } else { &[("Authorization", header.as_str())] };
            let answer = sandbox.backend("GET", PATH, headers, "");
            let expected = if edition == Edition::Native { row.native } else { row.delegated };
            let what = format!("{edition}: {} {} {:?}", row.situation, row.header, row.trouble);
            assert_eq!(answer.status, expected, "{what}");
            match expected {
                200 => assert_eq!(answer.field("total_count"), 0, "{what}"),
                401 => assert_eq!(answer.detail(), edition.refusal(), "{what}"),
                403 => {
                    let other_scheme = header.starts_with("Basic ");
                    let detail = if other_scheme { "Invalid authentication credentials" } else { "Not authenticated" };
                    assert_eq!(answer.detail(), detail, "{what}");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn only_the_native_edition_knows_the_shared_secret_trap() {
    let sandbox = start(Edition::Native, OwiVersion::V0_5_6, None);
    let answer = sandbox.backend("GET", PATH, &[("Authorization", &sandbox.fill("Bearer {shared-secret-trap}"))], "");
    assert_eq!(answer.status, 401);
    let stale = sandbox.backend("GET", PATH, &[("Authorization", &sandbox.fill("Bearer {stale-role}"))], "");
    assert_eq!(stale.status, 200);
}

#[test]
fn a_dead_backend_is_not_mistaken_for_lamb() {
    for (trouble, status) in [(BackendError, 500), (BackendWrong, 200), (BackendNotFound, 404), (BackendRedirect, 307)]
    {
        let sandbox = start(Edition::Delegated, OwiVersion::V0_5_6, Some(trouble));
        let answer = sandbox.backend("GET", "/status", &[], "");
        assert_eq!(answer.status, status, "{trouble}");
        assert_ne!(answer.json, Some(serde_json::json!({ "status": true })), "{trouble}");
    }
}

fn login(sandbox: &Sandbox, email: &str) -> Value {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = format!("email={}&password=sandbox-password", email.replace('@', "%40"));
    let answer = sandbox.backend("POST", "/creator/login", &form, &body);
    assert_eq!(answer.status, 200);
    answer.json.unwrap()
}

#[test]
fn a_login_answers_200_whether_it_succeeds_or_not() {
    for edition in [Edition::Delegated, Edition::Native] {
        let native = edition == Edition::Native;
        let sandbox = start(edition, OwiVersion::V0_5_6, None);
        for (email, succeeds) in [
            ("teacher@sandbox.test", true),
            ("admin@admin.owi", true),
            ("disabled@sandbox.test", false),
            ("inactive@sandbox.test", native),
            ("no-password@sandbox.test", true),
            ("bad-password@sandbox.test", !native),
            ("no-role@sandbox.test", true),
            ("nobody@sandbox.test", false),
        ] {
            assert_eq!(login(&sandbox, email)["success"], succeeds, "{edition} {email}");
        }
        let disabled = login(&sandbox, "disabled@sandbox.test");
        assert!(disabled["error"].as_str().unwrap().starts_with("Account has been disabled"));
        let no_role = login(&sandbox, "no-role@sandbox.test");
        assert_eq!(no_role["data"]["organization_role"], Value::Null);
        let token = login(&sandbox, "teacher@sandbox.test")["data"]["token"].as_str().unwrap().to_owned();
        let answer = sandbox.backend("GET", PATH, &[("Authorization", &format!("Bearer {token}"))], "");
        assert_eq!(answer.status, 200, "{edition}: the new token works");
    }
}

#[test]
fn without_open_webui_a_native_login_has_no_token_to_hand_on() {
    for trouble in [OwiDown, TrustedHeaderOff, TrustedHeaderRenamed] {
        let sandbox = start(Edition::Native, OwiVersion::V0_5_6, Some(trouble));
        let answer = login(&sandbox, "teacher@sandbox.test");
        assert!(answer["data"]["launch_url"].as_str().unwrap().ends_with("token=None"), "{trouble}");
    }
}

#[test]
fn a_native_login_makes_the_missing_open_webui_user_anew() {
    let sandbox = start(Edition::Native, OwiVersion::V0_5_6, None);
    let accounts = "SELECT count(*) FROM user JOIN auth USING (id) WHERE user.email = 'no-owi@sandbox.test'";
    assert_eq!(sandbox.count(accounts), 0);
    // Open WebUI makes it, if strangers may sign up.
    sandbox.owi_file().execute("DELETE FROM config", []).unwrap();
    assert_eq!(login(&sandbox, "no-owi@sandbox.test")["success"], true);
    assert_eq!(sandbox.count(accounts), 1);
}

#[test]
fn beside_a_newer_open_webui_logins_fail_or_multiply_admins() {
    let admins = "SELECT count(*) FROM user WHERE email = 'admin@admin.owi'";
    let delegated = start(Edition::Delegated, OwiVersion::V0_6_43, None);
    assert_eq!(login(&delegated, "teacher@sandbox.test")["success"], false);
    assert_eq!(delegated.count(admins), 2);
    for (version, expected) in [(OwiVersion::V0_6_43, 4), (OwiVersion::V0_12_4, 1)] {
        let native = start(Edition::Native, version, None);
        let header = |token| native.fill(&format!("Bearer {{{token}}}"));
        assert_eq!(native.backend("GET", PATH, &[("Authorization", &header("valid"))], "").status, 200);
        assert_eq!(native.count(admins), 1, "{version}: LAMB's own token needs no request");
        assert_eq!(native.backend("GET", PATH, &[("Authorization", &header("owi"))], "").status, 200);
        login(&native, "teacher@sandbox.test");
        assert_eq!(native.count(admins), expected, "{version}");
    }
}

/// The call itself, as it was measured on both editions.
#[test]
fn a_login_without_both_fields_is_422_and_other_methods_are_no_login() {
    for edition in [Edition::Delegated, Edition::Native] {
        let sandbox = start(edition, OwiVersion::V0_5_6, None);
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let missing = |names: &[&str]| {
            let name =
                |name: &&str| json!({"type": "missing", "loc": ["body", name], "msg": "Field required", "input": null});
            json!({ "detail": names.iter().map(name).collect::<Vec<_>>() })
        };
        for (body, names) in
            [("email=&password=x", &["email"][..]), ("email=a%40b.c", &["password"]), ("{}", &["email", "password"])]
        {
            let answer = sandbox.backend("POST", "/creator/login", &form, body);
            assert_eq!((answer.status, answer.json), (422, Some(missing(names))), "{edition} {body}");
        }
        assert_eq!(sandbox.backend("GET", "/creator/login", &[], "").status, 404, "{edition}");
        assert_eq!(sandbox.backend("POST", "/creator/login/", &form, "email=a&password=b").status, 405, "{edition}");
    }
}

#[test]
fn a_token_tells_who_its_user_is() {
    for edition in [Edition::Delegated, Edition::Native] {
        let sandbox = start(edition, OwiVersion::V0_5_6, None);
        let header = sandbox.fill("Bearer {valid}");
        let get = |path: &str, header: &str| sandbox.backend("GET", path, &[("Authorization", header)], "");
        let who = get("/creator/user/current", &header).json.unwrap();
        assert_eq!(
            (who["email"].as_str(), who["id"].is_number(), who.as_object().unwrap().len()),
            (Some("teacher@sandbox.test"), true, 3)
        );
        assert_eq!(get("/creator/user/current", "Bearer x").status, 401, "{edition}");
        let me = get("/creator/me", &header);
        if edition == Edition::Delegated {
            assert_eq!(me.status, 404);
            continue;
        }
        let me = me.json.unwrap();
        let told = |name: &str| me["data"][name].as_str().map(str::to_owned);
        assert_eq!(told("email").as_deref(), Some("teacher@sandbox.test"));
        assert_eq!(told("organization_role").as_deref(), Some("owner"));
        assert!(told("launch_url").is_some_and(|link| link.contains("/api/v1/auths/complete?token=ey")), "{me}");
        assert_eq!(me["data"]["token"], Value::Null);
        assert_eq!(get("/creator/me", &sandbox.fill("Bearer {broken-org@sandbox.test}")).status, 500);
        assert_eq!(get("/creator/me", "Bearer x").status, 401);
    }
}

/// Which of the two pages about the user's own data makes LAMB write: one makes a link, and so its admin.
#[test]
fn only_the_page_with_a_link_makes_lamb_insert_its_admin() {
    let sandbox = start(Edition::Native, OwiVersion::V0_5_6, None);
    let header = sandbox.fill("Bearer {valid}");
    let get = |path: &str| sandbox.backend("GET", path, &[("Authorization", &header)], "").status;
    let gone = "DELETE FROM user WHERE email = 'admin@admin.owi'; DELETE FROM auth WHERE email = 'admin@admin.owi'";
    sandbox.owi_file().execute_batch(gone).unwrap();
    let admins = || sandbox.count("SELECT count(*) FROM user WHERE email = 'admin@admin.owi'");
    assert_eq!((get("/creator/user/current"), admins()), (200, 0));
    assert_eq!((get("/creator/me"), admins()), (200, 1));
}

/// LAMB's copy of 0.5.6 has a page for the link; a later version answers its web app to any token and to none.
#[test]
fn the_page_of_the_link_is_in_lambs_copy_only() {
    for (version, without) in [(OwiVersion::V0_5_6, 422), (OwiVersion::V0_6_43, 200), (OwiVersion::V0_12_4, 200)] {
        let sandbox = start(Edition::Native, version, None);
        let page = |query: &str| sandbox.owi("GET", &format!("/api/v1/auths/complete{query}"), &[], "");
        assert_eq!(page("").status, without, "{version}");
        let texts = ["?token=None", "?token=x"].map(|query| (page(query).status, page(query).text));
        assert_eq!(texts[0], texts[1], "{version}");
        assert_eq!(texts[0].1.contains("localStorage"), version == OwiVersion::V0_5_6, "{version}");
    }
}
