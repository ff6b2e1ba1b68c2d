//! The client of Open WebUI's HTTP API. Which requests are harmless is the callers' to know; each method says
//! what its request leaves behind.

use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use super::answers::ServerAnswer;
use crate::http::{Answer, Failure, Http, Redirects, Request};
use crate::owi::api::sign_in_header::KnownEmail;
use crate::secret::Secret;
use crate::settings::mask_url;

/// The page that LAMB's link opens, behind the address for browsers.
pub const HAND_OFF: &str = "/api/v1/auths/complete";

/// The client of one Open WebUI.
#[derive(Clone, Debug)]
pub struct OwiClient {
    http: Http,
    base: String,
    base_shown: String,
}

impl OwiClient {
    /// A client of the Open WebUI at `base`, a URL without a slash at its end.
    pub fn new(http: Http, base: impl Into<String>) -> Self {
        let base = base.into();
        Self { http, base_shown: mask_url(&base), base }
    }

    /// The base URL, to be shown: without a password in it.
    pub fn base_shown(&self) -> &str {
        &self.base_shown
    }

    /// The shared HTTP client.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// `GET /api/version`. Leaves nothing behind.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn version(&self) -> Result<Answer, Failure> {
        self.http.send(&format!("{}/api/version", self.base), Request::default()).await
    }

    /// `GET /api/config`. Leaves nothing behind.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn config(&self) -> Result<Answer, Failure> {
        self.http.send(&format!("{}/api/config", self.base), Request::default()).await
    }

    /// What answers at the base URL: both public questions at the same time. Leaves nothing behind.
    pub async fn server(&self) -> ServerAnswer {
        let (version, config) = tokio::join!(self.version(), self.config());
        match ServerAnswer::read(&version, &config) {
            // A proxy may hide the two public pages, and pass on what LAMB asks.
            hidden @ ServerAnswer::NotOpenWebUi(_) => {
                let url = format!("{}/api/v1/auths/", self.base);
                hidden.or_by_session(&self.http.send(&url, Request::default()).await)
            }
            server => server,
        }
    }

    /// `GET /api/v1/auths/complete` without a token: the page that LAMB's link opens. LAMB's own copy of Open WebUI asks
    /// for the token (422); another server answers its web app (200), and signs no user in. Leaves nothing behind.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn hand_off_page(&self) -> Result<Answer, Failure> {
        self.http.send(&format!("{}{HAND_OFF}", self.base), Request::default()).await
    }

    /// `GET /api/v1/auths/`: the request that LAMB makes to have a token judged. `authorization` is the whole
    /// value of the header. Writes the user's `last_active_at` where the token is good, and nothing else.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn session(&self, authorization: &Secret) -> Result<Answer, Failure> {
        let request = Request { authorization: Some(authorization), ..Request::default() };
        self.http.send(&format!("{}/api/v1/auths/", self.base), request).await
    }

    /// Signs in by the trusted header as LAMB does, for an e-mail that this server is known to find: for any other it
    /// could make an account. The name, which only a new account would get, is not sent.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn trusted_sign_in(&self, email: &KnownEmail) -> Result<Answer, Failure> {
        let headers = vec![("x-user-email", email.header().clone())];
        self.sign_in(json!({"email": "", "password": ""}), headers).await
    }

    /// Signs in as LAMB does, but names no user. A server that wants the trusted header refuses for its lack before it looks
    /// anyone up (measured on 0.5.6, 0.6.43 and 0.12.4): **only for such a server**. Leaves nothing behind there.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn sign_in_without_user(&self) -> Result<Answer, Failure> {
        self.sign_in(json!({"email": "", "password": ""}), Vec::new()).await
    }

    /// Signs in with a password. Makes no account in any version; a server that wants the trusted header refuses.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn password_sign_in(&self, email: &str, password: &Secret) -> Result<Answer, Failure> {
        self.sign_in(json!({"email": email, "password": password.expose()}), Vec::new()).await
    }

    async fn sign_in(&self, body: Value, headers: Vec<(&'static str, HeaderValue)>) -> Result<Answer, Failure> {
        let request = Request { headers, body: Some(body), ..Request::default() };
        self.http.send(&format!("{}/api/v1/auths/signin", self.base), request).await
    }

    /// `POST /api/v1/auths/add`: **creates an account**. The server stores the e-mail in lower case.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn add_user(
        &self,
        admin: &Secret,
        name: &str,
        email: &str,
        password: &Secret,
    ) -> Result<Answer, Failure> {
        let body = json!({"name": name, "email": email, "password": password.expose(), "role": "user"});
        self.post(admin, &format!("{}/api/v1/auths/add", self.base), body).await
    }

    /// `GET /api/v1/users/{id}`: at least the name and the picture. Leaves nothing but the admin's `last_active_at`
    /// behind.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn user(&self, admin: &Secret, id: &str) -> Result<Answer, Failure> {
        let bearer = bearer(admin);
        let url = self.user_url(id, None)?;
        self.http.send(&url, Request { authorization: Some(&bearer), ..Request::default() }).await
    }

    /// `POST /api/v1/users/update/role`: **changes a role**, where this version has it (0.5.6; 0.6.43 and 0.12.4 answer
    /// 405).
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn update_role(&self, admin: &Secret, id: &str, role: &str) -> Result<Answer, Failure> {
        self.post(admin, &format!("{}/api/v1/users/update/role", self.base), json!({"id": id, "role": role})).await
    }

    /// `POST /api/v1/users/{id}/update`: **changes a user**. Which fields it needs differs by version, see
    /// [`crate::owi::api::change`].
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn update_user(&self, admin: &Secret, id: &str, fields: Value) -> Result<Answer, Failure> {
        self.post(admin, &self.user_url(id, Some("update"))?, fields).await
    }

    /// `DELETE /api/v1/users/{id}`: **deletes an account**, with its chats and its `auth` row.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn delete_user(&self, admin: &Secret, id: &str) -> Result<Answer, Failure> {
        let bearer = bearer(admin);
        let url = self.user_url(id, None)?;
        // Sent where it was meant for, or not at all.
        let redirects = Redirects::Told;
        let request = Request { authorization: Some(&bearer), deletes: true, redirects, ..Request::default() };
        self.http.send(&url, request).await
    }

    async fn post(&self, admin: &Secret, url: &str, body: Value) -> Result<Answer, Failure> {
        let bearer = bearer(admin);
        self.http.send(url, Request { authorization: Some(&bearer), body: Some(body), ..Request::default() }).await
    }

    /// An id is whatever a database says: it stays one segment of the path.
    fn user_url(&self, id: &str, end: Option<&str>) -> Result<String, Failure> {
        let mut url = self.url("/api/v1/users")?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(id).extend(end);
        }
        Ok(url.into())
    }

    fn url(&self, path: &str) -> Result<reqwest::Url, Failure> {
        reqwest::Url::parse(&format!("{}{path}", self.base)).map_err(|error| Failure {
            url: self.base_shown.clone(),
            kind: crate::http::FailureKind::Broken,
            detail: error.to_string(),
            proxy: None,
        })
    }

    /// `GET /api/v1/users/` with a query. Leaves nothing but the admin's `last_active_at` behind.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn users(&self, admin: &Secret, query: &[(&str, &str)]) -> Result<Answer, Failure> {
        let mut url = self.url("/api/v1/users/")?;
        url.query_pairs_mut().extend_pairs(query);
        let bearer = bearer(admin);
        self.http.send(url.as_str(), Request { authorization: Some(&bearer), ..Request::default() }).await
    }
}

/// The value of an `Authorization` header for a token.
pub fn bearer(token: &Secret) -> Secret {
    Secret::new(format!("Bearer {}", token.expose()))
}
