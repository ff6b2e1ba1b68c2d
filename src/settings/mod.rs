//! Settings: LAMB's own environment, each value with its origin. Nothing here opens a database or a socket.
//!
//! An explicit flag beats the environment, which beats `.env`, which beats LAMB's default, in that order.

mod envfile;
mod keys;
mod mask;
mod prefix;
mod public_url;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub use keys::{KEYS, Key, Points};
pub use mask::mask_url;
pub use prefix::Prefix;
pub use public_url::PublicUrl;

use crate::exit::{Exit, ExitStatus};
use crate::secret::Secret;

/// The literal that both LAMB and Open WebUI 0.5.6 sign with where no secret is set (measured).
pub const INSECURE_SECRET: &str = "t0p-s3cr3t";

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "name")]
pub enum Origin {
    /// A flag of this command.
    Flag(String),
    /// An environment variable.
    Environment(String),
    /// A line of a `.env` file.
    EnvFile(PathBuf),
    /// What LAMB uses where nothing is set.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "{name}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::EnvFile(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and its origin. Every value is kept as a [`Secret`], so that a forgotten one cannot show itself.
#[derive(Clone, Debug)]
pub struct SettingValue {
    value: Secret,
    /// A path whose bytes are not UTF-8; `value` is then what can be shown of it.
    path: Option<PathBuf>,
    /// Where it came from.
    pub origin: Origin,
}

impl SettingValue {
    /// The value, for use.
    pub fn text(&self) -> &str {
        self.value.expose()
    }

    /// The value as a path, byte for byte.
    pub fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or_else(|| Path::new(self.text()))
    }

    /// A value as the system gave it. Only a path may hold bytes that are not UTF-8.
    fn new(key: &Key, value: OsString, origin: Origin) -> Result<Self, SettingsError> {
        match value.into_string() {
            Ok(text) => Ok(Self { value: Secret::new(text), path: None, origin }),
            Err(bytes) if key.points.is_path() => {
                let shown = bytes.to_string_lossy().into_owned();
                Ok(Self { value: Secret::new(shown), path: Some(bytes.into()), origin })
            }
            Err(_) => Err(SettingsError::NotText { name: key.name, origin }),
        }
    }
}

/// A setting that cannot be used. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Needed, and nowhere to be found.
    #[error("{name} is not set\n  set it as in LAMB's environment, or pass {flag}")]
    Unset {
        /// The environment variable.
        name: &'static str,
        /// What to give in its stead.
        flag: &'static str,
    },
    /// There, but not usable.
    #[error("{name} = {value:?} (from {origin}) {problem}")]
    Unusable {
        /// The environment variable.
        name: &'static str,
        /// The value, masked where it is a secret.
        value: String,
        /// Where it came from.
        origin: Origin,
        /// What is wrong with it.
        problem: String,
    },
    /// Not UTF-8, and not a path. The value is not shown: it may be a secret.
    #[error("{name} (from {origin}) is not UTF-8 text\n  set it again, or unset it")]
    NotText {
        /// The environment variable.
        name: &'static str,
        /// Where it came from.
        origin: Origin,
    },
    /// The `.env` file that was asked for cannot be read.
    #[error("cannot read the settings file {path}")]
    EnvFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file with further secrets cannot be read.
    #[error("cannot read the secret file {path}")]
    SecretFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl ExitStatus for SettingsError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// A secret with the name to call it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSecret {
    /// `WEBUI_SECRET_KEY`, a file's name, or "the built-in t0p-s3cr3t".
    pub name: String,
    /// The secret.
    pub secret: Secret,
}

impl NamedSecret {
    /// The literal that is used where nothing is set. It is public, so every attacker can sign with it.
    pub fn insecure() -> Self {
        Self { name: format!("the built-in {INSECURE_SECRET}"), secret: INSECURE_SECRET.into() }
    }

    /// True for a secret that is public.
    pub fn is_forgeable(&self) -> bool {
        self.secret.is_empty() || self.secret.expose() == INSECURE_SECRET
    }
}

/// What the command line says of settings: the variable, the flag's name, and the value.
pub type Overrides = BTreeMap<&'static str, (&'static str, OsString)>;

/// All settings, each with its origin.
#[derive(Debug, Default)]
pub struct Settings {
    found: BTreeMap<&'static str, SettingValue>,
    extra_secrets: Vec<NamedSecret>,
    /// Lines of `.env` that were not understood, as sentences for stderr.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Gathers every setting of [`KEYS`].
    ///
    /// `env_file`: the file of `--env-file`, which must be readable; without it `.env` of the working folder is
    /// read where there is one. `secret_files`: further secrets that may have signed a token, one a file.
    ///
    /// # Errors
    /// Where a file that was asked for cannot be read.
    pub fn load(
        overrides: &Overrides,
        env_file: Option<&Path>,
        secret_files: &[PathBuf],
    ) -> Result<Self, SettingsError> {
        let (file, warnings) = envfile::read(env_file)?;
        let mut settings = Self::resolve(overrides, &|name| std::env::var_os(name), &file)?;
        settings.warnings.extend(warnings);
        // A default is no secret: it stands in LAMB's own source.
        for key in KEYS.iter().filter(|key| key.secret) {
            if let Some(found) = settings.found.get(key.name).filter(|found| found.origin != Origin::Default) {
                drop(found.value.clone().hidden());
            }
        }
        for path in secret_files {
            let text = crate::files::read_text(path)
                .map_err(|source| SettingsError::SecretFile { path: path.clone(), source })?;
            settings.extra_secrets.push(NamedSecret {
                name: path.display().to_string(),
                secret: Secret::new(text.trim_end_matches(['\r', '\n'])).hidden(),
            });
        }
        Ok(settings)
    }

    /// The order of precedence, free of the process's own environment.
    fn resolve(
        overrides: &Overrides,
        environment: &dyn Fn(&str) -> Option<OsString>,
        file: &envfile::EnvFile,
    ) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        for key in KEYS {
            let set = |text: &OsStr| key.empty_is_value || !text.is_empty();
            let in_environment = key.names().find(|name| environment(name).is_some());
            let from_environment = || {
                let name = key.names().find(|name| environment(name).is_some_and(|text| set(&text)))?;
                Some((environment(name)?, Origin::Environment(name.to_owned())))
            };
            let from_file = || {
                // LAMB's loader overrides nothing that is set, were it to the empty text.
                if in_environment.is_some() {
                    return None;
                }
                let text = key.names().find_map(|name| file.values.get(name).filter(|text| set(text.as_ref())))?;
                Some((text.into(), Origin::EnvFile(file.path.clone())))
            };
            let found = overrides
                .get(key.name)
                .map(|(flag, text)| (text.clone(), Origin::Flag((*flag).to_owned())))
                .or_else(from_environment)
                .or_else(from_file)
                .or_else(|| Some((key.default?.into(), Origin::Default)));
            if let Some((value, origin)) = found {
                settings.found.insert(key.name, SettingValue::new(key, value, origin)?);
            }
        }
        Ok(settings)
    }

    /// Settings out of these environment variables, and no others.
    #[cfg(test)]
    pub(crate) fn from_environment(variables: &[(&str, &str)]) -> Self {
        let environment = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, text)| text.into());
        Self::resolve(&Overrides::new(), &environment, &envfile::EnvFile::default()).unwrap()
    }

    /// The value of a setting, by the name of its environment variable.
    pub fn get(&self, name: &str) -> Option<&SettingValue> {
        self.found.get(name)
    }

    /// What may be shown of a setting: secrets and passwords inside URLs are masked.
    pub fn shown(&self, key: &Key) -> Option<String> {
        let found = self.get(key.name)?;
        Some(if key.secret { found.value.masked() } else { mask_url(found.text()) })
    }

    /// The path of `lamb_v4.db`, and where the setting came from.
    ///
    /// # Errors
    /// Where it is set to nothing.
    pub fn lamb_db(&self) -> Result<(PathBuf, Origin), SettingsError> {
        self.database("LAMB_DB_PATH", "--lamb-db PATH", "lamb_v4.db")
    }

    /// True where nothing says where LAMB or Open WebUI is: every setting of theirs is a default. What a machine sets
    /// for all programs (proxies, certificates) does not count.
    pub(crate) fn are_defaults(&self) -> bool {
        let is_theirs = |key: &&Key| ["LAMB_", "OWI_", "WEBUI_"].iter().any(|prefix| key.name.starts_with(prefix));
        let mut found = KEYS.iter().filter(is_theirs).filter_map(|key| self.get(key.name));
        found.all(|found| found.origin == Origin::Default)
    }

    /// The path of `webui.db`, and where the setting came from.
    ///
    /// # Errors
    /// Where it is not set, or set to nothing.
    pub fn owi_db(&self) -> Result<(PathBuf, Origin), SettingsError> {
        self.database("OWI_PATH", "--owi-db PATH", "webui.db")
    }

    fn database(&self, name: &'static str, flag: &'static str, file: &str) -> Result<(PathBuf, Origin), SettingsError> {
        let found = self.get(name).ok_or(SettingsError::Unset { name, flag })?;
        if found.text().is_empty() {
            return Err(unusable(name, found, "is empty"));
        }
        let path = found.path();
        // LAMB joins the file's name to its folder, whatever is there; a flag may name the file itself.
        let names_file = matches!(found.origin, Origin::Flag(_))
            && !path.is_dir()
            && (path.is_file() || path.extension().is_some_and(|e| e == "db"));
        let path = if names_file { path.to_owned() } else { path.join(file) };
        Ok((path, found.origin.clone()))
    }

    /// The prefix that LAMB is told to put before its tables' names; `None` where nothing says one.
    ///
    /// # Errors
    /// Where it has characters that cannot be part of a table's name.
    pub fn prefix(&self) -> Result<Option<(Prefix, Origin)>, SettingsError> {
        let Some(found) = self.get("LAMB_DB_PREFIX") else { return Ok(None) };
        match Prefix::parse(found.text()) {
            Some(prefix) => Ok(Some((prefix, found.origin.clone()))),
            None => Err(unusable("LAMB_DB_PREFIX", found, "is not a table prefix: use only letters, digits and _")),
        }
    }

    /// Open WebUI's base URL, without a slash at its end.
    ///
    /// # Errors
    /// Where it is not an `http` or `https` URL.
    pub fn owi_url(&self) -> Result<String, SettingsError> {
        self.url("OWI_BASE_URL", "--owi-url URL")
    }

    /// The URL of LAMB's backend, without a slash at its end.
    ///
    /// # Errors
    /// Where it is not an `http` or `https` URL.
    pub fn backend_url(&self) -> Result<String, SettingsError> {
        // Only this program reads it: what a blank at its end would do elsewhere is nothing to tell.
        Ok(self.url("LAMB_BACKEND_HOST", "--backend-url URL")?.trim_end().trim_end_matches('/').to_owned())
    }

    fn url(&self, name: &'static str, flag: &'static str) -> Result<String, SettingsError> {
        let found = self.get(name).ok_or(SettingsError::Unset { name, flag })?;
        let wrong = |problem: String| unusable(name, found, &problem);
        let url = reqwest::Url::parse(found.text()).map_err(|e| wrong(format!("is not a URL: {e}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("is not an http or https URL".to_owned()));
        }
        Ok(found.text().trim_end_matches('/').to_owned())
    }

    /// The secret that a native LAMB signs with, by its own order of precedence.
    pub fn lamb_secret(&self) -> NamedSecret {
        self.first_secret(&["LAMB_JWT_SECRET", "WEBUI_SECRET_KEY", "WEBUI_JWT_SECRET_KEY"])
    }

    /// True where nothing says LAMB's secret: then it is the built-in one, or this is not LAMB's environment.
    pub fn lamb_secret_is_guess(&self) -> bool {
        self.lamb_secret() == NamedSecret::insecure()
    }

    /// The secret that Open WebUI signs with, as far as LAMB's environment tells.
    pub fn owi_secret(&self) -> NamedSecret {
        self.first_secret(&["WEBUI_SECRET_KEY", "WEBUI_JWT_SECRET_KEY"])
    }

    fn first_secret(&self, names: &[&'static str]) -> NamedSecret {
        names.iter().find_map(|name| self.named_secret(name)).unwrap_or_else(NamedSecret::insecure)
    }

    fn named_secret(&self, name: &str) -> Option<NamedSecret> {
        let found = self.get(name)?;
        Some(NamedSecret { name: name.to_owned(), secret: found.value.clone() })
    }

    /// Every secret at hand that may have signed a token, the likeliest first, then the public ones.
    pub fn known_secrets(&self) -> Vec<NamedSecret> {
        let mut all: Vec<NamedSecret> = ["WEBUI_SECRET_KEY", "WEBUI_JWT_SECRET_KEY", "LAMB_JWT_SECRET"]
            .iter()
            .filter_map(|name| self.named_secret(name))
            .chain(self.extra_secrets.iter().cloned())
            .chain([
                NamedSecret::insecure(),
                NamedSecret { name: "the empty secret".to_owned(), secret: Secret::default() },
            ])
            .collect();
        let mut seen: Vec<Secret> = Vec::new();
        all.retain(|named| !seen.contains(&named.secret) && (seen.push(named.secret.clone()), true).1);
        all
    }

    /// Any secret of [`KEYS`], for use.
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        self.get(name).map(|found| &found.value)
    }
}

fn unusable(name: &'static str, found: &SettingValue, problem: &str) -> SettingsError {
    SettingsError::Unusable {
        name,
        value: mask_url(found.text()),
        origin: found.origin.clone(),
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

    use proptest::prelude::*;

    use super::*;

    fn resolve(flag: Option<&str>, environment: Option<&str>, file: Option<&str>, name: &'static str) -> Settings {
        let overrides = flag.map(|text| (name, ("--flag", text.into()))).into_iter().collect();
        let values = file.map(|text| (name.to_owned(), text.to_owned())).into_iter().collect();
        let env_file = envfile::EnvFile { path: PathBuf::from(".env"), values };
        let environment = environment.map(OsString::from);
        Settings::resolve(&overrides, &move |n| environment.clone().filter(|_| n == name), &env_file).unwrap()
    }

    /// A variable that cannot be read is not "unset": the default would be another database.
    #[test]
    fn bytes_that_are_not_utf_8_are_a_path_or_an_error() {
        let bytes = OsString::from_vec(b"/data/\xff".to_vec());
        let set = |name: &'static str| {
            let bytes = bytes.clone();
            Settings::resolve(
                &Overrides::new(),
                &move |n| Some(bytes.clone()).filter(|_| n == name),
                &Default::default(),
            )
        };
        let lamb = set("LAMB_DB_PATH").unwrap().lamb_db().unwrap().0;
        assert_eq!(lamb.as_os_str().as_bytes(), b"/data/\xff/lamb_v4.db");
        for name in ["OWI_BASE_URL", "WEBUI_SECRET_KEY", "LAMB_DB_PREFIX", "HTTP_PROXY"] {
            let error = set(name).unwrap_err();
            assert_eq!(error.exit(), Exit::Usage);
            assert!(error.to_string().starts_with(name) && !error.to_string().contains("/data"), "{error}");
        }
    }

    #[test]
    fn flag_beats_environment_beats_file_beats_default() {
        let name = "OWI_BASE_URL";
        let url = |s: &Settings| (s.owi_url().unwrap(), s.get(name).unwrap().origin.to_string());
        let all = resolve(Some("http://flag/"), Some("http://env"), Some("http://file"), name);
        assert_eq!(url(&all), ("http://flag".into(), "--flag".into()));
        let two = resolve(None, Some("http://env"), Some("http://file"), name);
        assert_eq!(url(&two), ("http://env".into(), "environment OWI_BASE_URL".into()));
        assert_eq!(url(&resolve(None, None, Some("http://file"), name)), ("http://file".into(), "file .env".into()));
        assert_eq!(url(&resolve(None, None, None, name)), ("http://openwebui:8080".into(), "default".into()));
    }

    #[test]
    fn an_empty_prefix_is_a_value_and_an_empty_secret_is_none() {
        let prefix = resolve(None, Some(""), Some("LAMB_"), "LAMB_DB_PREFIX").prefix().unwrap().unwrap();
        assert_eq!(prefix.0.as_str(), "");
        let settings = resolve(None, Some(""), Some("of the file"), "WEBUI_SECRET_KEY");
        assert!(settings.owi_secret().is_forgeable(), "an empty variable hides the file's");
    }

    #[test]
    fn masks_the_password_in_a_url() {
        assert_eq!(mask_url("http://user:pw@proxy:3128/x"), "http://****@proxy:3128/x");
        assert_eq!(mask_url("user:pw@proxy:3128"), "****@proxy:3128");
        assert_eq!(mask_url("http://user:p#w@proxy:3128"), "http://****@proxy:3128");
        assert_eq!(mask_url("user:p@w@proxy"), "****@proxy");
        for text in ["no url", "proxy:3128", "http://proxy:3128/a@b", "zoe@lamb.example", "/data/a:b@c"] {
            assert_eq!(mask_url(text), text);
        }
    }

    #[test]
    fn refuses_a_url_of_another_kind() {
        let error = resolve(None, Some("ftp://x"), None, "OWI_BASE_URL").owi_url().unwrap_err();
        assert!(error.to_string().contains("is not an http or https URL"), "{error}");
    }

    proptest! {
        #[test]
        fn a_prefix_never_leaves_its_quotes(text in "\\PC{0,80}") {
            if let Some(prefix) = Prefix::parse(&text) {
                let name = prefix.table("Creator_users");
                prop_assert!(name[1..name.len() - 1].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
            }
        }
    }
}
