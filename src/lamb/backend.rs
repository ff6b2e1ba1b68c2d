//! The client of LAMB's own HTTP backend: two requests, both of which the browser makes too.

use crate::http::{Answer, Failure, Http, Request};
use crate::secret::Secret;
use crate::settings::mask_url;

/// The request whose failure this tool was made for.
pub const ASSISTANTS_PATH: &str = "/creator/assistant/get_assistants";

/// The client of one LAMB backend.
#[derive(Clone, Debug)]
pub struct Backend {
    http: Http,
    base: String,
    base_shown: String,
}

impl Backend {
    /// A client of the backend at `base`, a URL without a slash at its end.
    pub fn new(http: Http, base: impl Into<String>) -> Self {
        let base = base.into();
        Self { http, base_shown: mask_url(&base), base }
    }

    /// The base URL, to be shown: without a password in it.
    pub fn base_shown(&self) -> &str {
        &self.base_shown
    }

    /// Asks for the assistants with exactly this `Authorization` value, or with none: then the backend refuses
    /// before it asks anyone or reads anything (measured: 403), which makes it a harmless sign of life.
    ///
    /// With a value, **callers must know that it is harmless**: see [`crate::diagnose`], step 7.
    ///
    /// # Errors
    /// Where no answer came.
    pub async fn assistants(&self, authorization: Option<&Secret>) -> Result<Answer, Failure> {
        let url = format!("{}{ASSISTANTS_PATH}", self.base);
        self.http.send(&url, Request { authorization, ..Request::default() }).await
    }
}
