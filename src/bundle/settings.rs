//! `settings.json`: what is set, where it was said, and whether what it points at is there.

use serde::Serialize;

use super::allow::{AllowedValue, Word};
use super::pseudonym::Key;
use crate::settings::{self, KEYS, Origin, Points, Settings};

#[derive(Debug, Serialize)]
pub(super) struct Setting {
    name: &'static str,
    /// `flag`, `environment`, `env-file`, `default`; none where it is not set.
    from: Option<&'static str>,
    is_empty: bool,
    /// What LAMB uses where nothing is set.
    is_default: bool,
    /// Whether what it points at is there.
    there: Option<bool>,
    /// Only where its kind of value is harmless.
    value: Option<AllowedValue>,
    /// Of a URL.
    url: Option<Url>,
}

/// A URL, without anything that could name a person or a place.
#[derive(Debug, Serialize)]
struct Url {
    scheme: Word,
    host: Word,
    port: Option<u16>,
    has_path: bool,
    has_user: bool,
}

/// Host names that identify no deployment: this machine, and the services of LAMB's own compose files.
const HOSTS: &[&str] =
    &["127.0.0.1", "::1", "[::1]", "backend", "lamb", "localhost", "open-webui", "openwebui", "host.docker.internal"];

/// All settings. `there`: what `config` says of each.
pub(super) fn settings(settings: &Settings, there: &dyn Fn(&str) -> Option<bool>, key: &Key) -> Vec<Setting> {
    let of = |known: &'static settings::Key| {
        let found = settings.get(known.name);
        let text = found.map(settings::SettingValue::text);
        Setting {
            name: known.name,
            from: found.map(|found| match found.origin {
                Origin::Flag(_) => "flag",
                Origin::Environment(_) => "environment",
                Origin::EnvFile(_) => "env-file",
                Origin::Default => "default",
            }),
            is_empty: text == Some(""),
            is_default: text.is_some() && text == known.default,
            there: there(known.name),
            value: text.filter(|_| !known.secret).and_then(|text| value(known, text, key)),
            url: text.filter(|_| !known.secret && is_url(known)).and_then(url),
        }
    };
    KEYS.iter().map(of).collect()
}

fn is_url(known: &settings::Key) -> bool {
    // Those that LAMB only passes on point at nothing that this program asks, and are URLs all the same.
    matches!(known.points, Points::Server(_))
        || ["OWI_PUBLIC_BASE_URL", "LAMB_WEB_HOST", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].contains(&known.name)
}

fn value(known: &settings::Key, text: &str, key: &Key) -> Option<AllowedValue> {
    Some(match (known.points, known.name) {
        (Points::Tables, _) => AllowedValue::Word(Word::one_of(text, &["", "LAMB_"])),
        (Points::LambDb | Points::OwiDb, _) => {
            let file = text.rsplit('/').next().unwrap_or_default();
            AllowedValue::Word(Word::one_of(file, &["lamb_v4.db", "webui.db", "lamb", "owi", "data"]))
        }
        (_, "OWI_ADMIN_EMAIL") => AllowedValue::Pseudonym(key.user(text)),
        _ => return None,
    })
}

fn url(text: &str) -> Option<Url> {
    let url = reqwest::Url::parse(text).ok()?;
    Some(Url {
        scheme: Word::one_of(url.scheme(), &["http", "https", "socks5", "socks5h"]),
        host: Word::one_of(url.host_str().unwrap_or_default(), HOSTS),
        port: url.port_or_known_default(),
        has_path: !matches!(url.path(), "" | "/"),
        has_user: !url.username().is_empty() || url.password().is_some(),
    })
}
