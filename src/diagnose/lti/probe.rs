//! The signed probe of a launch: where it is sent, for which URL it is signed, and which other forms of that URL are tried
//! where LAMB refuses the first.

use reqwest::Url;

use crate::http::{Answer, Failure, Http};
use crate::lamb::Edition;
use crate::lamb::launch::{Probe, Said};
use crate::lamb::lti::Launch;

/// How the URL of a signature differs from the one that the probe was sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// It does not: as an LMS signs.
    Same,
    /// The other of `http` and `https`.
    OtherScheme,
    /// The prefix once more in front of the path.
    WithPrefix(String),
    /// Without the prefix in front of the path.
    WithoutPrefix(String),
    /// Without the prefix, and with the other scheme.
    WithoutPrefixOtherScheme(String),
}

/// A probe that was sent.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) to: String,
    pub(super) form: Form,
    pub(super) answer: Result<Answer, Failure>,
}

impl Attempt {
    /// What LAMB says in the answer; `None` where none came.
    pub(super) fn said(&self, launch: Launch) -> Option<Said> {
        self.answer.as_ref().ok().map(|answer| Said::read(launch, answer))
    }
}

/// One address of a launch: what an LMS would send there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Where the launch is posted.
    pub(super) to: String,
    /// The URL that is signed first.
    pub(super) signed: String,
}

/// The prefix that LAMB's own proxy strips, and that a delegated LAMB puts in front of the path that it sees.
const PREFIX: &str = "/lamb";

/// The launch at the backend itself: a delegated LAMB then signs `https` and its prefix, whatever was asked.
pub(super) fn at_backend(launch: Launch, edition: Option<Edition>, base: &str, prefix: &str) -> Target {
    let to = format!("{base}{}", launch.path());
    let signed = match edition {
        Some(Edition::Delegated) => with_path(&with_scheme(&to, "https"), &format!("{prefix}{}", launch.path())),
        _ => to.clone(),
    };
    Target { signed, to }
}

/// The URL to enter in the LMS, and the one that is right where the proxy strips a prefix or strips none.
pub(super) fn at_public(launch: Launch, edition: Option<Edition>, base: &str, prefix: &str) -> Vec<Target> {
    let base = base.trim_end_matches('/');
    let path = launch.path();
    let origin = origin(base);
    let first = match edition {
        Some(Edition::Delegated) => format!("{origin}{prefix}{path}"),
        _ => format!("{base}{path}"),
    };
    let second = if first == format!("{origin}{PREFIX}{path}") {
        format!("{origin}{path}")
    } else {
        format!("{origin}{PREFIX}{path}")
    };
    [first, second].map(|to| Target { signed: to.clone(), to }).into()
}

fn origin(url: &str) -> String {
    Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.origin().ascii_serialization())
}

fn with_scheme(url: &str, scheme: &str) -> String {
    url.split_once("://").map_or_else(|| url.to_owned(), |(_, rest)| format!("{scheme}://{rest}"))
}

fn with_path(url: &str, path: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or_default();
    let scheme = url.split("://").next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

fn with_other_scheme(url: &str) -> String {
    with_scheme(url, if url.starts_with("https:") { "http" } else { "https" })
}

/// The other forms of a URL that a proxy, or a setting of LAMB's, makes of it.
fn other_forms(launch: Launch, url: &str) -> Vec<(Form, String)> {
    let mut forms = vec![(Form::OtherScheme, with_other_scheme(url))];
    let before = url.strip_suffix(launch.path()).unwrap_or(url);
    let prefix = before.strip_prefix(origin(url).as_str()).unwrap_or_default();
    if prefix.is_empty() {
        forms.push((Form::WithPrefix(PREFIX.to_owned()), with_path(url, &format!("{PREFIX}{}", launch.path()))));
    } else {
        let without = with_path(url, launch.path());
        forms.push((Form::WithoutPrefix(prefix.to_owned()), without.clone()));
        forms.push((Form::WithoutPrefixOtherScheme(prefix.to_owned()), with_other_scheme(&without)));
    }
    forms
}

/// Sends the probe to each address until one takes it for a launch, and there signed for other forms of the URL where the
/// first is refused. The last attempt is the one that tells.
pub(super) async fn send(http: &Http, probe: &Probe, targets: &[Target]) -> Vec<Attempt> {
    let launch = probe.launch();
    let mut attempts = Vec::new();
    for target in targets {
        let answer = probe.send(http, &target.to, &target.signed).await;
        let attempt = Attempt { to: target.to.clone(), form: Form::Same, answer };
        let said = attempt.said(launch);
        attempts.push(attempt);
        match said {
            Some(Said::NotThere) => continue,
            Some(Said::Signature) => {}
            _ => break,
        }
        for (form, signed) in other_forms(launch, &target.signed) {
            let attempt = Attempt { to: target.to.clone(), form, answer: probe.send(http, &target.to, &signed).await };
            let is_proven = attempt.said(launch) == Some(Said::Proven);
            if is_proven {
                attempts.push(attempt);
                break;
            }
        }
        break;
    }
    attempts
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELEGATED: Option<Edition> = Some(Edition::Delegated);
    const NATIVE: Option<Edition> = Some(Edition::Native);

    #[test]
    fn the_url_for_the_lms_is_the_one_that_lamb_puts_together() {
        let first = |launch, edition, base| at_public(launch, edition, base, "/lamb")[0].to.clone();
        let old = "https://lamb.uni.example/lamb/lamb/v1/lti_users/lti";
        assert_eq!(first(Launch::Assistant, DELEGATED, "https://lamb.uni.example/"), old);
        assert_eq!(first(Launch::Assistant, DELEGATED, "https://lamb.uni.example/lamb"), old);
        assert_eq!(
            first(Launch::Creator, NATIVE, "https://lamb.uni.example"),
            "https://lamb.uni.example/lamb/v1/lti_creator/launch"
        );
        let both = at_public(Launch::Activity, NATIVE, "https://lamb.uni.example/lamb", "/lamb");
        let both: Vec<&str> = both.iter().map(|target| target.to.as_str()).collect();
        assert_eq!(
            both,
            ["https://lamb.uni.example/lamb/lamb/v1/lti/launch", "https://lamb.uni.example/lamb/v1/lti/launch"]
        );
    }

    #[test]
    fn a_delegated_backend_is_signed_for_https_and_its_prefix() {
        let base = "http://localhost:9099";
        let target = at_backend(Launch::Assistant, DELEGATED, base, "/lamb");
        assert_eq!(target.to, "http://localhost:9099/lamb/v1/lti_users/lti");
        assert_eq!(target.signed, "https://localhost:9099/lamb/lamb/v1/lti_users/lti");
        let target = at_backend(Launch::Assistant, NATIVE, base, "/lamb");
        assert_eq!(target.signed, target.to);
    }

    #[test]
    fn other_forms_are_what_a_proxy_makes_of_a_url() {
        let forms = |url: &str| other_forms(Launch::Activity, url).into_iter().map(|(_, url)| url).collect::<Vec<_>>();
        assert_eq!(
            forms("https://l/lamb/v1/lti/launch"),
            ["http://l/lamb/v1/lti/launch", "https://l/lamb/lamb/v1/lti/launch"]
        );
        assert_eq!(
            forms("https://l/app/lamb/v1/lti/launch"),
            ["http://l/app/lamb/v1/lti/launch", "https://l/lamb/v1/lti/launch", "http://l/lamb/v1/lti/launch",]
        );
    }
}
