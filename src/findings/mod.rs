//! The catalogue of findings: for each thing that can be wrong, a stable id, its meaning, how to tell it from similar
//! findings, and the fix. The texts are in [`catalogue`](self::catalogue()).

mod catalogue;
mod judged;
mod proof;

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::lamb::Edition;
use crate::shown;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// By design, or worth knowing.
    Info,
    /// Works now, will cause problems later or elsewhere.
    Warning,
    /// The user cannot work.
    Error,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A token that the user passed.
    Token,
    /// One user, on either side.
    User,
    /// An organization, or a user's place in it.
    Organization,
    /// LAMB's database as a whole.
    LambDatabase,
    /// The Open WebUI server, or its database as a whole.
    OpenWebUi,
    /// LAMB's backend.
    Backend,
    /// A launch from an LMS, and what it needs.
    Lms,
    /// The server that LAMB keeps knowledge bases in.
    KnowledgeBase,
}

impl About {
    /// In the order of the catalogue.
    pub const ALL: [Self; 8] = [
        Self::Token,
        Self::User,
        Self::Organization,
        Self::LambDatabase,
        Self::OpenWebUi,
        Self::Backend,
        Self::Lms,
        Self::KnowledgeBase,
    ];

    /// The heading above these findings.
    pub fn title(self) -> &'static str {
        match self {
            Self::Token => "The token",
            Self::User => "The user",
            Self::Organization => "Organization and role",
            Self::LambDatabase => "LAMB's database",
            Self::OpenWebUi => "Open WebUI",
            Self::Backend => "LAMB's backend",
            Self::Lms => "Launches from an LMS",
            Self::KnowledgeBase => "Knowledge bases",
        }
    }
}

/// What the user in front of the browser notices of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The request is refused with 401.
    Refused,
    /// The request is refused with 403: for LAMB it carries no token.
    Forbidden,
    /// The same request is served once and refused with 401 once.
    Varies,
    /// The backend answers 500.
    Crashes,
    /// The request never ends, and blocks all others of the same worker.
    Hangs,
    /// The browser does not reach this backend.
    NoBackend,
    /// Existing sessions continue; the next login fails, or does not reach Open WebUI.
    Login,
    /// A launch from the LMS fails, or leads to a page without the assistant.
    Launch,
    /// Pages about knowledge bases fail, and in the native edition sign the user out.
    KnowledgeBases,
    /// No immediate effect.
    Nothing,
}

impl Effect {
    /// True where the request fails now, and not only the next login.
    pub fn is_now(self) -> bool {
        !matches!(self, Self::Login | Self::Launch | Self::KnowledgeBases | Self::Nothing)
    }

    /// What the browser shows, in the words of this edition.
    pub fn seen(self, edition: Option<Edition>) -> String {
        match self {
            Self::Refused => {
                let edition = edition.unwrap_or(Edition::Delegated);
                format!("{:?} (401) on /assistants", edition.refusal())
            }
            Self::Varies => {
                format!("the list of assistants (200) at one request, and {} at another", Self::Refused.seen(edition))
            }
            Self::Forbidden => {
                "\"Not authenticated\" or \"Invalid authentication credentials\" (403) on /assistants".to_owned()
            }
            Self::Crashes => "an error page or an endless spinner (500)".to_owned(),
            Self::Hangs => "pages that never finish loading, for all users".to_owned(),
            Self::NoBackend => "a network error, or a page that stays empty".to_owned(),
            Self::Login => "nothing until the session ends; the next login fails".to_owned(),
            Self::Launch => "an error, or no assistant, after a click in the LMS".to_owned(),
            Self::KnowledgeBases if edition == Some(Edition::Native) => {
                "the login page, without a message, when a knowledge base is opened or created".to_owned()
            }
            Self::KnowledgeBases => "\"KB server error\" when a knowledge base is opened or created".to_owned(),
            Self::Nothing => "nothing yet".to_owned(),
        }
    }
}

/// An entry of the catalogue.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// Never changes: scripts and documents refer to it.
    pub id: &'static str,
    /// The part of the deployment that has the problem.
    pub about: About,
    /// The problem in one line.
    pub title: &'static str,
    /// The severity, unless a report sets another for one user.
    pub severity: Severity,
    /// The effect, unless a report sets another for one user.
    pub effect: Effect,
    /// The causes and the consequences.
    pub meaning: &'static str,
    /// The evidence, and how similar findings differ. JSON keeps the name of its first release.
    #[serde(rename = "told_apart")]
    pub how_to_tell: &'static str,
    /// How to fix it.
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
pub use proof::FixProof;

/// Findings about a token that apply to the tokens of all users.
pub static OF_ALL_USERS: [&Finding; 3] = [&FORGEABLE_SECRET, &EMAIL_MISSING, &CLOCK_SKEW];

/// A command of this program that a text suggests: its words, as they are typed and without the quotes of a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The name of the command, its flags and their values.
    pub words: Vec<String>,
    /// Flags at the end that take no value.
    pub switches: Vec<String>,
}

impl Serialize for Command {
    /// A line to type: scripts and people read the same.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&shown::command_line(&self.words, &self.switches))
    }
}

/// One step of a fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FixStep {
    /// A command to type as it is.
    Command(#[schemars(with = "String")] Command),
    /// Something that a person must do.
    Advice(String),
}

impl FixStep {
    /// A command of this program.
    pub fn command(words: &[&str]) -> Self {
        Self::Command(Command { words: words.iter().map(|&word| word.to_owned()).collect(), switches: Vec::new() })
    }

    /// The same command with these words at its end, which stand as they are.
    #[must_use]
    pub fn switched(self, switches: &[&str]) -> Self {
        match self {
            Self::Command(mut command) => {
                command.switches.extend(switches.iter().map(|&switch| switch.to_owned()));
                Self::Command(command)
            }
            advice @ Self::Advice(_) => advice,
        }
    }

    /// Words for a person.
    pub fn advice(text: impl Into<String>) -> Self {
        Self::Advice(text.into())
    }

    /// The text as it is shown: of a command, the line to type.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Command(command) => shown::command_line(&command.words, &command.switches).into(),
            Self::Advice(text) => text.into(),
        }
    }
}

impl From<&str> for FixStep {
    fn from(text: &str) -> Self {
        Self::advice(text)
    }
}

impl From<String> for FixStep {
    fn from(text: String) -> Self {
        Self::Advice(text)
    }
}

/// A finding that was found, here and now.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Hit {
    /// Which.
    #[serde(serialize_with = "id_only", rename = "id")]
    #[schemars(with = "String")]
    pub finding: &'static Finding,
    /// How bad it is here.
    pub severity: Severity,
    /// What the user notices here.
    pub effect: Effect,
    /// What was seen, with its source.
    pub detail: String,
    /// What fixes it here.
    #[serde(rename = "mend")]
    pub fix: Vec<FixStep>,
    /// What carries the fix out.
    #[serde(skip)]
    pub by: FixedBy,
}

/// What carries out a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixedBy {
    /// `--fix`, if it has a repair for the finding.
    Program,
    /// A person, who alone can say which fix is right.
    Person,
    /// SQL on `webui.db`, which `--fix --script FILE` writes.
    Script,
}

fn id_only<S: Serializer>(finding: &&'static Finding, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(finding.id)
}

impl Hit {
    /// A finding with what was seen of it, as bad as the catalogue says, fixed as the catalogue says.
    pub fn new(finding: &'static Finding, detail: impl Into<String>) -> Self {
        let fix = vec![FixStep::advice(finding.remedy)];
        let (severity, effect) = (finding.severity, finding.effect);
        let by = if finding == &OWI_ROW_UNREADABLE { FixedBy::Script } else { FixedBy::Program };
        Self { finding, severity, effect, detail: detail.into(), fix, by }
    }

    /// With this fix in place of the catalogue's.
    #[must_use]
    pub fn fixed_by(mut self, fix: impl IntoIterator<Item = FixStep>) -> Self {
        self.fix = fix.into_iter().collect();
        self
    }

    /// With a fix that this carries out.
    #[must_use]
    pub fn by(mut self, by: FixedBy) -> Self {
        self.by = by;
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
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Words that no text for an operator uses.
    const RETIRED: &str = "shall whom whoever somebody anybody nobody everybody mend mends mended probe organisation";

    /// Fails for a retired word, and for a sentence that a tired reader must read twice.
    pub(crate) fn assert_plain(text: &str) {
        let words = text.to_lowercase();
        let mut words = words.split(|letter: char| !letter.is_alphanumeric());
        assert_eq!(words.find(|word| RETIRED.split(' ').any(|retired| retired == *word)), None, "in {text:?}");
        for sentence in text.replace(".\n", ". ").replace("\n\n", ". ").split(". ") {
            assert!(sentence.split_whitespace().count() <= 25, "too long: {sentence:?}");
        }
    }

    #[test]
    fn every_text_is_plain() {
        for finding in catalogue() {
            [finding.title, finding.meaning, finding.how_to_tell, finding.remedy].into_iter().for_each(assert_plain);
        }
    }

    #[test]
    fn ids_are_unique_and_every_text_is_there() {
        let ids: BTreeSet<_> = catalogue().iter().map(|f| f.id).collect();
        assert_eq!(ids.len(), catalogue().len());
        for finding in catalogue() {
            assert!(finding.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", finding.id);
            for text in [finding.title, finding.meaning, finding.how_to_tell, finding.remedy] {
                assert!(text.len() > 8 && !text.ends_with(' '), "{}: {text:?}", finding.id);
            }
            assert_eq!(find(finding.id), Some(*finding));
        }
    }

    #[test]
    fn a_suggested_command_survives_any_email() {
        let fix = FixStep::command(&["check-user", "--email", "o'neil; rm -rf / @x"]);
        let words = shlex::split(&fix.text()).unwrap();
        assert_eq!(words, ["lamb-auth", "check-user", "--email", "o'neil; rm -rf / @x"]);
        let fix = FixStep::command(&["diagnose", "--email", "-x@y"]).switched(&["--fix", "--dry-run"]);
        assert_eq!(fix.text(), "lamb-auth diagnose --email=-x@y --fix --dry-run");
        assert_eq!(FixStep::command(&["check-user", "--email", "-x@y"]).text(), "lamb-auth check-user --email=-x@y");
    }
}
