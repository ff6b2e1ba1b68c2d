//! Whether LAMB's backend and an Open WebUI answer where they should.

use crate::findings::{
    self, BACKEND_ERROR, BACKEND_REDIRECT, BACKEND_WRONG, Finding, Hit, Judged, OWI_ERROR, OWI_REDIRECT, OWI_WRONG_URL,
    TRUSTED_HEADER_OFF,
};
use crate::http::{Answer, Failure, FailureKind};
use crate::owi::api::answers::ServerAnswer;

/// The findings for a server that gives no answer.
pub(crate) struct Unreachable {
    down: &'static Finding,
    dns: &'static Finding,
    hangs: &'static Finding,
    tls: &'static Finding,
    broken: &'static Finding,
    /// The address itself.
    url: &'static Finding,
}

pub(crate) const OWI: Unreachable = Unreachable {
    down: &findings::OWI_DOWN,
    dns: &findings::OWI_DNS,
    hangs: &findings::OWI_HANGS,
    tls: &findings::OWI_TLS,
    broken: &findings::OWI_ERROR,
    url: &findings::OWI_WRONG_URL,
};

pub(crate) const BACKEND: Unreachable = Unreachable {
    down: &findings::BACKEND_DOWN,
    dns: &findings::BACKEND_DNS,
    hangs: &findings::BACKEND_HANGS,
    tls: &findings::BACKEND_TLS,
    broken: &findings::BACKEND_ERROR,
    url: &findings::BACKEND_WRONG,
};

impl Unreachable {
    pub(crate) fn hit(&self, failure: &Failure) -> Hit {
        let finding = match failure.kind {
            FailureKind::Refused | FailureKind::Unreachable | FailureKind::ConnectTimeout | FailureKind::Dns
                if failure.proxy.is_some() =>
            {
                &findings::PROXY_DOWN
            }
            FailureKind::Refused | FailureKind::Unreachable | FailureKind::ConnectTimeout => self.down,
            FailureKind::Dns => self.dns,
            FailureKind::Hangs => self.hangs,
            FailureKind::Tls => self.tls,
            // LAMB puts the path behind the blank as well, and reaches no server.
            FailureKind::Broken if failure.url.contains(char::is_whitespace) => self.url,
            FailureKind::Broken => self.broken,
        };
        Hit::new(finding, failure.to_string())
    }
}

/// Whether an Open WebUI answers at a base URL.
pub(crate) fn judge_server(base: &str, proxy: Option<&str>, server: &ServerAnswer) -> Judged {
    let mut hits = Vec::new();
    let note = match server {
        ServerAnswer::OpenWebUi(info) => {
            if info.trusted_header == Some(false) {
                let mut detail = format!("{base}/api/config says that the trusted header is off");
                if info.auth == Some(false) {
                    detail += ", and that no sign-in is needed (WEBUI_AUTH=False): each sign-in is as admin@localhost";
                }
                hits.push(Hit::new(&TRUSTED_HEADER_OFF, detail));
            }
            format!("{base} is Open WebUI {}", info.version.as_deref().unwrap_or("?"))
        }
        ServerAnswer::NotOpenWebUi(what) => {
            hits.push(Hit::new(&OWI_WRONG_URL, format!("{base}/api/version answers {what}")));
            format!("{base} is not an Open WebUI")
        }
        ServerAnswer::Redirect(to) => {
            hits.push(Hit::new(&OWI_REDIRECT, format!("{base}/api/version redirects to {to}; not followed")));
            format!("{base} redirects")
        }
        ServerAnswer::Error(status) => {
            hits.push(Hit::new(&OWI_ERROR, format!("{base}/api/version answers {status}")));
            format!("{base} answers {status}")
        }
        ServerAnswer::Unreachable(failure) => {
            hits.push(OWI.hit(failure));
            "no answer".to_owned()
        }
    };
    let mut judged = Judged::note(note);
    if let Some(info) = server.info() {
        let told = |value: Option<bool>| value.map_or_else(|| "not told".to_owned(), |on| on.to_string());
        judged = judged
            .fact("version", info.version.as_deref().unwrap_or("?"), format!("{base}/api/version"))
            .fact("trusted header", told(info.trusted_header), format!("{base}/api/config"))
            .fact("signup", told(info.signup), format!("{base}/api/config"))
            .fact("sign-in needed", told(info.auth), format!("{base}/api/config"));
    }
    if let Some(proxy) = proxy {
        judged = judged.fact("through a proxy", proxy, "settings");
    }
    judged.hits(hits)
}

/// LAMB answers 401 or 403 in JSON. Any other answer is from another program, or an error.
pub(crate) fn judge_backend(evidence: &Result<Answer, Failure>) -> Judged {
    let answer = match evidence {
        Ok(answer) => answer,
        Err(failure) => return Judged::note("no answer").hits([BACKEND.hit(failure)]),
    };
    let says = format!("{} answers {} without a token", answer.url, answer.summary());
    let judged = Judged::note(format!("the backend answers {} without a token, as it should", answer.status)).fact(
        "answer without a token",
        answer.summary(),
        &answer.url,
    );
    let judged = match &answer.proxy {
        Some(proxy) => judged.fact("through a proxy", proxy, "settings"),
        None => judged,
    };
    let finding = match answer.status {
        401 | 403 if answer.detail().is_some() => return judged,
        300..=399 => &BACKEND_REDIRECT,
        500.. => &BACKEND_ERROR,
        _ => &BACKEND_WRONG,
    };
    let note = format!("answers {} without a token", answer.summary());
    Judged { note, ..judged }.hits([Hit::new(finding, says)])
}
