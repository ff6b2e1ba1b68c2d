//! Whether a browser can open the address that LAMB puts in front of its link to Open WebUI.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use crate::findings::{FixStep, Hit, PUBLIC_URL, Severity};
use crate::owi::api::client::HAND_OFF;
use crate::settings::PublicUrl;

/// What is wrong with the address.
#[derive(Debug)]
pub(crate) struct BadLink {
    pub(crate) hit: Hit,
    /// True where no browser anywhere opens it.
    pub(crate) is_no_url: bool,
}

/// From where a host can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// From its own machine.
    Machine,
    /// Inside Docker's or a cluster's network. A local network may have such names too.
    Container,
    /// Inside a private network.
    Private,
    /// From anywhere, as far as its name tells.
    Public,
}

/// Judges the address by itself, and against LAMB's own: a browser that reaches LAMB on its own machine reaches Open WebUI
/// there too.
pub(crate) fn judge(link: &PublicUrl, lamb: Option<&PublicUrl>) -> Option<BadLink> {
    let shown = format!("{} = {:?}", link.source(), link.shown());
    let hit = |why: String| Hit::new(&PUBLIC_URL, format!("{shown} {why}")).fixed_by([fix(link.name)]);
    let likely = |why: String| Some(BadLink { hit: hit(why), is_no_url: false });
    let url = match read(link, HAND_OFF) {
        Ok(url) => url,
        Err(why) => return Some(BadLink { hit: hit(why), is_no_url: true }),
    };
    if has_user(&url) {
        return likely("has a user name or password, which LAMB puts into the link of every user".to_owned());
    }
    let own = lamb.and_then(|lamb| Url::parse(lamb.text()).ok());
    let own_host = own.as_ref().and_then(Url::host_str);
    let host = url.host_str()?;
    let (reach, own_reach) = (reach(host), own_host.map(self::reach));
    let lambs = || lamb.map(|lamb| format!("{} is {}", lamb.name, lamb.shown())).unwrap_or_default();
    let why = match (reach, own_reach) {
        _ if own_host == Some(host) => None,
        (Reach::Container, Some(Reach::Container)) => None,
        (Reach::Container, _) => Some("has a name that only containers of one network know".to_owned()),
        (Reach::Machine, Some(Reach::Private | Reach::Public)) => {
            Some(format!("is an address of one machine: {}", lambs()))
        }
        (Reach::Private, Some(Reach::Public)) => Some(format!("is an address of a private network: {}", lambs())),
        _ => None,
    };
    let slash = || {
        // A proxy that merges slashes makes this work.
        let why = "ends with a slash: Open WebUI shows its web app at //api, and signs no user in".to_owned();
        let hit = hit(why);
        let effect = hit.effect;
        link.text().ends_with('/').then(|| BadLink { hit: hit.severity(Severity::Info, effect), is_no_url: false })
    };
    why.and_then(likely).or_else(slash)
}

/// The URL that a browser makes of the address and the path behind it.
///
/// # Errors
/// Why no browser opens it, in words that go behind the address.
pub(crate) fn read(base: &PublicUrl, path: &str) -> Result<Url, String> {
    // The browser drops blanks before the whole, and no others.
    let url = format!("{}{path}", base.text());
    let url = Url::parse(&url).map_err(|error| format!("is not a URL for a browser: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("does not begin with http:// or https://".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() || url.path().contains("%20") {
        return Err(format!("is followed by {path}, so it may have no blank, query or fragment"));
    }
    Ok(url)
}

/// True for a URL with a user name or a password.
pub(crate) fn has_user(url: &Url) -> bool {
    url.password().is_some() || !url.username().is_empty()
}

fn fix(name: &str) -> FixStep {
    let set = if name == "OWI_PUBLIC_BASE_URL" { "change" } else { "set" };
    FixStep::advice(format!(
        "{set} OWI_PUBLIC_BASE_URL in LAMB's environment to the address at which a browser opens Open WebUI, and restart \
         the backend"
    ))
}

fn reach(host: &str) -> Reach {
    if let Ok(ip) = host.trim_start_matches('[').trim_end_matches(']').parse() {
        return of_ip(ip);
    }
    let name = host.trim_end_matches('.');
    let ends = |end: &str| name.ends_with(end);
    // Docker Desktop writes its own names into the file of hosts of its machine.
    if name == "localhost" || ends(".localhost") || ends(".docker.internal") {
        Reach::Machine
    } else if !name.contains('.') || ends(".svc") || ends(".cluster.local") {
        Reach::Container
    } else {
        Reach::Public
    }
}

fn of_ip(ip: IpAddr) -> Reach {
    let is_private = match ip {
        IpAddr::V4(ip) => {
            let shared = (Ipv4Addr::new(100, 64, 0, 0)..=Ipv4Addr::new(100, 127, 255, 255)).contains(&ip);
            ip.is_private() || ip.is_link_local() || shared
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => return of_ip(IpAddr::V4(ip)),
            None => is_local(ip),
        },
    };
    match ip.is_loopback() || ip.is_unspecified() {
        true => Reach::Machine,
        false if is_private => Reach::Private,
        false => Reach::Public,
    }
}

fn is_local(ip: Ipv6Addr) -> bool {
    ip.is_unique_local() || ip.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    /// What is said of the address in `OWI_PUBLIC_BASE_URL`, with this one of LAMB's.
    fn said(owi: &str, lamb: &str) -> Option<(Severity, bool, String)> {
        said_of(&[("OWI_PUBLIC_BASE_URL", owi), ("LAMB_WEB_HOST", lamb)])
    }

    fn said_of(variables: &[(&str, &str)]) -> Option<(Severity, bool, String)> {
        let settings = Settings::from_environment(variables);
        let bad = judge(&settings.owi_public_url()?, settings.lamb_public_url().as_ref())?;
        Some((bad.hit.severity, bad.is_no_url, bad.hit.detail))
    }

    const UNI: &str = "https://lamb.uni.example";

    #[test]
    fn an_address_that_works_is_not_told() {
        for (owi, lamb) in [
            ("https://chat.uni.example", UNI),
            (" https://chat.uni.example", UNI),
            ("https://lamb.uni.example/chat", UNI),
            ("http://chat.uni.example:8080", UNI),
            ("http://localhost:8080", "http://localhost:9099"),
            ("http://localhost:8080", "http://127.0.0.1:9099"),
            ("http://host.docker.internal:8080", "http://localhost:9099"),
            ("http://[::1]:8080", "http://127.0.0.1:9099"),
            ("http://10.0.0.5:8080", "http://10.0.0.5"),
            ("http://10.0.0.5:8080", "http://192.168.1.4"),
            ("http://192.168.1.4:8080", "http://localhost:9099"),
            ("http://chat", "http://lamb"),
            ("http://127.0.0.1:8080", ""),
            ("http://10.0.0.5", ""),
            ("http://1.1.1.1", UNI),
            ("http://[2606:4700::1111]", UNI),
        ] {
            assert_eq!(said(owi, lamb), None, "{owi} {lamb}");
        }
    }

    #[test]
    fn an_address_that_no_browser_can_open_is_told() {
        for owi in [
            "chat.uni.example",
            "//chat.uni.example",
            "ftp://chat.uni.example",
            "https://chat.uni.example ",
            "https://chat.uni.example/a b",
            "https://chat.uni.example/?x=1",
            "https://chat.uni.example/#x",
            "https://chat.uni.example:99999",
        ] {
            let (severity, is_no_url, detail) = said(owi, UNI).unwrap();
            assert_eq!((severity, is_no_url), (Severity::Warning, true), "{owi}: {detail}");
        }
    }

    #[test]
    fn an_address_that_only_some_machines_reach_is_told() {
        for (owi, lamb) in [
            ("http://open-webui:8080", UNI),
            ("http://openwebui:8080", "http://localhost:9099"),
            ("http://openwebui:8080", ""),
            ("http://chat.default.svc.cluster.local", UNI),
            ("http://localhost:8080", UNI),
            ("http://host.docker.internal:8080", UNI),
            ("http://127.0.0.1:8080", "http://10.0.0.5"),
            ("http://0.0.0.0:8080", UNI),
            ("http://[::1]:8080", UNI),
            ("http://172.18.0.3:8080", UNI),
            ("http://[fd00::3]:8080", UNI),
            ("http://100.64.1.1", UNI),
            ("https://", UNI),
        ] {
            let (severity, is_no_url, detail) = said(owi, lamb).unwrap();
            assert_eq!((severity, is_no_url), (Severity::Warning, false), "{owi} {lamb}: {detail}");
        }
        assert_eq!(said("https://chat.uni.example/", UNI).unwrap().0, Severity::Info);
    }

    #[test]
    fn a_password_in_the_address_is_told_and_not_shown() {
        let (_, _, detail) = said("https://ann:geheim@chat.uni.example", UNI).unwrap();
        assert!(detail.contains("user name or password") && !detail.contains("geheim"), "{detail}");
    }

    /// Measured: an empty text is as none, and LAMB then takes the address by which it reaches Open WebUI itself.
    #[test]
    fn without_a_public_address_the_internal_one_is_judged() {
        let lamb = ("LAMB_WEB_HOST", "http://localhost:9099");
        for variables in [
            &[("OWI_BASE_URL", "http://openwebui:8080"), lamb][..],
            &[("OWI_BASE_URL", "http://openwebui:8080"), ("OWI_PUBLIC_BASE_URL", ""), lamb],
        ] {
            let (_, _, detail) = said_of(variables).unwrap();
            assert!(detail.starts_with("OWI_BASE_URL"), "{detail}");
        }
        // A default is not what LAMB's environment says.
        assert_eq!(said_of(&[lamb]), None);
    }
}
