//! What a command needs before it asks anything: limits, and the clients of both servers.

use std::time::Duration;

use crate::email::EmailError;
use crate::exit::{Exit, ExitStatus};
use crate::http::{Http, HttpSetupError};
use crate::lamb::backend::Backend;
use crate::owi::api::client::OwiClient;
use crate::settings::{Settings, SettingsError};

/// How long anything may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// One request.
    pub timeout: Duration,
    /// One lock.
    pub lock_timeout: Duration,
}

/// Why nothing can be asked at all. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    /// A setting that cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Http(#[from] HttpSetupError),
    /// The e-mail of a token.
    #[error("cannot look up the token's e-mail: {0}")]
    Email(#[from] EmailError),
}

impl ExitStatus for SetupError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// The clients of both servers, over one HTTP client.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    /// Open WebUI's.
    pub owi: OwiClient,
    /// LAMB's.
    pub backend: Backend,
}

impl Clients {
    /// The clients for these settings. Sends nothing.
    ///
    /// # Errors
    /// Where a base URL or the HTTP client's own settings cannot be used.
    pub(crate) fn new(settings: &Settings, limits: Limits) -> Result<Self, SetupError> {
        let http = Http::new(settings, limits.timeout)?;
        let backend = Backend::new(http.clone(), settings.backend_url()?);
        Ok(Self { owi: OwiClient::new(http, settings.owi_url()?), backend })
    }
}
