//! A signed launch that writes nothing: it lacks the one field without which LAMB goes no further, or names no assistant.
//! LAMB checks the signature before that (measured), so its answer tells whether key, secret and URL are right.

use jiff::Timestamp;

use super::lti::{ConsumerKey, Launch};
use crate::http::{Answer, Failure, Http, Redirects, Request};
use crate::oauth1::{self, SignError};
use crate::secret::Secret;

/// The key of a probe of the old launch: no assistant is published as this.
pub const NO_ASSISTANT: &str = "lamb-auth-check-no-such-assistant";

/// One launch, before it is signed.
#[derive(Clone, Debug)]
pub struct Probe {
    launch: Launch,
    key: ConsumerKey,
}

impl Probe {
    /// A probe with this key; of the old launch only the secret counts.
    pub fn new(launch: Launch, key: ConsumerKey) -> Self {
        let key = if launch == Launch::Assistant { ConsumerKey { key: NO_ASSISTANT.to_owned(), ..key } } else { key };
        Self { launch, key }
    }

    /// Which launch it is.
    pub fn launch(&self) -> Launch {
        self.launch
    }

    /// The fields of the form, but for the signature.
    pub fn fields(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        // The old launch wants a user name before it looks for the assistant (measured).
        let user = (self.launch == Launch::Assistant).then(|| ("user_id", "lamb-auth-check".to_owned()));
        let fields = [
            ("lti_message_type", "basic-lti-launch-request".to_owned()),
            ("lti_version", "LTI-1p0".to_owned()),
            ("oauth_consumer_key", self.key.key.clone()),
            ("oauth_nonce", format!("lamb-auth-{}", now.as_nanosecond())),
            ("oauth_signature_method", "HMAC-SHA1".to_owned()),
            ("oauth_timestamp", now.as_second().to_string()),
            ("oauth_version", "1.0".to_owned()),
        ];
        fields.into_iter().chain(user).collect()
    }

    /// The signature of these fields at a URL, as an LMS that follows the standard makes it. Not shown anywhere.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn signature(&self, signed: &str, fields: &[(&'static str, String)]) -> Result<Secret, SignError> {
        let base = oauth1::base_string("POST", signed, fields.iter().map(|(name, value)| (*name, value.as_str())));
        Ok(Secret::new(oauth1::signature(&base, &oauth1::standard_key(&self.key.secret))?).hidden())
    }

    /// Sends it to one URL, signed for another or for the same.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn send(&self, http: &Http, to: &str, signed: &str) -> Result<Answer, Failure> {
        let fields = self.fields(Timestamp::now());
        // HMAC takes a key of any length. Without a signature LAMB refuses the launch, which is then what is told.
        let signature = self.signature(signed, &fields).unwrap_or_default();
        let mut form: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        form.push((oauth1::SIGNATURE, signature.expose()));
        http.send(to, Request { form: &form, redirects: Redirects::Told, ..Request::default() }).await
    }
}

/// What LAMB's answer to a probe says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Key, secret and URL are right: only what a probe lacks was missed.
    Proven,
    /// The signature is another: the secret, or the URL that LAMB puts together.
    Signature,
    /// There is no such key, or it is switched off.
    Key,
    /// The key is of LAMB's own organization.
    System,
    /// LAMB has no secret.
    NoSecret,
    /// The organization's `config` is not JSON.
    Config,
    /// Nothing that takes launches is at this path.
    NotThere,
    /// Anything else.
    Other,
}

impl Said {
    /// Reads an answer (all measured). The old launch answers 500 to everything, with the status in its text.
    pub fn read(launch: Launch, answer: &Answer) -> Self {
        let detail = answer.detail().unwrap_or_default();
        let (status, text) = match (launch, answer.status, detail.split_once(": ")) {
            (Launch::Assistant, 500, Some((status, text))) => (status.parse().unwrap_or(500), text),
            _ => (answer.status, detail.as_str()),
        };
        match (launch, status, text) {
            (Launch::Creator, 400, "Missing user_id") | (Launch::Activity, 400, "Missing resource_link_id") => {
                Self::Proven
            }
            (Launch::Assistant, 404, text) if text.starts_with("No published assistant") => Self::Proven,
            (_, 401, "Invalid OAuth signature") => Self::Signature,
            (_, 401, "Invalid consumer key") => Self::Key,
            (_, 403, text) if text.contains("system organization") => Self::System,
            (_, 500, "LTI not properly configured" | "LTI not configured" | "LTI secret not configured") => {
                Self::NoSecret
            }
            (Launch::Creator, 500, text) if text.starts_with("LTI launch failed") => Self::Config,
            (_, 404 | 405 | 300..=399, _) => Self::NotThere,
            _ if answer.is_html() => Self::NotThere,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(launch: Launch, status: u16, detail: &str) -> Said {
        let body = serde_json::json!({ "detail": detail }).to_string();
        Said::read(launch, &Answer::of(status, &body))
    }

    /// All measured with both editions.
    #[test]
    fn each_answer_to_a_launch_is_known_by_its_words() {
        use Launch::{Activity, Assistant, Creator};
        let rows = [
            (Creator, 400, "Missing user_id", Said::Proven),
            (Activity, 400, "Missing resource_link_id", Said::Proven),
            (Assistant, 500, "404: No published assistant found for this oauth_consumer_name", Said::Proven),
            (Creator, 400, "Missing oauth_consumer_key", Said::Other),
            (Creator, 401, "Invalid consumer key", Said::Key),
            (Activity, 401, "Invalid consumer key", Said::Key),
            (Creator, 403, "LTI creator access not allowed for system organization", Said::System),
            (Creator, 500, "LTI not properly configured", Said::NoSecret),
            (Activity, 500, "LTI not configured", Said::NoSecret),
            (Assistant, 500, "500: LTI secret not configured", Said::NoSecret),
            (Creator, 401, "Invalid OAuth signature", Said::Signature),
            (Activity, 401, "Invalid OAuth signature", Said::Signature),
            (Assistant, 500, "401: Invalid OAuth signature", Said::Signature),
            (Creator, 500, "LTI launch failed: Expecting property name enclosed in double quotes", Said::Config),
            (Creator, 404, "Not Found", Said::NotThere),
            (Creator, 405, "Method Not Allowed", Said::NotThere),
            (Assistant, 404, "Not Found", Said::NotThere),
            (Assistant, 500, "500: Internal server error: 'NoneType' object is not subscriptable", Said::Other),
            (Creator, 502, "", Said::Other),
        ];
        for (launch, status, detail, expected) in rows {
            assert_eq!(said(launch, status, detail), expected, "{launch:?} {status} {detail}");
        }
    }

    #[test]
    fn a_probe_lacks_what_would_make_lamb_write() {
        let key = ConsumerKey {
            key: "physics".to_owned(),
            secret: "a-secret-of-physics".into(),
            source: String::new(),
            enabled: true,
        };
        // The old launch stops at a key that names no assistant, but only where it names a user.
        for (launch, named, lacks) in [
            (Launch::Creator, "physics", "user_id"),
            (Launch::Activity, "physics", "resource_link_id"),
            (Launch::Assistant, NO_ASSISTANT, "ext_user_username"),
        ] {
            let probe = Probe::new(launch, key.clone());
            let fields = probe.fields(Timestamp::UNIX_EPOCH);
            assert!(!fields.iter().any(|(name, _)| *name == lacks));
            assert!(fields.contains(&("oauth_consumer_key", named.to_owned())));
            let signature = probe.signature("http://lamb:9099/x", &fields).unwrap();
            assert_ne!(signature, probe.signature("https://lamb:9099/x", &fields).unwrap());
        }
    }
}
