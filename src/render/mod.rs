//! The same values as a table for people, as JSON for scripts, as plain tab-separated lines for grep and awk.
//! Nothing outside this room prints data, and nothing in it decides anything about the domain.

mod audit;
mod audit_html;
mod batch;
mod bundle;
mod check;
mod diagnosis;
mod fix;
mod history;
mod json;
mod layout;
mod list_organizations;
mod list_users;
mod listing;
mod markdown;
mod metrics;
mod pair;
mod refresh;
mod sandbox;
mod schemas;
mod script;
mod sheet;
mod stream;
mod style;
mod sync;
mod token;
mod writing;

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::change::half_done::HalfDone;
use crate::committed;
use crate::exit::{Exit, ExitStatus};
use crate::secret::Secret;
use crate::shown;
use crate::waiting;

pub(crate) use crate::shown::clean;
pub(crate) use audit::{Detail, audit, show_audit};
pub(crate) use audit_html::html as audit_html;
pub(crate) use batch::{batch_summary, batch_words, judged};
pub(crate) use bundle::{bundled, pseudonym};
pub(crate) use check::{creator, owi_user};
pub(crate) use diagnosis::{Reports, all_flows, diagnosis, diagnosis_to_fix};
pub(crate) use fix::{Before, fixed, fixed_only};
pub(crate) use history::{RunRow, history, history_lines, run};
pub(crate) use list_organizations::organizations;
pub(crate) use list_users::UserList;
pub(crate) use listing::{SettingRow, config, finding, findings, version};
pub(crate) use markdown::findings_as_markdown;
pub(crate) use metrics::{A_METRIC, metrics};
pub(crate) use pair::pair;
pub(crate) use refresh::{refreshed, refreshed_words};
pub(crate) use sandbox::sandbox;
pub(crate) use schemas::{ALL as SCHEMAS, made as made_schemas, show_schema};
pub(crate) use script::script;
pub(crate) use sheet::{Sheet, Style};
pub(crate) use style::WARN;
pub(crate) use sync::{SyncEnd, SyncView, sync, watched};
pub(crate) use token::token;
pub(crate) use writing::{Done, Written, written};

/// The number of the JSON's shape. It only grows, and so do the objects.
pub(crate) const SCHEMA: u32 = 1;

/// Stdout took no data: a full disk, a closed pipe. Exit code 6 if a change was made before, else 3.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to stdout")]
pub(crate) struct OutputError(#[from] io::Error);

impl ExitStatus for OutputError {
    fn exit(&self) -> Exit {
        if committed::last_run().is_some() { Exit::Unreported } else { Exit::CouldNotTell }
    }
}

/// How data is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For scripts: one object with "schema".
    Json,
    /// For streams: one JSON object a line.
    Jsonl,
    /// For grep and awk: tab-separated lines.
    Plain,
}

impl Format {
    /// True for JSON, in one object or in lines.
    pub(crate) fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl)
    }
}

/// When colors are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// At a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always, for a pager.
    Always,
    /// Never.
    Never,
}

/// What `--color` said, for the whole process: text is painted far from where the command line is known.
static COLOR: OnceLock<Color> = OnceLock::new();

/// Sets when colors are used. Only the first call counts.
pub(crate) fn set_color(color: Color) {
    let _ = COLOR.set(color);
}

/// One value in all three shapes.
#[derive(Debug)]
pub(crate) struct View {
    /// An object; `schema` is put before its members.
    pub json: Value,
    /// For table and plain.
    pub sheet: Sheet,
}

/// Writes a view to stdout.
///
/// # Errors
/// Where stdout cannot be written; a closed pipe among them.
pub(crate) fn show(format: Format, view: &View) -> Result<(), OutputError> {
    let text = match format {
        Format::Table => view.sheet.table(Style::of_stdout()),
        Format::Plain => view.sheet.plain(),
        Format::Json => with_schema(&view.json),
        Format::Jsonl => line_with_schema(&view.json),
    };
    raw(&text)
}

/// Writes a view to stdout as JSON, with a token as its last member: the token is what was asked for, and the one secret
/// that is not masked.
///
/// # Errors
/// If stdout cannot be written; a closed pipe is such an error.
pub(crate) fn show_with_token(view: &View, token: &Secret) -> Result<(), OutputError> {
    let mut whole: Value = serde_json::from_str(&with_schema(&view.json)).map_err(io::Error::from)?;
    if let Some(members) = whole.as_object_mut() {
        members.insert("token".to_owned(), json!(token.expose()));
    }
    raw(&pretty(&whole))
}

/// Writes text to stdout as it is.
///
/// # Errors
/// Where stdout cannot be written; a closed pipe among them.
pub(crate) fn raw(text: &str) -> Result<(), OutputError> {
    let mut stdout = io::stdout().lock();
    waiting::aside(|| stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))?;
    Ok(())
}

/// An error as JSON, so that a script that asked for JSON always gets some.
///
/// # Errors
/// Where stdout cannot be written.
pub(crate) fn error_as_json(message: &str, exit_code: u8, half_done: Option<&HalfDone>) -> Result<(), OutputError> {
    raw(&with_schema(&json::value(json::Failure { error: json::ErrorText { message, exit_code, half_done } })))
}

/// The object with `schema` before its members.
fn schema_first(value: &Value) -> Value {
    let mut all = serde_json::Map::new();
    all.insert("schema".to_owned(), json!(SCHEMA));
    match value {
        Value::Object(members) => all.extend(members.clone()),
        other => drop(all.insert("value".to_owned(), other.clone())),
    }
    let mut all = Value::Object(all);
    shown::mask_json(&mut all);
    all
}

fn with_schema(value: &Value) -> String {
    pretty(&schema_first(value))
}

/// The same on one line, with its end.
fn line_with_schema(value: &Value) -> String {
    json_line(schema_first(value)) + "\n"
}

fn pretty(value: &Value) -> String {
    // A JSON value always serializes.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    shown::escape_json(text)
}

/// A JSON value on one line, without the end of the line.
fn json_line(mut value: Value) -> String {
    shown::mask_json(&mut value);
    shown::escape_json(value.to_string())
}

/// True where colors are welcome on this stream.
fn colors_welcome(stream: &impl IsTerminal) -> bool {
    match COLOR.get().copied().unwrap_or_default() {
        Color::Always => return true,
        Color::Never => return false,
        Color::Auto => {}
    }
    let unset = |name: &str| std::env::var_os(name).is_none_or(|value| value.is_empty());
    stream.is_terminal() && unset("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
