//! What leaves the machine: every byte that the flows of `diagnose` send to LAMB, to Open WebUI and to the servers of
//! knowledge bases is kept, and no password and no secret is in it.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use lamb_auth::lamb::Edition::{self, Native};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::proxy::{self, Way};
use super::run::{EDITIONS, World};

/// The flows, whether they read the password, and whether they send a launch.
const LINES: [(&str, bool, bool); 12] = [
    ("request --email teacher@sandbox.test", false, false),
    ("login --email teacher@sandbox.test --password-stdin", true, false),
    ("all --email teacher@sandbox.test --password-stdin", true, false),
    ("knowledge --email teacher@sandbox.test", false, false),
    ("lti --email lti_creator_physics_42@lamb-lti.local", false, false),
    ("lti --lms-user 42 --org physics", false, false),
    ("lti --org physics", false, false),
    ("lti --global-key", false, false),
    ("lti --old-key", false, false),
    ("lti --org physics --send-launch", false, true),
    ("lti --global-key --send-launch", false, true),
    ("lti --old-key --send-launch", false, true),
];

/// A deployment whose servers are reached through proxies that keep each request.
struct Listened {
    world: World,
    seen: Arc<Mutex<Vec<String>>>,
    backend: String,
    owi: String,
    knowledge: String,
}

impl Listened {
    fn new(edition: Edition) -> Self {
        let world = World::plain(edition);
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let keeping = |server: &str, answer: fn(String) -> Way| {
            let seen = Arc::clone(&seen);
            proxy::before(server, move |request| {
                seen.lock().unwrap().push(request.clone());
                answer(request)
            })
        };
        let backend = keeping(world.sandbox.backend_url(), Way::On);
        let owi = keeping(world.sandbox.owi_url(), Way::On);
        let knowledge = keeping("http://127.0.0.1:1", |_| {
            Way::Back("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n[]")
        });
        Self { world, seen, backend, owi, knowledge }
    }

    /// Stores the password with both sides, or only hands it in; and the secret as that of each launch.
    fn store(&self, case: &Case) {
        if case.is_right {
            let hash = bcrypt::hash(&case.password, 4).unwrap();
            let sql = "UPDATE auth SET password = ?1 WHERE email = 'teacher@sandbox.test'";
            self.world.owi().execute(sql, [&hash]).unwrap();
            if self.world.edition == Native {
                let sql = "UPDATE {p}Creator_users SET password_hash = ?1 WHERE user_email = 'teacher@sandbox.test'";
                self.world.lamb().execute(&sql.replace("{p}", self.world.prefix()), [&hash]).unwrap();
            }
        }
        if self.world.edition == Native {
            let sql = "INSERT OR REPLACE INTO {p}lti_creator_keys (organization_id, oauth_consumer_key, \
                       oauth_consumer_secret, enabled, created_at, updated_at) SELECT id, slug, ?1, 1, 1, 1 \
                       FROM {p}organizations WHERE slug = 'physics'";
            self.world.lamb().execute(&sql.replace("{p}", self.world.prefix()), [&case.secret]).unwrap();
        }
    }

    /// Runs a flow with the password and the secret; all that was sent.
    fn sent(&self, case: &Case, line: &str, reads_password: bool) -> (Vec<String>, String) {
        let run = self.world.command(&format!("diagnose -v -o json --flow {line}"));
        let run = if reads_password { run.stdin(format!("{}\n", case.password)) } else { run };
        let run = run.env("LTI_SECRET", &case.secret).env("LTI_GLOBAL_SECRET", &case.secret);
        let run = run.env("LAMB_BACKEND_HOST", &self.backend).env("OWI_BASE_URL", &self.owi);
        let run = run.env("LAMB_PUBLIC_BASE_URL", &self.backend);
        let run = run.env("LAMB_KB_SERVER", &self.knowledge).env("LAMB_KB_SERVER_TOKEN", "token-of-the-kb-server");
        let run = run.env("LAMB_LIBRARY_SERVER", &self.knowledge).env("LAMB_LIBRARY_TOKEN", "token-of-the-library");
        let output = run.run();
        assert!([0, 1, 3].contains(&output.code), "{output}");
        let requests = std::mem::take(&mut *self.seen.lock().unwrap());
        for request in &requests {
            let body = request.split("oauth_signature=").nth(1).unwrap_or_default();
            for (_, signature) in
                form_urlencoded::parse(format!("s={body}").as_bytes()).take(1).filter(|(_, s)| !s.is_empty())
            {
                output.never_says(&signature);
            }
        }
        (requests, format!("{}{}", output.stdout, output.stderr))
    }
}

#[derive(Clone, Debug)]
struct Case {
    password: String,
    secret: String,
    /// Whether the password is that of the user.
    is_right: bool,
}

/// Long enough that no request has it by chance.
fn cases() -> impl Strategy<Value = Case> {
    ("[!-~][ -~éßžЖ]{14,40}[!-~]", "[!-~][ -~é]{14,40}[!-~]", any::<bool>())
        .prop_map(|(password, secret, is_right)| Case { password, secret, is_right })
}

/// The forms in which a text may be in a request, in lower case: a password is tried in the other case too.
fn forms(text: &str) -> Vec<String> {
    let percent: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let hex = percent.replace('%', "");
    let json = serde_json::to_string(text).unwrap();
    let json = json[1..json.len() - 1].to_owned();
    let mut forms = vec![text.to_owned(), percent, form.replace('+', "%20"), form, hex, json];
    // Behind so many other bytes, such as a user's name and a colon; without the digits that depend on what is around it.
    for (before, skipped) in [("", 0), ("x", 2), ("xx", 3)] {
        for engine in [STANDARD, URL_SAFE] {
            let encoded = engine.encode(format!("{before}{text}"));
            let whole = (before.len() + text.len()) / 3 * 4;
            forms.push(encoded[skipped..whole].to_owned());
        }
    }
    forms.into_iter().map(|form| form.to_lowercase()).collect()
}

/// True if a text is in any request, in any of its forms.
fn has(requests: &[String], text: &str) -> bool {
    let forms = forms(text);
    requests.iter().map(|request| request.to_lowercase()).any(|request| forms.iter().any(|form| request.contains(form)))
}

#[test]
fn no_flow_sends_a_password_or_an_lti_secret() {
    let deployments = EDITIONS.map(Listened::new);
    let mut runner = TestRunner::new(ProptestConfig { cases: 6, failure_persistence: None, ..Default::default() });
    let tested = runner.run(&cases(), |case| {
        for listened in &deployments {
            listened.store(&case);
            for (line, reads_password, sends) in LINES {
                let edition = listened.world.edition;
                let (requests, told) = listened.sent(&case, line, reads_password);
                for text in [&case.password, &case.secret] {
                    prop_assert!(!has(&requests, text), "{edition}: {line} sends {text:?}: {requests:#?}");
                    prop_assert!(!told.contains(text.as_str()), "{edition}: {line} says {text:?}: {told}");
                }
                let launches = requests.iter().any(|request| request.contains("oauth_signature="));
                let is_there = edition == Native || line.contains("--old-key");
                prop_assert_eq!(launches, sends && is_there, "{}: {}: {}", edition, line, told);
                if line.starts_with("knowledge") {
                    // What is sent is kept: the token of the knowledge base server is.
                    prop_assert!(has(&requests, "token-of-the-kb-server"), "{edition}: {requests:#?}");
                }
            }
        }
        Ok(())
    });
    tested.unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn a_password_is_found_in_a_request_in_each_form() {
    let password = "Geh% im+ \"é\" & more";
    let basic = STANDARD.encode(format!("teacher:{password}"));
    let form: String = form_urlencoded::byte_serialize(password.as_bytes()).collect();
    let json = serde_json::json!({ "password": password }).to_string();
    for request in [password, basic.as_str(), form.as_str(), json.as_str(), &password.to_uppercase()] {
        assert!(has(&[format!("POST / HTTP/1.1\r\n\r\n{request}")], password), "{request}");
    }
    assert!(!has(&["POST / HTTP/1.1\r\n\r\nemail=teacher".to_owned()], password));
}
