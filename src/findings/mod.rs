//! The catalogue of findings: for each thing that can be wrong a stable id, its meaning, how it is told apart
//! from its neighbours, and what mends it. The texts are in [`catalogue`](self::catalogue()).

mod catalogue;
mod judged;

use std::fmt;
use std::sync::OnceLock;

use serde::{Serialize, Serializer};

use crate::lamb::Edition;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// By design, or worth knowing.
    Info,
    /// Works now; will hurt later, or hurts something else.
    Warning,
    /// The user cannot work.
    Error,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A token that was handed in.
    Token,
    /// One user, on either side.
    User,
    /// An organisation, or a user's place in it.
    Organization,
    /// LAMB's database as a whole.
    LambDatabase,
    /// The Open WebUI server, or its database as a whole.
    OpenWebUi,
    /// LAMB's backend.
    Backend,
}

impl About {
    /// All of them, in the order of the catalogue.
    pub const ALL: [Self; 6] =
        [Self::Token, Self::User, Self::Organization, Self::LambDatabase, Self::OpenWebUi, Self::Backend];

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Token => "The token",
            Self::User => "The user",
            Self::Organization => "Organisation and role",
            Self::LambDatabase => "LAMB's database",
            Self::OpenWebUi => "Open WebUI",
            Self::Backend => "LAMB's backend",
        }
    }
}

/// What a finding does to the person in front of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The request is refused with 401.
    Refused,
    /// The backend answers 500.
    Crashes,
    /// The request never ends, and neither does any other of that worker.
    Hangs,
    /// The browser cannot reach the backend, or not this one.
    NoBackend,
    /// Existing sessions go on; the next login is refused, or is not handed on to Open WebUI.
    Login,
    /// Nothing at once.
    Nothing,
}

impl Effect {
    /// What the browser shows, in the words of this edition.
    pub fn seen(self, edition: Option<Edition>) -> String {
        match self {
            Self::Refused => {
                let edition = edition.unwrap_or(Edition::Delegated);
                format!("{:?} (401) on /assistants", edition.refusal())
            }
            Self::Crashes => "an error page or an endless spinner (500)".to_owned(),
            Self::Hangs => "pages that load for ever, for everybody".to_owned(),
            Self::NoBackend => "a network error, or a page that never fills".to_owned(),
            Self::Login => "nothing while the session lasts; the next login fails".to_owned(),
            Self::Nothing => "nothing yet".to_owned(),
        }
    }
}

/// An entry of the catalogue.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// Stable: scripts and documents may name it.
    pub id: &'static str,
    /// What it is about.
    pub about: About,
    /// A line.
    pub title: &'static str,
    /// How bad it is unless the report says otherwise.
    pub severity: Severity,
    /// What the user notices unless the report says otherwise.
    pub effect: Effect,
    /// What it means.
    pub meaning: &'static str,
    /// How it is told apart from what looks the same.
    pub told_apart: &'static str,
    /// How it is mended.
    pub remedy: &'static str,
}

impl PartialEq for Finding {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Finding {}

/// All findings, grouped as in `explain`.
pub fn catalogue() -> &'static [&'static Finding] {
    catalogue::ALL
}

/// A finding by its id.
pub fn find(id: &str) -> Option<&'static Finding> {
    catalogue().iter().copied().find(|finding| finding.id == id)
}

pub use catalogue::*;
pub use judged::{Fact, Judged, Outcome};

/// Findings about a token that are the same for everybody's.
pub static OF_EVERYBODY: [&Finding; 3] = [&FORGEABLE_SECRET, &EMAIL_MISSING, &CLOCK_SKEW];

static SETTINGS_FLAGS: OnceLock<Vec<String>> = OnceLock::new();

/// The flags by which this run was told its settings: a command that it suggests must be about the same deployment.
/// Called once, at the start.
pub fn set_settings_flags(flags: Vec<String>) {
    // A second call changes nothing; there is none.
    let _ = SETTINGS_FLAGS.set(flags);
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    shlex::Quoter::new().allow_nul(true).quote(word).unwrap_or_default().into_owned()
}

/// One step of a remedy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mend {
    /// A command to type as it is.
    Command(String),
    /// Something that a person must do.
    Advice(String),
}

impl Mend {
    /// A command of this program, with its words quoted for a shell.
    pub fn command(words: &[&str]) -> Self {
        let mut line = vec!["lamb-auth".to_owned()];
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            // A value that looks like a flag is taken for one unless it is tied to its own.
            match words.next_if(|next| word.starts_with("--") && next.starts_with('-')) {
                Some(value) => line.push(format!("{word}={}", quoted(value))),
                None => line.push(quoted(word)),
            }
        }
        line.extend(SETTINGS_FLAGS.get().into_iter().flatten().map(|word| quoted(word)));
        Self::Command(line.join(" "))
    }

    /// The same command with flags that take no value: a word after one of those is never its value.
    #[must_use]
    pub fn switched(self, switches: &[&str]) -> Self {
        match self {
            Self::Command(line) => Self::Command(format!("{line} {}", switches.join(" "))),
            advice @ Self::Advice(_) => advice,
        }
    }

    /// Words for a person.
    pub fn advice(text: impl Into<String>) -> Self {
        Self::Advice(text.into())
    }

    /// The text, of whichever kind.
    pub fn text(&self) -> &str {
        match self {
            Self::Command(text) | Self::Advice(text) => text,
        }
    }
}

/// A finding that was found, here and now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// Which.
    #[serde(serialize_with = "id_only", rename = "id")]
    pub finding: &'static Finding,
    /// How bad it is here.
    pub severity: Severity,
    /// What the user notices here.
    pub effect: Effect,
    /// What was seen, with its source.
    pub detail: String,
    /// What mends it here.
    pub mend: Vec<Mend>,
}

fn id_only<S: Serializer>(finding: &&'static Finding, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(finding.id)
}

impl Hit {
    /// A finding with what was seen of it, as bad as the catalogue says, mended as the catalogue says.
    pub fn new(finding: &'static Finding, detail: impl Into<String>) -> Self {
        let mend = vec![Mend::advice(finding.remedy)];
        Self { finding, severity: finding.severity, effect: finding.effect, detail: detail.into(), mend }
    }

    /// With a remedy of its own in place of the catalogue's.
    #[must_use]
    pub fn mended_by(mut self, mend: impl IntoIterator<Item = Mend>) -> Self {
        self.mend = mend.into_iter().collect();
        self
    }

    /// As bad as this, for this user on this edition.
    #[must_use]
    pub fn severity(mut self, severity: Severity, effect: Effect) -> Self {
        self.severity = severity;
        self.effect = effect;
        self
    }
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.finding.id, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_every_text_is_there() {
        let ids: BTreeSet<_> = catalogue().iter().map(|f| f.id).collect();
        assert_eq!(ids.len(), catalogue().len());
        for finding in catalogue() {
            assert!(finding.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", finding.id);
            for text in [finding.title, finding.meaning, finding.told_apart, finding.remedy] {
                assert!(text.len() > 8 && !text.ends_with(' '), "{}: {text:?}", finding.id);
            }
            assert_eq!(find(finding.id), Some(*finding));
        }
    }

    #[test]
    fn a_suggested_command_survives_any_email() {
        let mend = Mend::command(&["check-user", "--email", "o'neil; rm -rf / @x"]);
        let words = shlex::split(mend.text()).unwrap();
        assert_eq!(words, ["lamb-auth", "check-user", "--email", "o'neil; rm -rf / @x"]);
        let fix = Mend::command(&["diagnose", "--email", "-x@y"]).switched(&["--fix", "--dry-run"]);
        assert_eq!(fix.text(), "lamb-auth diagnose --email=-x@y --fix --dry-run");
        assert_eq!(Mend::command(&["check-user", "--email", "-x@y"]).text(), "lamb-auth check-user --email=-x@y");
    }
}
