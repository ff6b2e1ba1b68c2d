//! What is found only where somebody asks about a token, or about somebody: `diagnose`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lamb_auth::clock;
use lamb_auth::lamb::Edition::Native;
use lamb_auth::sandbox::{OwiVersion, Trouble as T};
use lamb_auth::secret::Secret;
use lamb_auth::token::mint;
use serde_json::{Value, json};

use super::scene::{PLAIN, Scene, play};
use crate::cli::proxy::{self, Way};
use crate::cli::run::{Run, World, rows};

/// A token of the sandbox.
const fn token(id: &'static str, line: &'static str, found: &'static [&'static str]) -> Scene {
    Scene { id, line, found, ..PLAIN }
}

const fn native(scene: Scene) -> Scene {
    Scene { edition: Native, ..scene }
}

const fn made(scene: Scene, make: fn(&World, Run) -> Run) -> Scene {
    Scene { make, ..scene }
}

const VALID: &str = "diagnose --token-file box/tokens/valid.token";
const MADE: &str = "diagnose --token-file made.token";

/// Writes a token of the teacher's with these claims more.
fn sign(world: &World, more: &Value) {
    let id = rows(&world.owi(), "SELECT id FROM user WHERE email = 'teacher@sandbox.test'").remove(0);
    sign_with(world, "WEBUI_SECRET_KEY", json!({ "id": id }), more);
}

/// Writes a token as a native LAMB issues it for the teacher, with these claims more.
fn sign_as_lamb(world: &World, more: &Value) {
    sign_with(world, "LAMB_JWT_SECRET", json!({"sub": "1", "email": "teacher@sandbox.test", "role": "user"}), more);
}

fn sign_with(world: &World, secret: &str, mut claims: Value, more: &Value) {
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let secret = world.sandbox.env().into_iter().find(|(name, _)| *name == secret).unwrap().1;
    let token = mint::sign(&claims, &Secret::new(secret)).unwrap();
    std::fs::write(world.cwd.path().join("made.token"), token.expose()).unwrap();
}

/// Writes a header with this between `Bearer` and the token.
fn spaced(world: &World, blanks: &str) {
    let header = format!("Authorization: Bearer{blanks}{}\n", world.sandbox.token("valid").unwrap().expose());
    std::fs::write(world.cwd.path().join("made.token"), header).unwrap();
}

fn now() -> i64 {
    clock::now()
}

/// Servers by whose clocks every token of the teacher's is in its time.
fn with_slow_clocks(world: &World, run: Run) -> Run {
    let valid = format!("Bearer {}", world.sandbox.token("valid").unwrap().expose());
    let on = move |request: String| Way::On(proxy::with_header(&request, "Authorization", Some(&valid)));
    let (owi, backend) = (world.sandbox.owi_url(), world.sandbox.backend_url());
    run.env("OWI_BASE_URL", &proxy::before(owi, on.clone())).env("LAMB_BACKEND_HOST", &proxy::before(backend, on))
}

/// The teacher owns an assistant with this value of `RAG_Top_k`.
fn with_assistant(world: &World, run: Run, top_k: &str) -> Run {
    world.lamb_sql(&format!(
        "CREATE TABLE IF NOT EXISTS {{p}}assistants (id INTEGER PRIMARY KEY, organization_id INTEGER, name TEXT, description TEXT,
             owner TEXT, api_callback TEXT, system_prompt TEXT, prompt_template TEXT, RAG_endpoint TEXT, RAG_Top_k INTEGER,
             RAG_collections TEXT, pre_retrieval_endpoint TEXT, post_retrieval_endpoint TEXT, created_at INTEGER,
             updated_at INTEGER);
         INSERT INTO {{p}}assistants (id, organization_id, name, owner, api_callback, system_prompt, prompt_template, RAG_endpoint,
             RAG_Top_k, RAG_collections, pre_retrieval_endpoint, post_retrieval_endpoint, created_at, updated_at)
         VALUES (71, 2, 'A', 'teacher@sandbox.test', '', '', '', '', {top_k}, '', '', '', 1, 1)"
    ));
    run
}

/// A proxy before LAMB's backend, which makes another request of each.
fn before_lamb(world: &World, run: Run, change: fn(String) -> String) -> Run {
    let url = proxy::before(world.sandbox.backend_url(), move |request| Way::On(change(request)));
    run.env("LAMB_BACKEND_HOST", &url)
}

/// Two processes of Open WebUI at one address, of which the first has another secret.
fn with_two_open_webuis(world: &World, run: Run) -> Run {
    const REFUSED: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\
                           Connection: close\r\n\r\n{\"detail\":\"401 Unauthorized\"}";
    let asked = Arc::new(AtomicUsize::new(0));
    let url = proxy::before(world.sandbox.owi_url(), move |request| {
        let is_first =
            request.starts_with("GET /api/v1/auths/") && asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        if is_first { Way::Back(REFUSED) } else { Way::On(request) }
    });
    run.env("OWI_BASE_URL", &url)
}

/// Two processes of LAMB at one address, of which the second refuses every token.
fn with_two_lambs(world: &World, run: Run) -> Run {
    const REFUSED: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 52\r\n\
                           Connection: close\r\n\r\n{\"detail\":\"Invalid or expired authentication token\"}";
    let asked = Arc::new(AtomicUsize::new(0));
    let url = proxy::before(world.sandbox.backend_url(), move |request| {
        let has_token = request.to_lowercase().contains("\r\nauthorization:");
        let is_second = has_token && !asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        if is_second { Way::Back(REFUSED) } else { Way::On(request) }
    });
    without_missing_hashes(world, run).env("LAMB_BACKEND_HOST", &url)
}

/// These settings have LAMB's secret, but not under the name by which LAMB would take it first.
fn with_lambs_secret_elsewhere(world: &World, run: Run) -> Run {
    let secret = world.sandbox.env().into_iter().find(|(name, _)| *name == "LAMB_JWT_SECRET").unwrap().1;
    let run = without_missing_hashes(world, run);
    run.env("LAMB_JWT_SECRET", "a secret that LAMB has not").env("WEBUI_JWT_SECRET_KEY", &secret)
}

/// LAMB's backend reads one file, and here is another.
fn with_another_file(world: &World, run: Run, sql: &str) -> Run {
    let folder = world.cwd.path().join("other");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("lamb_v4.db");
    world.lamb().execute("VACUUM INTO ?1", [path.to_str()]).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
    run.env("LAMB_DB_PATH", "other")
}

/// LAMB's users all have a password hash: a request makes LAMB copy none, so the real one may be sent.
fn without_missing_hashes(world: &World, run: Run) -> Run {
    world.lamb_sql("UPDATE {p}Creator_users SET password_hash = '' WHERE password_hash IS NULL");
    run
}

#[rustfmt::skip]
pub(super) const SCENES: &[Scene] = &[
    token("expired", "diagnose --token-file box/tokens/expired.token", &["expired"]),
    made(token("expired", MADE, &["expired"]), |world, run| { sign(world, &json!({"exp": now() - 1})); run }),
    made(token("expired", MADE, &[]), |world, run| { sign(world, &json!({"exp": now() + 60})); run }),

    token("not-yet-valid", "diagnose --token-file box/tokens/not-yet-valid.token", &["not-yet-valid"]),
    made(token("not-yet-valid", MADE, &["not-yet-valid"]), |world, run| { sign(world, &json!({"iat": now() + 60})); run }),
    made(token("not-yet-valid", MADE, &[]), |world, run| { sign(world, &json!({"iat": now() - 1, "nbf": now() - 1})); run }),

    made(token("clock-skew", "diagnose --token-file box/tokens/expired.token", &["clock-skew"]), with_slow_clocks),
    made(token("clock-skew", VALID, &[]), with_slow_clocks),

    made(native(token("claims-refused", MADE, &["claims-refused"])), |world, run| { sign_as_lamb(world, &json!({"jti": 5})); run }),
    made(native(token("claims-refused", MADE, &[])), |world, run| { sign_as_lamb(world, &json!({"jti": "5", "iss": 5})); run }),

    native(token("wrong-secret", "diagnose --token-file box/tokens/wrong-secret.token", &["wrong-secret"])),
    token("wrong-secret", "diagnose --token-file box/tokens/wrong-secret.token", &["wrong-secret"]),
    Scene { trouble: Some(T::OwiSecretChanged), ..token("wrong-secret", VALID, &[]) },

    token("owi-user-gone", "diagnose --token-file box/tokens/owi-user-gone.token", &["owi-user-gone"]),
    token("owi-user-gone", "diagnose --token-file box/tokens/owi-row-unreadable.token", &["owi-row-unreadable"]),

    native(token("shared-secret-trap", "diagnose --token-file box/tokens/shared-secret-trap.token", &["shared-secret-trap"])),
    native(token("shared-secret-trap", "diagnose --token-file box/tokens/owi.token", &[])),
    // These settings lack LAMB's own secret: LAMB itself tells that it has another.
    native(made(token("shared-secret-trap", "diagnose --token-file box/tokens/owi.token", &["lamb-secret-differs"]), |world, run| without_missing_hashes(world, run).env("LAMB_JWT_SECRET", ""))),

    token("wrong-kind", "diagnose --token-file box/tokens/lamb.token", &["wrong-kind"]),
    token("wrong-kind", "diagnose --token-file box/tokens/null.token", &["wrong-kind"]),
    native(token("wrong-kind", "diagnose --token-file box/tokens/lamb.token", &[])),

    token("malformed", "diagnose --token-file box/tokens/malformed.token", &["malformed"]),
    native(token("malformed", "diagnose --token-file box/tokens/doubled.token", &["malformed"])),
    token("malformed", "diagnose --token-file box/tokens/doubled.token", &["bearer-doubled"]),
    made(token("malformed", MADE, &["malformed"]), |world, run| { spaced(world, "\t"); run }),
    made(token("malformed", MADE, &["malformed"]), |world, run| { spaced(world, "  "); run }),
    made(token("malformed", MADE, &[]), |world, run| { spaced(world, " "); run }),

    Scene { version: OwiVersion::V0_12_4, ..token("revoked", "diagnose --token-file box/tokens/revoked.token", &["owi-schema-drift", "revoked"]) },
    Scene { version: OwiVersion::V0_12_4, ..token("revoked", VALID, &["owi-schema-drift"]) },

    native(token("stale-role", "diagnose --token-file box/tokens/stale-role.token", &["stale-role"])),
    native(token("stale-role", VALID, &[])),

    token("bearer-doubled", "diagnose --token-file box/tokens/doubled.token", &["bearer-doubled"]),
    made(token("bearer-doubled", MADE, &[]), |world, run| {
        let once = format!("Bearer {}", world.sandbox.token("valid").unwrap().expose());
        std::fs::write(world.cwd.path().join("made.token"), once).unwrap();
        run
    }),

    native(made(token("lamb-secret-differs", VALID, &["lamb-secret-differs"]), |world, run| without_missing_hashes(world, run).env("LAMB_JWT_SECRET", "a secret that LAMB has not"))),
    native(made(token("lamb-secret-differs", "diagnose --email teacher@sandbox.test", &["lamb-secret-differs"]), with_lambs_secret_elsewhere)),
    native(made(token("lamb-secret-differs", VALID, &[]), |_, run| run.env("WEBUI_SECRET_KEY", "a secret that Open WebUI has not"))),

    made(token("answers-vary", VALID, &["answers-vary"]), with_two_open_webuis),
    native(made(token("answers-vary", "diagnose --email teacher@sandbox.test", &["answers-vary"]), with_two_lambs)),
    native(made(token("answers-vary", VALID, &["answers-vary"]), with_two_lambs)),
    token("answers-vary", "diagnose --token-file box/tokens/wrong-secret.token", &["wrong-secret"]),

    made(token("header-dropped", VALID, &["header-dropped"]), |world, run| before_lamb(world, run, |request| proxy::with_header(&request, "Authorization", None))),
    made(token("header-dropped", VALID, &[]), |world, run| before_lamb(world, run, |request| request)),

    token("other-user", "diagnose --token-file box/tokens/valid.token --email operator@sandbox.test", &["other-user"]),
    token("other-user", "diagnose --token-file box/tokens/valid.token --email Teacher@sandbox.test", &["email-spelling"]),

    token("token-missing", "diagnose --email nobody@sandbox.test", &["token-missing", "user-unknown"]),
    native(token("token-missing", "diagnose --email nobody@sandbox.test", &["user-unknown"])),

    token("user-unknown", "diagnose --email nobody@sandbox.test", &["token-missing", "user-unknown"]),
    native(token("user-unknown", "diagnose --email admin@admin.owi", &["creator-missing"])),
    token("user-unknown", "diagnose --email ' TEACHER@sandbox.test'", &["email-spelling"]),

    made(token("answer-differs", "diagnose --email teacher@sandbox.test --replay", &["answer-differs", "creator-missing"]), |world, run| {
        with_another_file(world, run, "DELETE FROM Creator_users WHERE user_email = 'teacher@sandbox.test'")
    }),
    made(token("answer-differs", "diagnose --email teacher@sandbox.test --replay", &[]), |world, run| {
        with_another_file(world, run, "UPDATE Creator_users SET user_name = 'T' WHERE user_email = 'teacher@sandbox.test'")
    }),

    made(token("assistant-unreadable", "diagnose --email teacher@sandbox.test", &["assistant-unreadable"]), |world, run| {
        with_assistant(world, run, "'many'")
    }),
    made(token("assistant-unreadable", "diagnose --email teacher@sandbox.test", &[]), |world, run| with_assistant(world, run, "'5'")),

    made(token("lamb-table-is-view", "diagnose --email teacher@sandbox.test", &["lamb-table-is-view"]), |world, run| {
        world.lamb_sql("ALTER TABLE {p}Creator_users RENAME TO kept; CREATE VIEW {p}Creator_users AS SELECT * FROM kept");
        run
    }),
    made(token("lamb-table-is-view", "diagnose --email teacher@sandbox.test", &[]), |world, run| {
        world.lamb_sql("CREATE VIEW {p}creators AS SELECT * FROM {p}Creator_users");
        run
    }),

    // Nothing at hand tells LAMB's secret from its file: no test token was asked about.
    Scene {
        trouble: Some(T::Unexplained),
        ..native(made(token("unexplained", "diagnose --token-file box/tokens/valid.token --no-test-token", &["unexplained"]), without_missing_hashes))
    },
    Scene { trouble: Some(T::Unexplained), ..token("unexplained", "diagnose --email teacher@sandbox.test", &["answer-differs"]) },
    Scene { trouble: Some(T::Unexplained), ..token("unexplained", "diagnose --email teacher@sandbox.test --no-probe", &[]) },

    Scene {
        trouble: Some(T::Unexplained),
        ..made(token("owi-credentials", "diagnose --email teacher@sandbox.test", &["owi-credentials"]), |world, run| {
            let url = world.sandbox.owi_url().replace("http://", "http://user:secret@");
            run.env("OWI_BASE_URL", &url)
        })
    },
    made(token("owi-credentials", "diagnose --email teacher@sandbox.test", &[]), |world, run| {
        std::fs::write(world.cwd.path().join("netrc"), "machine elsewhere.test login u password p").unwrap();
        run.env("NETRC", world.cwd.path().join("netrc").to_str().unwrap())
    }),

    made(token("proxy-down", "diagnose --email teacher@sandbox.test", &["proxy-down", "token-missing"]), |_, run| {
        run.env("HTTP_PROXY", "http://127.0.0.1:9").env("no_proxy", "elsewhere.test")
    }),
    made(token("proxy-down", "diagnose --email teacher@sandbox.test", &[]), |_, run| {
        run.env("HTTP_PROXY", "http://127.0.0.1:9").env("no_proxy", "127.0.0.1")
    }),
];

#[test]
fn tokens_are_told_apart() {
    play(SCENES, 0, 1);
}
