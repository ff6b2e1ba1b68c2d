//! `POST /api/v1/auths/signin`, `signup` and `add`.

use hyper::StatusCode;
use hyper::header::SET_COOKIE;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::super::http::{Reply, Request};
use super::super::{OwiVersion, ids};
use super::accounts::{Unreadable, User, create, find, find_auth};
use super::session::{cookie, merge, session_part};
use super::settings::SIGNUP;
use super::{OpenWebUi, Refused, broken, now, refuse, says};
use crate::token::mint;

/// New passwords are hashed as cheaply as bcrypt allows: the sandbox keeps no secrets.
pub(in crate::sandbox) const COST: u32 = 4;

/// A text without its percent signs; a plus is one.
fn percent_decoded(text: &str) -> String {
    let value = text.replace('&', "%26").replace('+', "%2B");
    form_urlencoded::parse(format!("v={value}").as_bytes()).map(|(_, value)| value.into_owned()).collect()
}

/// A body that has the fields it must have.
pub(super) struct Body(Value);

impl Body {
    pub(super) fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_default()
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.0[field].is_string()
    }
}

impl OpenWebUi {
    /// The body as JSON in which all of `fields` are texts.
    pub(super) fn body(&self, request: &Request, fields: &[&str]) -> Result<Body, Refused> {
        let body: Option<Value> = serde_json::from_slice(&request.body).ok().filter(Value::is_object);
        let input = body.as_ref();
        let missing = |place: &[&str]| {
            let text = "Field required";
            json!({ "type": "missing", "loc": place, "msg": text, "input": input })
        };
        let faults: Vec<_> = match &body {
            None => vec![missing(&["body"])],
            Some(body) => {
                let absent = fields.iter().filter(|field| !body[**field].is_string());
                absent.map(|field| missing(&["body", field])).collect()
            }
        };
        match body {
            Some(body) if faults.is_empty() => Ok(Body(body)),
            _ if self.version.stamps_sessions() => Err(refuse(StatusCode::UNPROCESSABLE_ENTITY, says::INVALID_REQUEST)),
            _ => Err(Box::new(Reply::json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "detail": faults })))),
        }
    }

    pub(super) fn signin(&self, request: &Request) -> Result<Reply, Refused> {
        let body = self.body(request, &["email", "password"])?;
        let mut db = self.open().map_err(broken)?;
        let user = match &self.trusted_header {
            Some(header) => self.by_header(&mut db, header, request)?,
            None => self.by_password(&db, body.text("email"), body.text("password"))?,
        };
        self.welcome(&db, &user)
    }

    /// Trusts the header, and makes an account for an unknown user.
    fn by_header(&self, db: &mut Connection, header: &str, request: &Request) -> Result<User, Refused> {
        let bad_request = |text| refuse(StatusCode::BAD_REQUEST, text);
        let email = request.latin1(header).filter(|email| !email.is_empty());
        let email = email.ok_or_else(|| bad_request(says::NO_HEADER))?.to_lowercase();
        // An empty name stays empty. Since 0.6 it is percent-decoded.
        let decoded = |name: String| match self.version {
            OwiVersion::V0_5_6 => name,
            _ => percent_decoded(&name),
        };
        let name = request.latin1("x-user-name").map_or_else(|| email.clone(), decoded);
        let known = self.is_taken(db, &email)?;
        if !known {
            if !self.version.stamps_sessions() {
                self.may_sign_up(db, &email)?;
            }
            self.register(db, (&email, &name), &ids::uuid("an unknown password"))?;
        }
        // Since 0.12 a row without a user is passed over.
        let found = match self.version.stamps_sessions() {
            true => "email = ? AND active = 1 AND id IN (SELECT id FROM user)",
            false => "email = ? AND active = 1",
        };
        let auth = find_auth(db, found, &email).map_err(broken)?;
        let user = auth.and_then(|auth| find(db, "id = ?", &auth.id).unwrap_or_default());
        user.ok_or_else(|| bad_request(says::BAD_CREDENTIALS))
    }

    fn by_password(&self, db: &Connection, email: &str, password: &str) -> Result<User, Refused> {
        let email = email.to_lowercase();
        if self.version != OwiVersion::V0_5_6 && !self.attempts.allows(&email) {
            return Err(refuse(StatusCode::TOO_MANY_REQUESTS, says::RATE_LIMIT));
        }
        let auth = find_auth(db, "email = ? AND active = 1", &email).map_err(broken)?;
        let auth = auth.filter(|auth| bcrypt::verify(password, &auth.password).unwrap_or(false));
        let user = auth.and_then(|auth| find(db, "id = ?", &auth.id).unwrap_or_default());
        user.ok_or_else(|| refuse(StatusCode::BAD_REQUEST, says::BAD_CREDENTIALS))
    }

    /// Whether a user has this e-mail. Before 0.12 in exactly this spelling, and a row that cannot be read is none.
    fn is_taken(&self, db: &Connection, email: &str) -> Result<bool, Refused> {
        let unique = self.version.stamps_sessions();
        match find(db, if unique { "lower(email) = ?" } else { "email = ?" }, email) {
            Ok(user) => Ok(user.is_some()),
            Err(Unreadable::Json | Unreadable::Shape) if !unique => Ok(false),
            Err(_) => Err(Box::new(Reply::crash())),
        }
    }

    pub(super) fn refuse_taken(&self, db: &Connection, email: &str) -> Result<(), Refused> {
        if self.is_taken(db, email)? { Err(refuse(StatusCode::BAD_REQUEST, says::TAKEN)) } else { Ok(()) }
    }

    /// May a stranger with this e-mail have an account?
    fn may_sign_up(&self, db: &Connection, email: &str) -> Result<(), Refused> {
        let open = self.is_new(db).map_err(broken)? || self.signup_is_on(db).map_err(broken)?;
        if !open {
            Err(refuse(StatusCode::FORBIDDEN, says::PROHIBITED))
        } else if !looks_like_an_email(email) {
            Err(refuse(StatusCode::BAD_REQUEST, says::BAD_EMAIL))
        } else {
            Ok(())
        }
    }

    /// Makes the account. The very first is the admin, and turns sign-up off.
    fn register(&self, db: &mut Connection, (email, name): (&str, &str), password: &str) -> Result<String, Refused> {
        let first = self.is_new(db).map_err(broken)?;
        let role = if first { "admin" } else { self.default_role.as_str() };
        let hash = bcrypt::hash(password, COST).map_err(|_| Reply::crash())?;
        let id = create(db, self.version, (email, name, role), &hash).map_err(broken)?;
        if first {
            SIGNUP.write(db, self.version, false).map_err(broken)?;
        }
        Ok(id)
    }

    pub(super) fn signup(&self, request: &Request) -> Result<Reply, Refused> {
        let new = self.body(request, &["name", "email", "password"])?;
        let mut db = self.open().map_err(broken)?;
        let email = new.text("email").to_lowercase();
        self.may_sign_up(&db, &email)?;
        self.refuse_taken(&db, &email)?;
        let id = self.register(&mut db, (&email, new.text("name")), new.text("password"))?;
        let user = find(&db, "id = ?", &id).unwrap_or_default().ok_or_else(Reply::crash)?;
        self.welcome(&db, &user)
    }

    /// An admin makes an account for another user.
    pub(super) fn add(&self, request: &Request) -> Result<Reply, Refused> {
        let mut db = self.open().map_err(broken)?;
        self.admin(&db, request)?;
        let new = self.body(request, &["name", "email", "password"])?;
        let email = new.text("email").to_lowercase();
        if !looks_like_an_email(&email) {
            return Err(refuse(StatusCode::BAD_REQUEST, says::BAD_EMAIL));
        }
        self.refuse_taken(&db, &email)?;
        let hash = bcrypt::hash(new.text("password"), COST).map_err(|_| Reply::crash())?;
        let role = Some(new.text("role")).filter(|role| !role.is_empty()).unwrap_or("pending");
        let id = create(&mut db, self.version, (&email, new.text("name"), role), &hash).map_err(broken)?;
        let user = find(&db, "id = ?", &id).unwrap_or_default().ok_or_else(Reply::crash)?;
        let (token, _) = self.issue(&db, &user)?;
        let mut body = user.signed_in(self.version);
        merge(&mut body, json!({ "token": token, "token_type": "Bearer" }));
        Ok(Reply::ok(&body))
    }

    /// Answers a sign-in: the account and a fresh token.
    fn welcome(&self, db: &Connection, user: &User) -> Result<Reply, Refused> {
        let (token, expires_at) = self.issue(db, user)?;
        let mut body = user.signed_in(self.version);
        merge(&mut body, session_part(&token, &expires_at));
        Ok(Reply::ok(&body).with(SET_COOKIE, cookie(&token)))
    }

    fn issue(&self, db: &Connection, user: &User) -> Result<(String, Value), Refused> {
        let stamp = find_auth(db, "id = ?", &user.id).map_err(broken)?.and_then(|auth| auth.stamp);
        let claims = self.version.session_claims(&user.id, stamp.as_deref(), now());
        let token = mint::sign(&claims, &self.secret).map_err(|_| Reply::crash())?;
        Ok((token.expose().to_owned(), claims["exp"].clone()))
    }
}

/// As strict as Open WebUI's own check: something, an at sign, a name with a dot.
fn looks_like_an_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        let (name, top) = domain.rsplit_once('.').unwrap_or_default();
        !local.is_empty() && !name.is_empty() && !top.is_empty() && !domain.contains('@') && !text.contains(' ')
    })
}
