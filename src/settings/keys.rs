//! The table of settings. The names are LAMB's own (measured: what its backend reads), and those that Python's
//! `requests`, with which LAMB calls Open WebUI, reads beside them.

/// What a setting's value points at, for `config` to look whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Points {
    /// The folder of LAMB's database.
    LambDb,
    /// The folder of Open WebUI's database.
    OwiDb,
    /// LAMB's tables in that database.
    Tables,
    /// An HTTP server; the path answers when it is up.
    Server(&'static str),
    /// A file.
    File,
    /// Nothing that could be there or not.
    Nothing,
}

impl Points {
    /// True for a path of the file system: any bytes.
    pub(super) fn is_path(self) -> bool {
        matches!(self, Self::LambDb | Self::OwiDb | Self::File)
    }
}

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// The environment variable that LAMB reads.
    pub name: &'static str,
    /// The flag that beats it.
    pub flag: Option<&'static str>,
    /// What LAMB uses where nothing is set.
    pub default: Option<&'static str>,
    /// Never shown.
    pub secret: bool,
    /// The empty text is a value, not the absence of one.
    pub empty_is_value: bool,
    /// The lower-case name is read too, and first, as `requests` does for proxies.
    pub either_case: bool,
    /// What the value points at.
    pub points: Points,
}

impl Key {
    /// The environment variables that may hold it, the first that is set winning.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let lower = match self.name {
            "HTTP_PROXY" => "http_proxy",
            "HTTPS_PROXY" => "https_proxy",
            "ALL_PROXY" => "all_proxy",
            "NO_PROXY" => "no_proxy",
            other => other,
        };
        [lower, self.name].into_iter().skip(usize::from(!self.either_case))
    }
}

const fn key(name: &'static str) -> Key {
    Key {
        name,
        flag: None,
        default: None,
        secret: false,
        empty_is_value: false,
        either_case: false,
        points: Points::Nothing,
    }
}

const fn secret(name: &'static str) -> Key {
    Key { secret: true, ..key(name) }
}

const fn proxy(name: &'static str) -> Key {
    Key { either_case: true, ..key(name) }
}

/// Every setting, in the order in which `config` shows them.
pub static KEYS: &[Key] = &[
    Key {
        flag: Some("--lamb-db"),
        default: Some("/data/lamb"),
        empty_is_value: true,
        points: Points::LambDb,
        ..key("LAMB_DB_PATH")
    },
    Key { flag: Some("--lamb-db-prefix"), empty_is_value: true, points: Points::Tables, ..key("LAMB_DB_PREFIX") },
    Key { flag: Some("--owi-db"), empty_is_value: true, points: Points::OwiDb, ..key("OWI_PATH") },
    Key {
        flag: Some("--owi-url"),
        default: Some("http://openwebui:8080"),
        empty_is_value: true,
        points: Points::Server("/health"),
        ..key("OWI_BASE_URL")
    },
    key("OWI_PUBLIC_BASE_URL"),
    Key {
        flag: Some("--backend-url"),
        default: Some("http://localhost:9099"),
        empty_is_value: true,
        points: Points::Server("/status"),
        ..key("LAMB_BACKEND_HOST")
    },
    key("LAMB_WEB_HOST"),
    key("OWI_ADMIN_NAME"),
    Key { flag: Some("--owi-admin-email"), ..key("OWI_ADMIN_EMAIL") },
    secret("OWI_ADMIN_PASSWORD"),
    secret("LAMB_JWT_SECRET"),
    secret("WEBUI_SECRET_KEY"),
    secret("WEBUI_JWT_SECRET_KEY"),
    secret("LAMB_BEARER_TOKEN"),
    secret("LAMB_AUTH_TOKEN"),
    key("LAMB_PUBLIC_BASE_URL"),
    secret("LTI_SECRET"),
    Key { default: Some("lamb"), empty_is_value: true, ..key("LTI_GLOBAL_CONSUMER_KEY") },
    secret("LTI_GLOBAL_SECRET"),
    Key { default: Some("/lamb"), empty_is_value: true, ..key("LTI_URL_PREFIX") },
    Key { points: Points::Server("/health"), ..key("LAMB_KB_SERVER") },
    secret("LAMB_KB_SERVER_TOKEN"),
    Key { points: Points::Server("/health"), ..key("LAMB_LIBRARY_SERVER") },
    secret("LAMB_LIBRARY_TOKEN"),
    Key { points: Points::File, ..key("REQUESTS_CA_BUNDLE") },
    Key { points: Points::File, ..key("SSL_CERT_FILE") },
    proxy("HTTP_PROXY"),
    proxy("HTTPS_PROXY"),
    proxy("ALL_PROXY"),
    proxy("NO_PROXY"),
];
