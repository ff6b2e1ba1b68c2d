//! The launches from an LMS as they were measured, a line a state: what LAMB answers, and what `diagnose --flow lti` says
//! of the same state before.

use std::collections::BTreeMap;

use lamb_auth::lamb::Edition;
use lamb_auth::lamb::lti::Launch;
use lamb_auth::oauth1;
use serde::Deserialize;
use serde_json::Value;

use super::http::{self, Request};
use crate::cli::run::World;

const CREATOR_SECRET: &str = "physics-lti-secret-0123456789";
const SECRET: &str = "sandbox-lti-secret-0123456789";

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
    /// The status, and a part of the text or of the address that the browser goes to.
    answer: (u16, String),
    /// The flags of `diagnose --flow lti`, and the findings that it must name; with none, no step may fail.
    diagnose: (String, Vec<String>),
}

/// The keys, an activity and a published assistant, each with its group.
const LAMB: &str = "INSERT INTO {p}assistant_publish (assistant_id, group_id, oauth_consumer_name, created_at) VALUES (12, 'g-12', 'course', 1);";
const NATIVE: &str = "INSERT INTO {p}lti_creator_keys (organization_id, oauth_consumer_key, oauth_consumer_secret, enabled, created_at, updated_at)
    SELECT id, slug, 'physics-lti-secret-0123456789', 1, 1, 1 FROM {p}organizations WHERE slug = 'physics';
    INSERT INTO {p}lti_activities (id, resource_link_id, organization_id, owi_group_id, owi_group_name, owner_email, configured_by_email)
    VALUES (71, '17', 2, 'g-17', 'lti_activity_17', 'teacher@sandbox.test', 'teacher@sandbox.test');";
const OWI: &str =
    "INSERT INTO \"group\" (id, name, user_ids) VALUES ('g-17', 'lti_activity_17', '[]'), ('g-12', 'course', '[]');";

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
        let path = self.launch().path();
        let signed = format!("{}://{to}{}{path}", self.scheme.as_deref().unwrap_or("http"), self.prefix);
        let own = if self.launch() == Launch::Creator { CREATOR_SECRET } else { SECRET };
        let key = oauth1::standard_key(&self.secret.as_deref().unwrap_or(own).into());
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signature = oauth1::signature(&oauth1::base_string("POST", &signed, fields.clone()), &key).unwrap();
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).append_pair(oauth1::SIGNATURE, &signature).finish();
        let headers: Vec<(&str, String)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let content_type = "application/x-www-form-urlencoded";
        http::send(to, &Request { method: "POST", path, headers: &headers, body: Some(&body), content_type }).unwrap()
    }

    /// What is wrong with the answer or with the report; `None` where both are as they were measured.
    fn complaint(&self) -> Option<String> {
        let world = World::plain(self.edition());
        world.lamb_sql(LAMB);
        if self.edition() == Edition::Native {
            world.lamb_sql(NATIVE);
        }
        world.owi().execute_batch(OWI).unwrap();
        world.lamb_sql(&self.lamb);
        world.owi().execute_batch(&self.owi).unwrap();
        let (line, expected) = &self.diagnose;
        let (_, report) = world.json(&format!("diagnose --flow lti {line}"));
        let steps = report["steps"].as_array().unwrap().iter();
        let found: Vec<&str> =
            steps.flat_map(|step| step["findings"].as_array().unwrap()).filter_map(|hit| hit["id"].as_str()).collect();
        let is_told = expected.iter().all(|id| found.contains(&id.as_str()));
        let is_clean = !expected.is_empty() || report["first_failing_step"] == Value::Null;
        let answer = self.send(&world);
        let text =
            format!("{} {}", answer.header("location").unwrap_or_default(), String::from_utf8_lossy(&answer.body));
        let is_answer = answer.status == self.answer.0 && text.contains(&self.answer.1);
        let what = format!("{}: LAMB answers {} {text}; diagnose finds {found:?}", self.id, answer.status);
        (!(is_told && is_clean && is_answer)).then_some(what)
    }
}

#[test]
fn launches_are_answered_and_told_as_they_were_measured() {
    let lines = include_str!("launches.jsonl").lines();
    let rows: Vec<Row> =
        lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    let complaints: Vec<String> = rows.iter().filter_map(Row::complaint).collect();
    assert!(complaints.is_empty(), "{} of {}:\n{}", complaints.len(), rows.len(), complaints.join("\n"));
}
