//! `support-bundle`.

use std::path::Path;

use serde_json::json;

use super::View;
use super::sheet::{Sheet, Tone};
use crate::bundle::Bundle;
use crate::bundle::pseudonym::Pseudonym;
use crate::email::Email;

/// What is in a bundle that was written.
pub(crate) fn bundled(path: &Path, bundle: &Bundle) -> View {
    let path = path.display().to_string();
    let members: Vec<_> = bundle
        .members
        .iter()
        .map(|member| json!({"name": member.name, "bytes": member.bytes.len(), "about": member.about}))
        .collect();
    let json = json!({
        "command": "support-bundle",
        "out": path,
        "members": members,
        "not_looked_at": bundle.not_looked_at,
    });
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
    let json = json!({"command": "support-bundle", "email": email, "pseudonym": pseudonym});
    let sheet = Sheet::default().title(Tone::Plain, pseudonym.as_str()).plain_row(&[
        "pseudonym",
        email.as_str(),
        pseudonym.as_str(),
    ]);
    View { json, sheet }
}
