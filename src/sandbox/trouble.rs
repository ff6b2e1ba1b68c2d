//! What can be wrong with the platform as a whole, rather than with one user.

use std::fmt;
use std::str::FromStr;

macro_rules! troubles {
    ($($(#[doc = $about:literal])+ $name:ident = $id:literal,)+) => {
        /// A trouble of the whole platform that the sandbox starts with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Trouble {
            $($(#[doc = $about])+ $name,)+
        }

        impl Trouble {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name on the command line.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }

            /// One line about it.
            pub fn about(self) -> &'static str {
                match self { $(Self::$name => concat!($($about),+).trim_ascii(),)+ }
            }
        }
    };
}

troubles! {
    /// Nothing listens where Open WebUI should be
    OwiDown = "owi-down",
    /// Open WebUI accepts connections and never answers
    OwiHangs = "owi-hangs",
    /// Open WebUI answers 500 to everything
    OwiError = "owi-error",
    /// The base URL of Open WebUI is some other web site
    OwiWrongUrl = "owi-wrong-url",
    /// Open WebUI's address redirects elsewhere
    OwiRedirect = "owi-redirect",
    /// `auths/` answers 200 and JSON, but not a user
    OwiNotJson = "owi-not-json",
    /// Nothing listens where LAMB's backend should be
    BackendDown = "backend-down",
    /// The backend accepts connections and never answers
    BackendHangs = "backend-hangs",
    /// The backend answers 500 to everything
    BackendError = "backend-error",
    /// A proxy's HTML page stands where the backend should be
    BackendWrong = "backend-wrong",
    /// Some other API stands where the backend should be: 404 in JSON to everything
    BackendNotFound = "backend-not-found",
    /// The backend's address redirects elsewhere
    BackendRedirect = "backend-redirect",
    /// Another process holds an exclusive lock on `lamb_v4.db`
    LambDbLocked = "lamb-db-locked",
    /// `lamb_v4.db` has no bytes
    LambDbEmpty = "lamb-db-empty",
    /// `lamb_v4.db` is not a database
    LambDbGarbage = "lamb-db-garbage",
    /// There is no `lamb_v4.db`
    LambDbMissing = "lamb-db-missing",
    /// The tables under the configured prefix are empty, those under `old_` are full
    PrefixWrong = "prefix-wrong",
    /// `Creator_users` has no `enabled` column: a migration did not finish
    ColumnsMissing = "columns-missing",
    /// Open WebUI signs with a secret that LAMB was not told
    OwiSecretChanged = "owi-secret-changed",
    /// No secret is set, so both servers use the published one
    ForgeableSecret = "forgeable-secret",
    /// Open WebUI does not trust the e-mail header that LAMB signs in with
    TrustedHeaderOff = "trusted-header-off",
    /// Open WebUI trusts a header of another name than LAMB's
    TrustedHeaderRenamed = "trusted-header-renamed",
    /// `OWI_PATH` is a folder without `webui.db`
    OwiDbMissing = "owi-db-missing",
    /// `OWI_PATH` has an old copy: users missing, ids that are not the server's
    OwiDbStale = "owi-db-stale",
    /// Another process holds an exclusive lock on `webui.db` (no harm in wal mode, from 0.12)
    OwiDbLocked = "owi-db-locked",
    /// LAMB and Open WebUI sign with the same secret (native edition)
    SharedSecret = "shared-secret",
    /// The backend refuses all users without a reason
    Unexplained = "unexplained",
}

impl Trouble {
    fn names() -> String {
        Self::ALL.iter().map(|trouble| trouble.id()).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A name that is no trouble's.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox knows no trouble {0:?}; it knows {known}", known = Trouble::names())]
pub struct UnknownTrouble(String);

impl FromStr for Trouble {
    type Err = UnknownTrouble;

    fn from_str(text: &str) -> Result<Self, UnknownTrouble> {
        Self::ALL.iter().copied().find(|t| t.id() == text).ok_or_else(|| UnknownTrouble(text.to_owned()))
    }
}
