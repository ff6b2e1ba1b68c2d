//! Step 4: does this LAMB ask Open WebUI about this token at all, and does an Open WebUI answer there?

use super::OWI;
use crate::diagnose::report::Judged;
use crate::findings::{
    Effect, Hit, OWI_ERROR, OWI_REDIRECT, OWI_SCHEMA_DRIFT, OWI_WRONG_URL, Severity, TRUSTED_HEADER_OFF,
};
use crate::owi::api::answers::ServerAnswer;
use crate::owi::api::client::OwiClient;

/// What the judge needs.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The base URL.
    pub base: &'a str,
    /// The proxy on the way there.
    pub proxy: Option<String>,
    /// What answers there.
    pub server: &'a ServerAnswer,
    /// True where this LAMB asks Open WebUI about this token.
    pub asks: bool,
    /// The number of columns of `user`, where it is not the twelve that LAMB's reader expects.
    pub drifted_columns: Option<usize>,
}

/// Asks the two public questions at the same time. Leaves nothing behind.
pub async fn gather(client: &OwiClient) -> ServerAnswer {
    let (version, config) = tokio::join!(client.version(), client.config());
    ServerAnswer::read(&version, &config)
}

/// Where LAMB does not ask, a server that is down is a warning: the hand-off to the chat needs it.
pub fn judge(evidence: &Evidence<'_>) -> Judged {
    let base = evidence.base;
    let mut server = judge_server(base, evidence.proxy.as_deref(), evidence.server);
    if !evidence.asks {
        server.note = format!("LAMB decodes this token itself and does not ask; {}", server.note);
        for hit in &mut server.hits {
            hit.severity = Severity::Warning;
            hit.effect = Effect::Login;
        }
    }
    if let Some(count) = evidence.drifted_columns {
        let detail = format!("the user table of webui.db has {count} columns, not exactly the 12 that LAMB reads");
        server.hits.push(Hit::new(&OWI_SCHEMA_DRIFT, detail));
    }
    let mut judged =
        Judged::note(server.note).fact("asked about this token", evidence.asks, "the edition and the token");
    judged.facts.extend(server.facts);
    judged.hits(server.hits)
}

/// Whether an Open WebUI answers at a base URL, whoever asks there.
pub fn judge_server(base: &str, proxy: Option<&str>, server: &ServerAnswer) -> Judged {
    let mut hits = Vec::new();
    let note = match server {
        ServerAnswer::OpenWebUi(info) => {
            if info.trusted_header == Some(false) {
                let detail = format!("{base}/api/config says that the trusted header is off");
                hits.push(Hit::new(&TRUSTED_HEADER_OFF, detail));
            }
            format!("{base} is Open WebUI {}", info.version.as_deref().unwrap_or("?"))
        }
        ServerAnswer::NotOpenWebUi(what) => {
            hits.push(Hit::new(&OWI_WRONG_URL, format!("{base}/api/version answers {what}")));
            format!("{base} is no Open WebUI")
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
            .fact("signup", told(info.signup), format!("{base}/api/config"));
    }
    if let Some(proxy) = proxy {
        judged = judged.fact("through a proxy", proxy, "settings");
    }
    judged.hits(hits)
}
