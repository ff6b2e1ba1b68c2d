//! The launches from an LMS, as far as LAMB checks them before it makes an account, and for users that it knows.

use hyper::StatusCode;
use hyper::header::HOST;
use rusqlite::OptionalExtension as _;
use serde_json::Value;

use super::Backend;
use crate::lamb::Edition;
use crate::lamb::lti::Launch;
use crate::oauth1;
use crate::sandbox::http::{Reply, Request, latin1};

/// What LAMB's environment says of launches.
pub(in crate::sandbox) struct LtiEnvironment {
    pub(in crate::sandbox) secret: Option<String>,
    pub(in crate::sandbox) global_secret: Option<String>,
    pub(in crate::sandbox) global_key: String,
    pub(in crate::sandbox) url_prefix: String,
    pub(in crate::sandbox) public_url: Option<String>,
}

/// A refusal, with the words that LAMB gives.
pub(super) struct Refused(pub(super) u16, pub(super) String);

pub(super) fn refused<T>(status: u16, text: &str) -> Result<T, Refused> {
    Err(Refused(status, text.to_owned()))
}

/// Python's words about a text that is no JSON.
pub(super) const NO_JSON: &str =
    "LTI launch failed: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)";

/// A form, as LAMB reads it: of a field that comes twice, the last.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    fn of(request: &Request) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(&request.body) {
            fields.retain(|(known, _)| *known != name);
            fields.push((name.into_owned(), value.into_owned()));
        }
        Self(fields)
    }

    /// The fields that a token has kept.
    pub(super) fn from_claims(claims: &Value, names: &[&str]) -> Self {
        let text = |name: &&str| ((*name).to_owned(), claims[*name].as_str().unwrap_or_default().to_owned());
        Self(names.iter().map(text).collect())
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

impl Backend {
    /// The launch at a path, in the edition that has it.
    pub(super) fn launch_at(&self, path: &str) -> Option<Launch> {
        let all = [Launch::Creator, Launch::Activity, Launch::Assistant];
        all.into_iter().find(|launch| launch.path() == path && launch.is_in(self.edition))
    }

    pub(super) fn launch(&self, launch: Launch, request: &Request) -> Reply {
        let form = Form::of(request);
        let answer = match launch {
            Launch::Creator => self.creator_launch(request, &form),
            Launch::Activity => self.activity_launch(request, &form),
            // Whatever fails there is an exception in an exception's text.
            Launch::Assistant => self
                .assistant_launch(request, &form)
                .map_err(|Refused(status, text)| Refused(500, format!("{status}: {text}"))),
        };
        answer.unwrap_or_else(|Refused(status, text)| {
            Reply::detail(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &text)
        })
    }

    /// The URL as LAMB puts it together from what it sees.
    fn signed_url(&self, launch: Launch, request: &Request) -> String {
        let header = |name: &str| request.latin1(name);
        let delegated = self.edition == Edition::Delegated;
        let scheme = header("x-forwarded-proto").unwrap_or_else(|| if delegated { "https" } else { "http" }.to_owned());
        let host = request.headers.get(HOST).map(|host| latin1(host.as_bytes())).unwrap_or_default();
        let prefix = match (delegated, launch) {
            (true, _) => self.lti.url_prefix.clone(),
            (false, Launch::Assistant) => String::new(),
            (false, _) => header("x-forwarded-prefix").unwrap_or_default(),
        };
        format!("{scheme}://{host}{prefix}{}", request.path)
    }

    /// LAMB's address for browsers.
    pub(super) fn public_base(&self, request: &Request) -> String {
        let of_request = || {
            let scheme = request.latin1("x-forwarded-proto").unwrap_or_else(|| "http".to_owned());
            let host = request.headers.get(HOST).map(|host| latin1(host.as_bytes())).unwrap_or_default();
            format!("{scheme}://{host}{}", request.latin1("x-forwarded-prefix").unwrap_or_default())
        };
        self.lti.public_url.clone().unwrap_or_else(of_request)
    }

    /// LAMB signs with the secret as it is: it encodes nothing of it.
    fn check_signature(&self, launch: Launch, request: &Request, form: &Form, secret: &str) -> Result<(), Refused> {
        let fields = form.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let base = oauth1::base_string("POST", &self.signed_url(launch, request), fields);
        let own = oauth1::signature(&base, &format!("{secret}&").as_str().into());
        if own.is_ok_and(|own| own == form.get(oauth1::SIGNATURE)) {
            Ok(())
        } else {
            refused(401, "Invalid OAuth signature")
        }
    }

    fn creator_launch(&self, request: &Request, form: &Form) -> Result<Reply, Refused> {
        let key = form.get("oauth_consumer_key");
        if key.is_empty() {
            return refused(400, "Missing oauth_consumer_key");
        }
        let p = &self.prefix;
        let found = self.lamb().and_then(|db| {
            let sql = format!(
                "SELECT o.id, o.slug, o.is_system, o.config, k.oauth_consumer_secret FROM {p}lti_creator_keys k \
                 JOIN {p}organizations o ON o.id = k.organization_id WHERE k.oauth_consumer_key = ? AND k.enabled = 1"
            );
            db.query_row(&sql, [key], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, bool>(2)?,
                    row.get::<_, String>(3)?,
                    row.get::<_, String>(4)?,
                ))
            })
            .optional()
        });
        let Ok(Some((organization, slug, is_system, config, secret))) = found else {
            return refused(401, "Invalid consumer key");
        };
        if serde_json::from_str::<Value>(&config).is_err() {
            return refused(500, NO_JSON);
        }
        if is_system {
            return refused(403, "LTI creator access not allowed for system organization");
        }
        if secret.is_empty() {
            return refused(500, "LTI not properly configured");
        }
        self.check_signature(Launch::Creator, request, form, &secret)?;
        let user = form.get("user_id");
        if user.is_empty() {
            return refused(400, "Missing user_id");
        }
        self.teacher(organization, &slug, request, form)
    }

    /// The key of all activities, its secret, and whether both are stored.
    pub(super) fn global_key(&self) -> (String, String, bool) {
        let stored = self.lamb().and_then(|db| {
            let sql = format!(
                "SELECT oauth_consumer_key, oauth_consumer_secret FROM {}lti_global_config WHERE id = 1",
                self.prefix
            );
            db.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, true))).optional()
        });
        let of_environment = || {
            let secret = self.lti.global_secret.as_ref().or(self.lti.secret.as_ref()).cloned();
            (self.lti.global_key.clone(), secret.unwrap_or_default(), false)
        };
        stored.ok().flatten().unwrap_or_else(of_environment)
    }

    fn activity_launch(&self, request: &Request, form: &Form) -> Result<Reply, Refused> {
        let (key, secret, is_stored) = self.global_key();
        if key.is_empty() || (secret.is_empty() && !is_stored) {
            return refused(500, "LTI not configured");
        }
        if form.get("oauth_consumer_key") != key || secret.is_empty() {
            return refused(401, "Invalid consumer key");
        }
        self.check_signature(Launch::Activity, request, form, &secret)?;
        let link = form.get("resource_link_id");
        if link.is_empty() {
            return refused(400, "Missing resource_link_id");
        }
        self.activity(request, form)
    }

    fn assistant_launch(&self, request: &Request, form: &Form) -> Result<Reply, Refused> {
        let Some(secret) = &self.lti.secret else { return refused(500, "LTI secret not configured") };
        self.check_signature(Launch::Assistant, request, form, secret)?;
        let key = form.get("oauth_consumer_key");
        let user = ["ext_user_username", "user_id"].iter().map(|name| form.get(name)).find(|name| !name.is_empty());
        match user {
            Some(user) if !key.is_empty() || self.edition == Edition::Delegated => self.published(user, key),
            _ => refused(400, "Missing required fields"),
        }
    }
}
