//! What every command stands on: settings, limits, and the ways to open what it needs. Nothing is opened before
//! a command asks for it.

use std::ffi::OsString;

use anyhow::Context as _;

use super::exit::{Exit, exit_with};
use super::{Global, Output};
use crate::http::{Http, Request};
use crate::lamb::db::LambDb;
use crate::messages;
use crate::owi::admin_token;
use crate::owi::api::client::OwiClient;
use crate::owi::file::db::OwiDb;
use crate::render::{self, Format, Sheet, View};
use crate::settings::{Overrides, Settings};
use crate::setup::Limits;

pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) limits: Limits,
    pub(super) format: Format,
    /// True where `audit` is asked for metrics, in place of a format.
    pub(super) metrics: bool,
    pub(super) verbose: bool,
}

impl Context {
    pub(super) fn new(global: &Global) -> anyhow::Result<Self> {
        let text = |value: &Option<String>| value.as_ref().map(OsString::from);
        let flags = [
            ("LAMB_DB_PATH", "--lamb-db", global.lamb_db.clone()),
            ("LAMB_DB_PREFIX", "--lamb-db-prefix", text(&global.lamb_db_prefix)),
            ("OWI_PATH", "--owi-db", global.owi_db.clone()),
            ("OWI_BASE_URL", "--owi-url", text(&global.owi_url)),
            ("LAMB_BACKEND_HOST", "--backend-url", text(&global.backend_url)),
            ("OWI_ADMIN_EMAIL", "--owi-admin-email", text(&global.owi_admin_email)),
        ];
        let overrides: Overrides =
            flags.into_iter().filter_map(|(name, flag, value)| Some((name, (flag, value?)))).collect();
        let mut said: Vec<String> = overrides
            .values()
            .flat_map(|(flag, value)| [(*flag).to_owned(), value.to_string_lossy().into_owned()])
            .collect();
        said.extend(global.env_file.iter().flat_map(|file| ["--env-file".to_owned(), file.display().to_string()]));
        crate::shown::set_settings_flags(said);
        let settings = Settings::load(&overrides, global.env_file.as_deref(), &global.secret_file)?;
        settings.warnings.iter().for_each(messages::note);
        let limits = Limits { timeout: global.timeout, lock_timeout: global.lock_timeout };
        Ok(Self {
            settings,
            limits,
            format: global.format(),
            metrics: global.output == Output::Prometheus,
            verbose: global.verbose,
        })
    }

    /// Refuses where nothing says which deployment is meant, and nothing is where LAMB would look: a report would be a
    /// list of all that is missing, and send its reader to start servers that are on another machine.
    ///
    /// # Errors
    /// Exit code 2. Also if the settings cannot be used.
    pub(super) fn require_a_deployment(&self) -> anyhow::Result<()> {
        let settings = &self.settings;
        if !settings.are_defaults() {
            return Ok(());
        }
        let ((lamb, _), backend, owi) = (settings.lamb_db()?, settings.backend_url()?, settings.owi_url()?);
        if lamb.exists() {
            return Ok(());
        }
        let http = Http::new(settings, self.limits.timeout)?;
        let answers = block_on(async {
            let (backend, owi) =
                tokio::join!(http.send(&backend, Request::default()), http.send(&owi, Request::default()));
            Ok(backend.is_ok() || owi.is_ok())
        })?;
        if answers {
            return Ok(());
        }
        let message = format!(
            "no LAMB settings found here: no flag, no environment variable, no .env file\n  \
             {} does not exist, and neither {backend} nor {owi} answers\n  \
             run lamb-auth in the backend's container: docker-compose exec backend lamb-auth ...\n  \
             or pass --lamb-db, --owi-db, --owi-url and --backend-url",
            lamb.display()
        );
        Err(exit_with(Exit::Usage, message))
    }

    pub(super) fn show(&self, view: &View) -> anyhow::Result<()> {
        Ok(render::show(self.format, view)?)
    }

    /// Shows a page to the person at the terminal, before a question.
    pub(super) fn show_on_stderr(&self, sheet: &Sheet) {
        messages::page(sheet.table(render::Style::of_stdout()).trim_end());
    }

    pub(super) fn lamb(&self) -> anyhow::Result<LambDb> {
        let (path, _) = self.settings.lamb_db()?;
        Ok(LambDb::open(&path, self.settings.prefix()?, self.limits.lock_timeout)?)
    }

    pub(super) fn lamb_for_change(&self) -> anyhow::Result<LambDb> {
        let (path, _) = self.settings.lamb_db()?;
        Ok(LambDb::open_for_change(&path, self.settings.prefix()?, self.limits.lock_timeout)?)
    }

    pub(super) fn owi_db(&self) -> anyhow::Result<OwiDb> {
        let (path, _) = self.settings.owi_db()?;
        Ok(OwiDb::open(&path, self.limits.lock_timeout)?)
    }

    pub(super) fn owi(&self) -> anyhow::Result<OwiClient> {
        Ok(OwiClient::new(Http::new(&self.settings, self.limits.timeout)?, self.settings.owi_url()?))
    }

    /// The admin's token in a file of `--admin-token-file`.
    pub(super) fn handed_in(token_file: Option<&std::path::Path>) -> anyhow::Result<Option<admin_token::HandedIn>> {
        let Some(path) = token_file else { return Ok(None) };
        let handed_in = admin_token::HandedIn::read(path).map_err(|why| exit_with(Exit::CouldNotTell, why))?;
        if handed_in.token.is_empty() {
            return Err(exit_with(
                Exit::Usage,
                format!("--admin-token-file {}: the file contains no token", path.display()),
            ));
        }
        Ok(Some(handed_in))
    }

    /// An Open WebUI that answers, and an admin's token for it.
    pub(super) async fn owi_as_admin(
        &self,
        client: &OwiClient,
        handed_in: Option<&admin_token::HandedIn>,
    ) -> anyhow::Result<admin_token::AdminToken> {
        let server = client.server().await;
        let out_of_reach = || server.complaint(client.base_shown()).unwrap_or_default();
        let info = server.info().ok_or_else(|| exit_with(Exit::CouldNotTell, out_of_reach()))?;
        let token = admin_token::token(&self.settings, client, info, handed_in, self.limits.lock_timeout).await;
        let token = token.map_err(|why| exit_with(Exit::CouldNotTell, why))?;
        messages::note(format_args!("asking {} with an admin token, {}", client.base_shown(), token.how));
        Ok(token)
    }
}

/// Runs what needs the network. Commands that only read files make no runtime.
pub(super) fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the runtime")?;
    let done = runtime.block_on(future);
    // A name that is still being resolved, or a file system that hangs, must not hold the end up.
    runtime.shutdown_background();
    done
}
