//! Which knowledge base server, and which Library Manager, LAMB uses for the users of an organization.

use serde_json::Value;

use super::Edition;
use crate::secret::Secret;
use crate::settings::Settings;

/// A value, and where it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// The key in the organization's `config`, or the environment variable.
    pub source: String,
}

/// A server that LAMB asks with a token of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// The base URL, without a slash at its end; `None` where nothing says one.
    pub url: Option<Sourced<String>>,
    /// The token; `None` where nothing says one.
    pub token: Option<Sourced<Secret>>,
    /// Keys of the organization that have no effect, each with the one that hides it.
    pub hidden: Vec<(String, String)>,
}

/// An organization's settings, as far as they are about these servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationConfig {
    /// `config`, as JSON; `null` where it is none.
    config: Value,
}

/// The order of the keys, as LAMB reads them: the first that is set and not empty wins.
struct Keys {
    /// Where in `config` each is, and its name there.
    url: &'static [&'static str],
    token: &'static [&'static str],
    /// The environment variables of both.
    environment: [&'static str; 2],
}

const OLD: Keys = Keys {
    url: &["/setups/default/knowledge_base/server_url"],
    token: &["/setups/default/knowledge_base/api_token"],
    environment: ["LAMB_KB_SERVER", "LAMB_KB_SERVER_TOKEN"],
};
const NEW: Keys = Keys {
    url: &["/setups/default/knowledge_base/server_url", "/kb_server/url"],
    token: &["/setups/default/knowledge_base/api_token", "/kb_server/api_key"],
    environment: OLD.environment,
};
const LIBRARY: Keys = Keys {
    url: &["/setups/default/library/server_url", "/setups/default/library/url"],
    token: &["/setups/default/library/api_token", "/setups/default/library/token"],
    environment: ["LAMB_LIBRARY_SERVER", "LAMB_LIBRARY_TOKEN"],
};

impl OrganizationConfig {
    /// Reads `config` as it is stored.
    pub fn of(stored: &str) -> Self {
        Self { config: serde_json::from_str(stored).unwrap_or(Value::Null) }
    }

    /// The knowledge base server of this edition.
    pub fn knowledge_bases(&self, edition: Edition, settings: &Settings) -> Server {
        self.server(if edition == Edition::Native { &NEW } else { &OLD }, settings)
    }

    /// The Library Manager, which only the native edition asks.
    pub fn library(&self, settings: &Settings) -> Server {
        self.server(&LIBRARY, settings)
    }

    /// The server in LAMB's environment, of which both editions ask the list of ingestion plugins for every organization
    /// (measured).
    pub fn plugins(settings: &Settings) -> Server {
        Self { config: Value::Null }.server(&OLD, settings)
    }

    fn server(&self, keys: &Keys, settings: &Settings) -> Server {
        let [url_variable, token_variable] = keys.environment;
        let (url, mut hidden) = self.first(keys.url);
        let own_url = url.is_some();
        let set = |name: &'static str| {
            let found = settings.get(name).filter(|found| !found.text().is_empty())?;
            Some(Sourced { value: found.text().to_owned(), source: format!("{name} ({})", found.origin) })
        };
        let url = url.or_else(|| set(url_variable));
        // Without an address of its own, the organization's token has no effect.
        let (token, more) = if own_url { self.first(keys.token) } else { (None, Vec::new()) };
        hidden.extend(more);
        let token = token.or_else(|| set(token_variable));
        Server {
            url: url.map(|url| Sourced { value: url.value.trim_end_matches('/').to_owned(), ..url }),
            token: token.map(|token| Sourced { value: Secret::new(token.value).hidden(), source: token.source }),
            hidden,
        }
    }

    /// The first key that is set, and those after it that say something else.
    fn first(&self, keys: &[&str]) -> (Option<Sourced<String>>, Vec<(String, String)>) {
        let dotted = |key: &str| key.trim_start_matches('/').replace('/', ".");
        let set = keys.iter().filter_map(|key| {
            let text = self.config.pointer(key)?.as_str().filter(|text| !text.is_empty())?;
            Some(Sourced { value: text.to_owned(), source: dotted(key) })
        });
        let set: Vec<Sourced<String>> = set.collect();
        let Some((first, others)) = set.split_first() else { return (None, Vec::new()) };
        let hidden = others.iter().filter(|other| other.value != first.value);
        let hidden = hidden.map(|other| (other.source.clone(), first.source.clone())).collect();
        (Some(first.clone()), hidden)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn server(edition: Edition, config: Value) -> (Option<String>, Option<String>, usize) {
        let settings = Settings::from_environment(&[
            ("LAMB_KB_SERVER", "http://kb.env:9090"),
            ("LAMB_KB_SERVER_TOKEN", "token-of-the-environment"),
        ]);
        let found = OrganizationConfig { config }.knowledge_bases(edition, &settings);
        let url = found.url.map(|url| url.value);
        (url, found.token.map(|token| token.value.expose().to_owned()), found.hidden.len())
    }

    #[test]
    fn the_old_keys_win_over_the_new_ones_and_both_over_the_environment() {
        let old = json!({"server_url": "http://old/", "api_token": "token-that-is-old"});
        let new = json!({"url": "http://new", "api_key": "token-that-is-new"});
        let both = json!({"setups": {"default": {"knowledge_base": old}}, "kb_server": new});
        let only_new = json!({"kb_server": new});
        let found = |url: &str, token: &str, hidden| (Some(url.to_owned()), Some(token.to_owned()), hidden);
        let of_environment = found("http://kb.env:9090", "token-of-the-environment", 0);
        assert_eq!(server(Edition::Native, both.clone()), found("http://old", "token-that-is-old", 2));
        assert_eq!(server(Edition::Delegated, both), found("http://old", "token-that-is-old", 0));
        assert_eq!(server(Edition::Native, only_new.clone()), found("http://new", "token-that-is-new", 0));
        assert_eq!(server(Edition::Delegated, only_new), of_environment);
        assert_eq!(server(Edition::Native, Value::Null), of_environment);
        let without_token = json!({"kb_server": {"url": "http://new", "api_key": ""}});
        assert_eq!(server(Edition::Native, without_token), found("http://new", "token-of-the-environment", 0));
    }
}
