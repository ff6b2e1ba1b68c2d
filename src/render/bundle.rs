//! `support-bundle`.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::json::output;
use super::sheet::{Sheet, Tone};
use crate::bundle::pseudonym::Pseudonym;
use crate::bundle::{Bundle, NotLookedAt};
use crate::email::Email;

/// A bundle that was written.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Bundled<'a> {
    /// The archive.
    out: &'a str,
    members: Vec<MemberFields<'a>>,
    /// What could not be looked at, and why.
    not_looked_at: &'a [NotLookedAt],
}

/// A file of the archive.
#[derive(Debug, Serialize, JsonSchema)]
struct MemberFields<'a> {
    name: &'a str,
    bytes: usize,
    /// What is in it.
    about: &'a str,
}

/// The pseudonym of a user in every bundle with the same key.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PseudonymOf<'a> {
    email: &'a Email,
    pseudonym: &'a Pseudonym,
}

/// What is in a bundle that was written.
pub(crate) fn bundled(path: &Path, bundle: &Bundle) -> View {
    let path = path.display().to_string();
    let members = bundle.members.iter();
    let members =
        members.map(|member| MemberFields { name: &member.name, bytes: member.bytes.len(), about: member.about });
    let fields = Bundled { out: &path, members: members.collect(), not_looked_at: &bundle.not_looked_at };
    let json = output("support-bundle", fields);
    let rows = bundle.members.iter().map(|member| {
        vec![
            (member.name.clone(), Tone::Plain),
            (member.bytes.len().to_string(), Tone::Faint),
            (member.about.to_owned(), Tone::Plain),
        ]
    });
    let mut sheet = Sheet::default()
        .title(Tone::Good, format!("{path}: anonymized; read it before you send it"))
        .grid(&["FILE", "BYTES", "WHAT"], rows.collect());
    for missing in &bundle.not_looked_at {
        sheet = sheet.text(format!("not included: {} ({})", missing.part, missing.why)).plain_row(&[
            "not-looked-at",
            missing.part,
            missing.why,
        ]);
    }
    View { json, sheet }
}

/// The pseudonym of a user in a bundle.
pub(crate) fn pseudonym(email: &Email, pseudonym: &Pseudonym) -> View {
    let json = output("support-bundle", PseudonymOf { email, pseudonym });
    let sheet = Sheet::default().title(Tone::Plain, pseudonym.as_str()).plain_row(&[
        "pseudonym",
        email.as_str(),
        pseudonym.as_str(),
    ]);
    View { json, sheet }
}
