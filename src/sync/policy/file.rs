//! The policy as a file has it, and as a saved plan carries it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};

use super::flags::PolicyFlags;
use super::max_changes::MaxChanges;
use super::rule::{Rule, Slug};
use crate::email::Email;
use crate::email::pattern::{MOST_STEPS, Pattern};
use crate::exit::{Exit, ExitStatus};
use crate::lamb::model::OrganizationRole;

/// The largest policy file that is read, in bytes: room for some ten thousand addresses.
pub(crate) const MAX_FILE_BYTES: u64 = 1 << 20;

/// Why there is no policy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PolicyError {
    /// Missing, a folder, or not ours to read.
    #[error("cannot read the policy file {path}")]
    Read { path: PathBuf, source: std::io::Error },
    /// Larger than [`MAX_FILE_BYTES`].
    #[error("the policy file {path} is larger than {MAX_FILE_BYTES} bytes; is it the right one?")]
    TooBig { path: PathBuf },
    /// Text of another encoding, or no text.
    #[error("the policy file {path} is not UTF-8, from line {line} on")]
    NotUtf8 {
        path: PathBuf,
        /// The first line that is not.
        line: usize,
    },
    /// No TOML, a key that there is not, or a value that its key cannot have.
    #[error("the policy file {path}, line {line}: {reason}")]
    Contents {
        path: PathBuf,
        /// The line of it, from 1.
        line: usize,
        /// The key and what there is instead, or what is wrong with the value.
        reason: String,
    },
    /// Two keys that say different things.
    #[error("{place}: all covers all users, include only some; use one of the two")]
    AllAndInclude { place: String },
    /// Together, its patterns would make a run take hours.
    #[error(
        "{place}: its patterns with *, ? and [ would take too long: {steps} steps for one address, at most {MOST_STEPS}\n  \
         use addresses, domains, or patterns with fewer *"
    )]
    TooManySteps { place: String, steps: usize },
}

impl ExitStatus for PolicyError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// The keys of a policy. None has to be there. Patterns and slugs are judged as they are read, so that the error can
/// tell the line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct PolicyFile {
    /// The organization of new creators, unless a rule selects another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<Slug>,
    /// Their role there, where neither a rule nor `owi-role` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<OrganizationRole>,
    /// Only those who fit.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "not_empty")]
    pub include: Option<Vec<Pattern>>,
    /// Not those who fit.
    pub exclude: Vec<Pattern>,
    /// All users, requested explicitly.
    pub all: bool,
    /// Also users who are pending in Open WebUI.
    pub with_pending: bool,
    /// Those who cannot sign in to Open WebUI, too.
    pub with_inactive: bool,
    /// Accounts of programs, instead of the built-in list; an empty list means that there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_accounts: Option<Vec<Pattern>>,
    /// Newcomers, even where they look like a creator of another address.
    pub assume_new: Vec<Email>,
    /// Users who get a creator again, though theirs was removed in LAMB.
    pub recreate: Recreate,
    /// Move creators to the organization of the rule that fits.
    #[serde(rename = "move")]
    pub moves: bool,
    /// Disable creators without a user in Open WebUI.
    pub disable_missing: bool,
    /// The most changes of one run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_changes: Option<MaxChanges>,
    /// Open WebUI's role, and the role in the organization.
    pub owi_role: BTreeMap<String, OrganizationRole>,
    /// Who belongs to another organization; the first that fits counts.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// Whose removed creators are created again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "use true, false, or a list of e-mails")]
pub(crate) enum Recreate {
    /// All, or none.
    All(bool),
    /// These users.
    These(Vec<Email>),
}

impl Default for Recreate {
    fn default() -> Self {
        Self::All(false)
    }
}

impl Recreate {
    /// With more users.
    fn and(self, more: &[Email]) -> Self {
        match self {
            Self::These(mut these) => {
                these.extend(more.iter().cloned());
                Self::These(these)
            }
            Self::All(false) if !more.is_empty() => Self::These(more.to_vec()),
            all => all,
        }
    }
}

/// An empty list is ambiguous: no users, or all.
fn not_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Pattern>>, D::Error> {
    let patterns = Vec::deserialize(deserializer)?;
    if patterns.is_empty() {
        let message = "include is empty; remove it, or set all = true for all users";
        return Err(serde::de::Error::custom(message));
    }
    Ok(Some(patterns))
}

impl PolicyFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`PolicyError`], with the line where there is one.
    pub(crate) fn read(path: &Path) -> Result<Self, PolicyError> {
        let bytes = crate::files::read_up_to(path, MAX_FILE_BYTES + 1)
            .map_err(|source| PolicyError::Read { path: path.to_owned(), source })?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(PolicyError::TooBig { path: path.to_owned() });
        }
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| PolicyError::NotUtf8 { path: path.to_owned(), line: line(&bytes, error.valid_up_to()) })?;
        let file: Self = toml::from_str(text).map_err(|error| PolicyError::Contents {
            path: path.to_owned(),
            line: line(&bytes, error.span().map_or(0, |span| span.start)),
            reason: in_words(error.message().trim()),
        })?;
        file.check(&path.display().to_string())?;
        Ok(file)
    }

    /// Whether its keys go together.
    pub(super) fn check(&self, place: &str) -> Result<(), PolicyError> {
        if self.all && self.include.is_some() {
            return Err(PolicyError::AllAndInclude { place: place.to_owned() });
        }
        Ok(())
    }

    /// The policy with what the command line says of it. Flags' rules and exclusions come before the file's, a role
    /// of Open WebUI takes the place of its own line only, and all other flags that of the file's key.
    pub(super) fn with_flags(mut self, flags: &PolicyFlags) -> Self {
        if flags.all || !flags.include.is_empty() {
            self.all = flags.all;
            self.include = (!flags.include.is_empty()).then(|| flags.include.clone());
        }
        if !flags.service_account.is_empty() {
            self.service_accounts = Some(flags.service_account.clone());
        }
        self.org = flags.org.clone().or(self.org);
        self.role = flags.role.or(self.role);
        self.max_changes = flags.max_changes.or(self.max_changes);
        self.with_pending |= flags.with_pending;
        self.with_inactive |= flags.with_inactive;
        self.moves |= flags.moves;
        self.disable_missing |= flags.disable_missing;
        self.owi_role.extend(flags.owi_role.iter().map(|pair| (pair.owi_role.clone(), pair.role)));
        self.rules.splice(..0, flags.rule.iter().cloned());
        self.recreate = self.recreate.and(&flags.recreate);
        self.assume_new.extend(flags.assume_new.iter().cloned());
        self.exclude.splice(..0, flags.exclude.iter().cloned());
        self
    }
}

/// Serde speaks of fields, its readers of keys.
fn in_words(message: &str) -> String {
    match message.strip_prefix("unknown field") {
        Some(rest) => format!("unknown key{rest}"),
        None => message.to_owned(),
    }
}

/// The line, from 1, in which the byte at `at` is.
fn line(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: impl AsRef<[u8]>) -> Result<PolicyFile, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        PolicyFile::read(file.path()).map_err(|error| error.to_string().replace(file.path().to_str().unwrap(), "FILE"))
    }

    #[test]
    fn a_bad_file_is_told_with_its_line() {
        let unknown = "unknown key `orgs`, expected one of `org`, `role`, `include`, `exclude`, `all`, `with-pending`, \
                       `with-inactive`, `service-accounts`, `assume-new`, `recreate`, `move`, `disable-missing`, `max-changes`, `owi-role`, `rule`";
        let cases = [
            ("# a policy\norgs = 'lamb'\nrole = 'member'", 2, unknown),
            (
                "[[rule]]\nemail = 'x.example'\norg = 'x'\nroll = 'admin'",
                4,
                "unknown key `roll`, expected one of `email`, `org`, `role`",
            ),
            ("\n\n[[rule]]\nemail = 'x.example'", 3, "missing field `org`"),
            ("role = 'member'\nrole = 'admin'", 2, "duplicate key"),
            ("all = true\nrole = 'boss'", 2, "unknown variant `boss`, expected one of `owner`, `admin`, `member`"),
            ("[owi-role]\nadmin = 'root'", 2, "unknown variant `root`, expected one of `owner`, `admin`, `member`"),
            ("include = [\n  'x.example',\n  'a[b@x.example',\n]", 1, "\"a[b@x.example\": a [ without its ]"),
            ("all = false\ninclude = []", 2, "include is empty"),
            ("\nexclude = 'x.example'", 2, "expected a sequence"),
            ("\nexclude = ['']", 2, "the pattern is empty"),
            ("\norg = ''", 2, "the slug is empty"),
            ("\n[[rule]]\nemail = 'x.example'\norg = ' x'", 4, "blanks at its ends"),
            ("\nmax-changes = 'ten'", 2, "\"ten\" is neither a number of changes"),
            ("\nmax-changes = -1", 2, "neither a number of changes"),
            ("\nmax-changes = 1.5", 2, "neither a number of changes"),
            ("org = 'lamb'\nrole = ", 2, ""),
            ("org: lamb", 1, ""),
        ];
        for (text, line, reason) in cases {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(&format!("the policy file FILE, line {line}: ")), "{text:?}: {error}");
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }

    #[test]
    fn what_is_no_policy_file_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let missing = PolicyFile::read(&folder.path().join("none.toml")).unwrap_err();
        assert!(matches!(missing, PolicyError::Read { .. }), "{missing}");
        assert!(PolicyFile::read(folder.path()).unwrap_err().to_string().starts_with("cannot read the policy file /"));
        assert_eq!(read(b"# a\n# \xff\n"), Err("the policy file FILE is not UTF-8, from line 2 on".to_owned()));
        let full = "#".repeat(1 << 20);
        assert_eq!(read(&full), Ok(PolicyFile::default()));
        let error = read(full + "#").unwrap_err();
        assert_eq!(error, "the policy file FILE is larger than 1048576 bytes; is it the right one?");
        let error = read("all = true\ninclude = ['x.example']").unwrap_err();
        assert_eq!(error, "FILE: all covers all users, include only some; use one of the two");
    }

    #[test]
    fn windows_and_empty_files_are_read() {
        assert_eq!(read(""), Ok(PolicyFile::default()));
        let file = read("\u{feff}org = \"physics\"\r\nmax-changes = 7\r\n").unwrap();
        assert_eq!((file.org.unwrap().as_str(), file.max_changes), ("physics", Some(MaxChanges::Number(7))));
    }
}
