//! `refresh-token`.

use std::path::Path;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::json::output;
use super::sheet::Sheet;
use crate::checks::token::Verdict;
use crate::clock;
use crate::refresh::{Fresh, Way};
use crate::token::inspect::{Lifetime, TokenKind};

/// A token that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Refreshed<'a> {
    email: &'a str,
    /// How it was made.
    by: Way,
    kind: TokenKind,
    /// `valid`, or `could-not-tell`.
    #[schemars(with = "String")]
    verdict: Verdict,
    issued: Option<Timestamp>,
    expires: Option<Timestamp>,
    /// Seconds left; null where it does not expire.
    expires_in: Option<i64>,
    /// What is worth knowing.
    notes: &'a [String],
    /// The file that the token was written to.
    out: Option<String>,
    /// The token itself, with `--out -`.
    token: Option<&'a str>,
}

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
    let fields = Refreshed {
        email,
        by: fresh.way,
        kind: inspection.kind,
        verdict: report.judged.verdict,
        issued: inspection.issued,
        expires: inspection.expires,
        expires_in,
        notes: &fresh.notes,
        out: file.map(|path| path.display().to_string()),
        // It is put in last, after the secrets are masked.
        token: None,
    };
    let json = output("refresh-token", fields);
    View { json, sheet: Sheet::default() }
}
