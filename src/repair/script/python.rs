//! The text of a script. All values are JSON inside of a string that is ASCII: no e-mail ends a literal or a line.

use std::path::Path;

use serde::Serialize;

use super::{Script, ScriptStep};
use crate::{clock, version};

const TEMPLATE: &str = include_str!("template.py");

/// How every script begins: a file that does not begin so is not replaced.
pub(crate) const BEGINNING: &[u8] =
    b"#!/usr/bin/env python3\n# Fixes rows of Open WebUI's database. Written by lamb-auth.\n";

/// The commands around the script: stop, copy, run, start.
pub(crate) fn around(script: &Script, file: &Path) -> [String; 4] {
    let copy = format!("{}.before-lamb-auth", script.database);
    let quoted = |words: &[&str]| shlex::try_join(words.iter().copied()).unwrap_or_default();
    [
        "docker-compose stop openwebui".to_owned(),
        quoted(&["cp", "-p", &script.database, &copy]),
        quoted(&["python3", &file.display().to_string()]),
        "docker-compose start openwebui".to_owned(),
    ]
}

/// The whole script.
pub(crate) fn text(script: &Script, file: &Path) -> String {
    let mut header = vec![
        format!("# lamb-auth {}, {}", version::SHORT, clock::rfc3339(clock::now())),
        "#".to_owned(),
        "# Run these commands one after the other. Open WebUI must be stopped: the script refuses otherwise."
            .to_owned(),
    ];
    header.extend(around(script, file).iter().map(|command| format!("#   {}", comment(command))));
    header.push("# All changes are one transaction. If a check fails, nothing is changed.".to_owned());
    header.push("# Another path of the database: python3 SCRIPT PATH".to_owned());
    let columns: serde_json::Map<_, _> =
        script.columns.iter().map(|(table, names)| ((*table).to_owned(), serde_json::json!(names))).collect();
    let steps: Vec<String> = script.steps.iter().map(step).collect();
    // Each marker stands once; what takes its place is not searched again.
    let parts = [
        ("@@HEADER@@", header.join("\n")),
        ("@@DATABASE@@", literal(&script.database)),
        ("@@COLUMNS@@", literal(&columns)),
        ("@@STEPS@@", steps.join("\n\n")),
    ];
    let mut text = String::new();
    let mut rest = TEMPLATE;
    for (marker, part) in parts {
        let Some((before, after)) = rest.split_once(marker) else { continue };
        text.push_str(before);
        text.push_str(&part);
        rest = after;
    }
    text + rest
}

fn step(step: &ScriptStep) -> String {
    let what = comment(&step.what);
    format!(
        "# {}: {what}\nstep(\n    json.loads({}),\n    before={},\n    change={},\n    rows={},\n    after={},\n)",
        step.finding,
        literal(&what),
        literal(&step.before),
        literal(&step.change),
        step.rows,
        literal(&step.after),
    )
}

/// A value as JSON, in a literal of Python: JSON's escapes mean the same there, and inside of it there are no others.
fn literal(value: &impl Serialize) -> String {
    let json = ascii(&serde_json::to_string(value).unwrap_or_default());
    serde_json::to_string(&json).unwrap_or_default()
}

/// JSON with nothing but ASCII in it.
fn ascii(json: &str) -> String {
    let mut units = [0; 2];
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

/// A text on one line, in ASCII.
fn comment(text: &str) -> String {
    text.chars().flat_map(|c| if c == '\'' || c == '"' { vec![c] } else { c.escape_default().collect() }).collect()
}
