//! The JSON Schemas of all output. The program prints the files of `docs/schemas`; a test makes them from the types.

use std::io::Read as _;

use flate2::read::GzDecoder;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::audit::{AuditFields, ExampleLine};
use super::batch::{BatchEnd, BatchLine};
use super::bundle::{Bundled, PseudonymOf};
use super::check::{CheckOwiUser, CheckUser};
use super::diagnosis::{AllWays, Diagnoses, Diagnosis};
use super::fix::Fixed;
use super::history::{History, RunLine, WholeRun};
use super::json::{Failure, NoFields, Output, output, with_member};
use super::list_organizations::OrganizationList;
use super::list_users::{ListTail, ListedUsers, UserLine};
use super::listing::{Catalogue, Config, Explained, Version};
use super::pair::CheckPair;
use super::refresh::Refreshed;
use super::sandbox::SandboxList;
use super::script::ScriptFields;
use super::sheet::Sheet;
use super::sync::{SyncFields, WatchLine};
use super::writing::WrittenFields;
use super::{Format, OutputError, SCHEMA, View, raw, show};
use crate::verify::TokenReport;

/// The name of the one schema that is no command's: what each command prints where it fails.
const ERROR: &str = "error";

/// All that a command may print as JSON, type by type: a whole output, or a line.
macro_rules! schemas {
    ($($name:literal: $($output:ty),+;)+) => {
        /// Every schema, as build.rs packs it, by the name of its command.
        pub(crate) const ALL: &[(&str, &[u8])] =
            &[$(($name, include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".json.gz")))),+];

        /// The same, made from the types.
        pub(crate) fn made() -> Vec<(&'static str, Value)> {
            vec![$(document($name, &[$(of::<$output>),+])),+]
        }
    };
}

schemas! {
    "assign-role": Output<WrittenFields>;
    "audit": Output<AuditFields>, Output<ExampleLine>, Fixed<Output<AuditFields>>, Fixed<Output<NoFields>>,
        Output<ScriptFields>;
    "check-owi-user": Output<CheckOwiUser>;
    "check-user": Output<CheckUser>, Output<CheckPair>;
    "config": Output<Config>;
    "create-creator": Output<WrittenFields>;
    "diagnose": Output<Diagnosis>, Output<AllWays>, Output<Diagnoses<Diagnosis>>,
        Output<Diagnoses<AllWays>>, Fixed<Output<Diagnosis>>,
        Fixed<Output<NoFields>>, Output<ScriptFields>;
    "error": Failure;
    "explain": Output<Catalogue>, Output<Explained>;
    "history": Output<History>, Output<RunLine>, Output<WholeRun>;
    "list-organizations": Output<OrganizationList>;
    "list-users": Output<ListedUsers>, Output<UserLine>, Output<ListTail>;
    "refresh-token": Output<Refreshed>;
    "sandbox": Output<SandboxList>;
    "schema": Output<SchemaList>;
    "support-bundle": Output<Bundled>, Output<PseudonymOf>;
    "sync": Output<SyncFields>, Output<WatchLine>;
    "undo": Output<WrittenFields>;
    "update-creator": Output<WrittenFields>;
    "update-organization": Output<WrittenFields>;
    "verify-token": Output<TokenReport>, Output<BatchLine>, Output<BatchEnd>;
    "version": Output<Version>;
}

/// Prints the schema of a command, or the list of all.
///
/// # Errors
/// Where stdout cannot be written.
pub(crate) fn show_schema(command: Option<&str>, format: Format) -> Result<(), OutputError> {
    let Some((_, packed)) = ALL.iter().find(|(name, _)| command == Some(name)) else {
        return show(format, &schemas());
    };
    let mut schema = String::new();
    GzDecoder::new(*packed).read_to_string(&mut schema)?;
    raw(&schema)
}

/// The names of all schemas.
#[derive(Debug, Serialize, JsonSchema)]
struct SchemaList {
    /// The commands that print JSON, and `error`.
    schemas: Vec<&'static str>,
}

/// The list of all schemas.
fn schemas() -> View {
    let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
    let sheet = names.iter().fold(Sheet::default(), |sheet, name| sheet.text(*name).plain_row(&["schema", name]));
    View { json: output("schema", SchemaList { schemas: names }), sheet }
}

/// The schema of one output, with the definitions that it uses in the generator.
fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

/// The schema of a command: one of these outputs, and nothing else.
fn document(name: &'static str, outputs: &[fn(&mut SchemaGenerator) -> Schema]) -> (&'static str, Value) {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let outputs = outputs.iter().map(|output| {
        let mut output = output(&mut generator);
        if name != ERROR {
            with_member(&mut output, "command", json!({"description": "The command that printed it.", "const": name}));
        }
        let about = "The number of the shape, which only grows.";
        with_member(&mut output, "schema", json!({"description": about, "const": SCHEMA}));
        output.to_value()
    });
    let outputs = outputs.collect();
    let mut whole = Map::new();
    whole.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    let title = if name == ERROR { "lamb-auth, where a command fails".to_owned() } else { format!("lamb-auth {name}") };
    whole.insert("title".to_owned(), json!(title));
    whole.insert("anyOf".to_owned(), Value::Array(outputs));
    whole.insert("$defs".to_owned(), Value::Object(generator.take_definitions(true)));
    let mut whole = Value::Object(whole);
    finish(&mut whole, true);
    (name, whole)
}

/// Allows no member that is not named, and turns the words of the code into words about JSON. `closes`: false in the
/// branches of an object whose own members stand beside them.
fn finish(schema: &mut Value, closes: bool) {
    let Some(members) = schema.as_object_mut() else { return };
    if let Some(Value::String(text)) = members.get_mut("description") {
        *text = about_json(text);
    }
    let is_object = members.contains_key("properties");
    let branches =
        ["allOf", "anyOf", "oneOf"].into_iter().filter(|word| members.contains_key(*word)).collect::<Vec<_>>();
    if is_object && closes {
        let word = if branches.is_empty() { "additionalProperties" } else { "unevaluatedProperties" };
        members.entry(word).or_insert(Value::Bool(false));
    }
    for branch in branches {
        if let Some(Value::Array(all)) = members.get_mut(branch) {
            all.iter_mut().for_each(|one| finish(one, closes && !is_object));
        }
    }
    for word in ["properties", "$defs"] {
        if let Some(Value::Object(all)) = members.get_mut(word) {
            all.values_mut().for_each(|one| finish(one, true));
        }
    }
    for word in ["items", "additionalProperties"] {
        if let Some(one) = members.get_mut(word) {
            finish(one, true);
        }
    }
}

/// The text of a rustdoc comment about a value in JSON.
fn about_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // A link into the code: only its text stays.
    while let Some((before, after)) = rest.split_once("[`") {
        let (name, after) = after.split_once("`]").unwrap_or((after, ""));
        let after = after.strip_prefix('(').and_then(|link| link.split_once(')')).map_or(after, |(_, after)| after);
        out.push_str(before);
        out.push_str(&format!("`{name}`"));
        rest = after;
    }
    out.push_str(rest);
    // Inside, times are numbers.
    let words =
        [("Unix seconds; in JSON, RFC", "RFC"), ("Unix seconds, in JSON RFC", "RFC"), ("`None`", "null"), ("\n", " ")];
    words.iter().fold(out, |out, (from, to)| out.replace(from, to))
}
