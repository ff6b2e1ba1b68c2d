//! What the two servers of a sandbox are told, where that is not what they should be told.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Databases made beforehand: both files are copied, and served as they are.
#[derive(Clone, Debug)]
pub struct Databases {
    /// A `lamb_v4.db`.
    pub lamb: PathBuf,
    /// A `webui.db`.
    pub owi: PathBuf,
    /// Who is the admin that LAMB uses to sign in to Open WebUI.
    pub admin: String,
}

/// The environments of the two servers, where they differ from the right one; `None` is a variable that is not set.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// LAMB's: everything that [`Sandbox::env`](super::Sandbox::env) has, and proxies and `HOME`.
    pub lamb: BTreeMap<String, Option<String>>,
    /// Open WebUI's: `WEBUI_SECRET_KEY`, `WEBUI_AUTH_TRUSTED_EMAIL_HEADER`, `ENABLE_SIGNUP` and `DEFAULT_USER_ROLE`.
    pub open_webui: BTreeMap<String, Option<String>>,
    /// How many seconds LAMB's clock is ahead.
    pub lamb_clock: i64,
}

impl Settings {
    /// LAMB's whole environment.
    pub(super) fn lamb_env(&self, right: &[(&'static str, String)]) -> BTreeMap<String, String> {
        let mut env: BTreeMap<_, _> = right.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        for (name, value) in &self.lamb {
            match value {
                Some(value) => env.insert(name.clone(), value.clone()),
                None => env.remove(name),
            };
        }
        env
    }

    /// True where LAMB was started on other tables than those that are there: it makes them.
    pub(super) fn has_other_tables(&self) -> bool {
        self.lamb.contains_key("LAMB_DB_PREFIX") || self.lamb.contains_key("LAMB_DB_PATH")
    }
}
