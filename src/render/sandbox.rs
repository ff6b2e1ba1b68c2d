//! `sandbox --list`.

use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::json::output;
use super::sheet::{Sheet, Tone};
use crate::lamb::Edition;
use crate::sandbox::{OwiVersion, Sandbox, Trouble, people};

/// What a sandbox can show.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SandboxList<'a> {
    people: Vec<PersonFields>,
    /// The names that `--token` takes.
    tokens: Vec<&'a str>,
    troubles: Vec<TroubleFields>,
}

/// A user of the sandbox.
#[derive(Debug, Serialize, JsonSchema)]
struct PersonFields {
    email: &'static str,
    /// The id of what is wrong with the user; null where nothing is.
    finding: Option<&'static str>,
    /// One line about the user.
    about: &'static str,
}

/// Something that can be wrong with the whole deployment.
#[derive(Debug, Serialize, JsonSchema)]
struct TroubleFields {
    /// What `--trouble` takes.
    id: &'static str,
    /// One line about it.
    about: &'static str,
}

/// The users, tokens and troubles of a sandbox.
pub(crate) fn sandbox(edition: Edition, version: OwiVersion, sandbox: &Sandbox) -> View {
    let person = |person: &crate::sandbox::SandboxUser| PersonFields {
        email: person.email,
        finding: person.finding_in(edition, version),
        about: person.about,
    };
    let trouble = |trouble: &Trouble| TroubleFields { id: trouble.id(), about: trouble.about() };
    let fields = SandboxList {
        people: people().iter().map(person).collect(),
        tokens: sandbox.token_names().collect(),
        troubles: Trouble::ALL.iter().map(trouble).collect(),
    };
    let plain = |text: String| (text, Tone::Plain);
    let row = |name: &str, about: String| vec![plain(format!("  {name}")), plain(about)];
    let person =
        |person: &PersonFields| row(person.email, format!("{}: {}", person.finding.unwrap_or("healthy"), person.about));
    let sheet = Sheet::default()
        .title(Tone::Plain, "people (--email)")
        .grid(&[], fields.people.iter().map(person).collect())
        .title(Tone::Plain, "tokens (--token)")
        .grid(&[], fields.tokens.iter().map(|name| vec![plain(format!("  {name}"))]).collect())
        .title(Tone::Plain, "troubles (--trouble)")
        .grid(&[], fields.troubles.iter().map(|trouble| row(trouble.id, trouble.about.to_owned())).collect());
    View { json: output("sandbox", fields), sheet }
}
