//! The launches from an LMS as they were measured, a line a state: what LAMB answers, and what `diagnose --flow lti` says
//! of the same state before.

use std::collections::BTreeMap;
use std::thread;

use lamb_auth::lamb::Edition;
use lamb_auth::lamb::lti::Launch;
use lamb_auth::oauth1;
use lamb_auth::sandbox::{Options, Prepared, Settings};
use serde::Deserialize;
use serde_json::Value;

use super::http::{self, Request};
use crate::cli::run::{self, World, contents};

const CREATOR_SECRET: &str = "physics-lti-secret-0123456789";
const SECRET: &str = "sandbox-lti-secret-0123456789";

/// How many rows are played at the same time.
const PARTS: usize = 4;

/// One state.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    launch: String,
    #[serde(default)]
    edition: Option<String>,
    /// SQL for LAMB's database; `{p}` is the prefix.
    #[serde(default)]
    lamb: String,
    /// SQL for Open WebUI's.
    #[serde(default)]
    owi: String,
    /// The form.
    fields: BTreeMap<String, String>,
    /// What the LMS signs with, and for.
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    scheme: Option<String>,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The host that is signed, where it is another than the one that the launch is sent to.
    #[serde(default)]
    host: Option<String>,
    /// The path that is signed, and the one that the launch is sent to.
    #[serde(default)]
    signed_path: Option<String>,
    #[serde(default)]
    path: Option<String>,
    /// The query of the URL, and whether the LMS signs it.
    #[serde(default)]
    query: String,
    #[serde(default)]
    signs_query: bool,
    /// Fields that come a second time.
    #[serde(default)]
    again: Vec<(String, String)>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    unsigned: bool,
    /// How often it is sent: the last answer counts.
    #[serde(default)]
    times: Option<usize>,
    /// Another path than that of a launch gets this as JSON.
    #[serde(default)]
    json: Option<String>,
    /// What the page does to which the launch sends the browser.
    #[serde(default)]
    then: Option<Then>,
    /// What is otherwise in the environments of both servers.
    #[serde(default)]
    lamb_env: BTreeMap<String, Option<String>>,
    #[serde(default)]
    owi_env: BTreeMap<String, Option<String>>,
    /// Another process writes to `webui.db`.
    #[serde(default)]
    holds_owi: bool,
    /// What there is afterwards: the database, a query, and its rows.
    #[serde(default)]
    after: Vec<(Database, String, String)>,
    /// The status, and a part of the text or of the address that the browser goes to.
    answer: (u16, String),
    /// The flags of `diagnose --flow lti`, and the findings that it must name; with none, no step may fail.
    diagnose: (String, Vec<String>),
}

/// A database, by the server that it is of.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Database {
    Lamb,
    Owi,
}

/// A request behind a launch, with the token that the launch gave where `<token>` is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Then {
    method: String,
    path: String,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// SQL for both databases between the launch and this.
    #[serde(default)]
    lamb: String,
    #[serde(default)]
    owi: String,
}

/// The keys, an activity and a published assistant, each with its group.
const LAMB: &str = "INSERT INTO {p}assistant_publish (assistant_id, group_id, oauth_consumer_name, created_at) VALUES (12, 'assistant_12', 'course', 1);";
const NATIVE: &str = "INSERT INTO {p}lti_creator_keys (organization_id, oauth_consumer_key, oauth_consumer_secret, enabled, created_at, updated_at)
    SELECT id, slug, 'physics-lti-secret-0123456789', 1, 1, 1 FROM {p}organizations WHERE slug = 'physics';
    INSERT INTO {p}lti_activities (id, resource_link_id, organization_id, owi_group_id, owi_group_name, owner_email, configured_by_email)
    VALUES (71, '17', 2, 'g-17', 'lti_activity_17', 'teacher@sandbox.test', 'teacher@sandbox.test');";
const OWI: &str = "INSERT INTO \"group\" (id, name, user_ids) VALUES ('g-17', 'lti_activity_17', '[]'), ('g-12', 'assistant_12', '[]');";

impl Row {
    fn edition(&self) -> Edition {
        if self.edition.as_deref() == Some("delegated") { Edition::Delegated } else { Edition::Native }
    }

    fn launch(&self) -> Launch {
        match self.launch.as_str() {
            "creator" => Launch::Creator,
            "activity" => Launch::Activity,
            _ => Launch::Assistant,
        }
    }

    /// The launch, signed as an LMS that follows the standard signs it.
    fn send(&self, world: &World) -> http::Answer {
        let to = http::address(world.sandbox.backend_url());
        let path = self.path.as_deref().unwrap_or_else(|| self.launch().path());
        let host = self.host.clone().unwrap_or_else(|| to.to_string());
        let signed_path = self.signed_path.as_deref().unwrap_or_else(|| self.launch().path());
        let signed = format!("{}://{host}{}{signed_path}", self.scheme.as_deref().unwrap_or("http"), self.prefix);
        let own = if self.launch() == Launch::Creator { CREATOR_SECRET } else { SECRET };
        let key = oauth1::standard_key(&self.secret.as_deref().unwrap_or(own).into());
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields = fields.chain(self.again.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let query: Vec<(String, String)> = form_urlencoded::parse(self.query.as_bytes()).into_owned().collect();
        let of_query = query.iter().filter(|_| self.signs_query).map(|(name, value)| (name.as_str(), value.as_str()));
        let base = oauth1::base_string("POST", &signed, fields.clone().chain(of_query));
        let signature = oauth1::signature(&base, &key).unwrap();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        if !self.unsigned {
            form.append_pair(oauth1::SIGNATURE, &signature);
        }
        let body = self.json.clone().unwrap_or_else(|| form.finish());
        let kind = if self.json.is_some() { "application/json" } else { FORM };
        let path = if self.query.is_empty() { path.to_owned() } else { format!("{path}?{}", self.query) };
        let method = self.method.as_deref().unwrap_or("POST");
        let answer = request(world, method, &path, &self.headers, (&body, kind));
        match &self.then {
            None => answer,
            Some(then) => then.send(world, answer.header("location").unwrap_or_default()),
        }
    }

    fn world(&self) -> World {
        let options = Options { edition: self.edition(), lamb_busy_ms: 300, owi_busy_ms: 300, ..Options::default() };
        let settings =
            Settings { lamb: self.lamb_env.clone(), open_webui: self.owi_env.clone(), ..Settings::default() };
        let world = World::of(Prepared::new(options).unwrap().serve(&settings).unwrap(), self.edition());
        world.lamb_sql(LAMB);
        if self.edition() == Edition::Native {
            world.lamb_sql(NATIVE);
        }
        world.owi().execute_batch(OWI).unwrap();
        world.lamb_sql(&self.lamb);
        world.owi().execute_batch(&self.owi).unwrap();
        world
    }

    /// What is wrong with the answer or with the report; none where both are as they were measured.
    fn complaints(&self) -> Vec<String> {
        let world = self.world();
        let rows = || [contents(&world.lamb()), contents(&world.owi())];
        let before = rows();
        let (line, expected) = &self.diagnose;
        let line = format!("diagnose --flow lti {line} -o json");
        let run = self
            .lamb_env
            .iter()
            .fold(world.command(&line), |run, (name, value)| run.env(name, value.as_deref().unwrap_or_default()));
        let report = run.run().json();
        let steps = report["steps"].as_array().unwrap().iter();
        let found: Vec<&str> =
            steps.flat_map(|step| step["findings"].as_array().unwrap()).filter_map(|hit| hit["id"].as_str()).collect();
        let is_told = expected.iter().all(|id| found.contains(&id.as_str()));
        let is_clean = !expected.is_empty() || report["first_failing_step"] == Value::Null;
        let mut complaints = Vec::new();
        if !is_told || !is_clean {
            complaints.push(format!("diagnose finds {found:?}, not {expected:?}"));
        }
        if rows() != before {
            complaints.push("diagnose changed a row".to_owned());
        }
        let owi = world.owi();
        if self.holds_owi {
            owi.execute_batch("BEGIN IMMEDIATE").unwrap();
        }
        let answers: Vec<_> = (0..self.times.unwrap_or(1)).map(|_| self.send(&world)).collect();
        if self.holds_owi {
            owi.execute_batch("ROLLBACK").unwrap();
        }
        let Some(answer) = answers.last() else { return complaints };
        let location = answer.header("location").unwrap_or_default();
        let text = format!("{location} {}", String::from_utf8_lossy(&answer.body));
        let port = http::address(world.sandbox.backend_url()).port().to_string();
        if answer.status != self.answer.0 || !text.contains(&self.answer.1.replace("<port>", &port)) {
            complaints.push(format!("LAMB answers {} {text}", answer.status));
        }
        // What is refused writes nothing.
        if (400..500).contains(&answer.status) && self.then.is_none() && rows() != before {
            complaints.push(format!("{} and a row changed", answer.status));
        }
        for (database, sql, wanted) in &self.after {
            let is = match database {
                Database::Lamb => world.lamb_rows(sql),
                Database::Owi => run::rows(&owi, sql),
            };
            if is.join(";") != *wanted {
                complaints.push(format!("{sql}: {is:?}, not {wanted:?}"));
            }
        }
        complaints.iter().map(|complaint| format!("{}: {complaint}", self.id)).collect()
    }
}

impl Then {
    fn send(&self, world: &World, location: &str) -> http::Answer {
        world.lamb_sql(&self.lamb);
        world.owi().execute_batch(&self.owi).unwrap();
        let token = location.split("token=").nth(1).unwrap_or_default();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(self.fields.iter().map(|(name, value)| (name, value.replace("<token>", token))));
        let headers = BTreeMap::from([("Authorization".to_owned(), format!("Bearer {token}"))]);
        let path = self.path.replace("<token>", token);
        request(world, &self.method, &path, &headers, (&form.finish(), FORM))
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Sends a request, with the body and what kind it is.
fn request(
    world: &World,
    method: &str,
    path: &str,
    headers: &BTreeMap<String, String>,
    (body, content_type): (&str, &str),
) -> http::Answer {
    let headers: Vec<(&str, String)> = headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let body = (method == "POST").then_some(body);
    let request = Request { method, path, headers: &headers, body, content_type, ..Request::default() };
    http::send(http::address(world.sandbox.backend_url()), &request).unwrap()
}

#[test]
fn launches_are_answered_and_told_as_they_were_measured() {
    let lines = include_str!("launches.jsonl").lines();
    let rows: Vec<Row> =
        lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    // Each row has its own deployment, so several go on at the same time.
    let parts: Vec<&[Row]> = rows.chunks(rows.len().div_ceil(PARTS)).collect();
    let complaints: Vec<String> = thread::scope(|scope| {
        let parts: Vec<_> = parts
            .iter()
            .map(|part| scope.spawn(|| part.iter().flat_map(Row::complaints).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(complaints.is_empty(), "{} in {} rows:\n{}", complaints.len(), rows.len(), complaints.join("\n"));
}
