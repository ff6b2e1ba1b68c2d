//! What JSON output is made of. The fields of each output are a type, so that `docs/schemas` can be made from the types.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::change::half_done::HalfDone;
use crate::findings::FixStep;
use crate::owi::file::row::Provider;

/// The output of a command, with the name of the command.
#[derive(Debug, Serialize)]
pub(super) struct Output<T> {
    command: &'static str,
    #[serde(flatten)]
    fields: T,
}

impl<T> Output<T> {
    pub(super) fn new(command: &'static str, fields: T) -> Self {
        Self { command, fields }
    }
}

/// Named and described as its fields are.
impl<T: JsonSchema> JsonSchema for Output<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = T::json_schema(generator);
        with_member(&mut schema, "command", json!({"type": "string", "description": "The command that printed it."}));
        schema
    }
}

/// Adds a member before those of an object, or describes the one that it has.
pub(super) fn with_member(schema: &mut Schema, name: &str, member: Value) {
    let object = schema.ensure_object();
    let mut members = Map::from_iter([(name.to_owned(), member)]);
    if let Some(Value::Object(others)) = object.remove("properties") {
        members.extend(others.into_iter().filter(|(other, _)| other != name));
    }
    object.insert("properties".to_owned(), Value::Object(members));
    if let Value::Array(required) = object.entry("required").or_insert_with(|| json!([]))
        && !required.iter().any(|other| other == name)
    {
        required.insert(0, json!(name));
    }
}

/// The output of a command as JSON.
pub(super) fn output(command: &'static str, fields: impl Serialize) -> Value {
    value(Output::new(command, fields))
}

/// A value as JSON. All that is rendered has texts for keys, so it always serializes.
pub(super) fn value(fields: impl Serialize) -> Value {
    serde_json::to_value(fields).unwrap_or_default()
}

/// An output that says only which command printed it, or how one begins that is written piece by piece.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct NoFields {}

/// Which ways of signing in find an account.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SignIn<'a> {
    /// Whether the trusted header finds it; null where that was not measured for this version.
    pub trusted_header: Option<bool>,
    /// Whether a password finds it; null where that was not measured for this version.
    pub password: Option<bool>,
    /// The identity providers that it is linked with.
    pub providers: &'a [Provider],
}

/// The line to type, or what a person must do.
pub(super) fn line(step: &FixStep) -> String {
    step.text().into_owned()
}

/// What every command prints with `-o json` in place of its output, where it fails.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Failure<'a> {
    pub error: ErrorText<'a>,
}

/// Why a command failed.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ErrorText<'a> {
    /// The message for people.
    pub message: &'a str,
    /// The exit code of the program.
    pub exit_code: u8,
    /// Where Open WebUI made its half of a change and LAMB's was not made: which, and what puts it right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_done: Option<&'a HalfDone>,
}
