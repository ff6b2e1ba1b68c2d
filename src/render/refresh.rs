//! `refresh-token`.

use std::path::Path;

use serde_json::{Value, json};

use super::View;
use super::sheet::Sheet;
use crate::clock;
use crate::refresh::Fresh;
use crate::token::inspect::Lifetime;

/// Whose token it is, how it came and how long it lives, for stderr.
pub(crate) fn refreshed_words(email: &str, fresh: &Fresh, file: Option<&Path>) -> String {
    let inspection = &fresh.report.token;
    let ends = inspection.expires.map_or_else(String::new, |time| format!(", until {time}"));
    let life = match inspection.lifetime {
        Lifetime::Running { expires_in } => format!("valid for {}{ends}", clock::in_words(expires_in)),
        Lifetime::Endless => "it does not expire".to_owned(),
        Lifetime::Expired { .. } | Lifetime::NotYet { .. } => format!("its times do not match this clock{ends}"),
    };
    let kind = inspection.kind.describe();
    let place = file.map_or_else(String::new, |path| format!("; written to {}", path.display()));
    format!("{kind} for {email}, by {}: {life}{place}", fresh.way)
}

/// The same for scripts. The token is in it only where it did not go to a file.
pub(crate) fn refreshed(email: &str, fresh: &Fresh, file: Option<&Path>) -> View {
    let (report, inspection) = (&fresh.report, &fresh.report.token);
    let expires_in = match inspection.lifetime {
        Lifetime::Running { expires_in } => Some(expires_in),
        _ => None,
    };
    let json = json!({
        "command": "refresh-token",
        "email": email,
        "by": fresh.way,
        "kind": inspection.kind,
        "verdict": report.judged.verdict,
        "issued": inspection.issued,
        "expires": inspection.expires,
        "expires_in": expires_in,
        "notes": fresh.notes,
        "out": file.map(|path| path.display().to_string()),
        "token": Value::Null,
    });
    View { json, sheet: Sheet::default() }
}
