//! The proxies that Python's `requests`, and with it LAMB, would use.

use hyper_util::client::proxy::matcher::Matcher;

use crate::secret::Secret;
use crate::settings::Settings;

/// The proxies of the settings, and which of them a URL goes through.
#[derive(Debug)]
pub(super) struct Proxies {
    /// Knows `NO_PROXY`, and nothing of the proxies themselves.
    matcher: Matcher,
    no: String,
    values: Vec<(&'static str, Secret)>,
}

impl Proxies {
    pub(super) fn new(settings: &Settings) -> Self {
        let no = settings.get("NO_PROXY").map(|found| found.text().to_ascii_lowercase()).unwrap_or_default();
        let matcher = Matcher::builder().all("http://any").no(no.as_str()).build();
        let value = |name| Some((name, settings.get(name)?.text())).filter(|(_, value)| !value.is_empty());
        let values = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].into_iter().filter_map(value);
        let values = values.map(|(name, value)| (name, Secret::new(value))).collect();
        Self { matcher, no, values }
    }

    pub(super) fn for_url(&self, url: &str) -> Option<(&'static str, String)> {
        let url = reqwest::Url::parse(url).ok()?;
        self.matcher.intercept(&url.as_str().parse().ok()?)?;
        if self.passes_by(&url) {
            return None;
        }
        let own = if url.scheme() == "https" { "HTTPS_PROXY" } else { "HTTP_PROXY" };
        let (name, value) = [own, "ALL_PROXY"].iter().find_map(|n| self.values.iter().find(|(name, _)| name == n))?;
        let value = value.expose();
        let url = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
        Some((name, url))
    }

    /// What `requests` reads in `NO_PROXY` and the matcher does not: a name with its port, and `*` for addresses too.
    fn passes_by(&self, url: &reqwest::Url) -> bool {
        let host = url.domain().zip(url.port_or_known_default()).map(|(name, port)| format!("{name}:{port}"));
        let ends = |host: &str, entry: &str| {
            let rest = host.strip_suffix(entry);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.') || entry.starts_with('.'))
        };
        let mut entries = self.no.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.any(|entry| entry == "*" || host.as_deref().is_some_and(|host| ends(host, entry)))
    }
}

/// Whether reqwest can use this proxy; one that it cannot, it leaves out.
pub(super) fn is_usable(proxy: &str) -> bool {
    let url = reqwest::Url::parse(proxy).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.is_some_and(|url| url.as_str().parse::<hyper::Uri>().is_ok())
}
