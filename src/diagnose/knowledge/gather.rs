//! The evidence of the flow `knowledge`: the servers that LAMB asks for the user's organization, and their answers.

use std::rc::Rc;

use crate::evidence::{Evidence, Run};
use crate::http::{Answer, Failure, Http, Redirects, Request};
use crate::lamb::Edition;
use crate::lamb::knowledge::{OrganizationConfig, Server};
use crate::lamb::model::Creator;
use crate::secret::Secret;
use crate::setup::SetupError;

/// What one server said.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) server: Server,
    /// `/health`, where the server has it, asked as LAMB asks it.
    pub(super) health: Option<Result<Answer, Failure>>,
    /// A read with LAMB's token.
    pub(super) read: Option<Result<Answer, Failure>>,
}

/// All that is known when the flow is judged.
#[derive(Debug)]
pub(in crate::diagnose) struct KnowledgeEvidence {
    /// The user on both sides.
    pub(super) user: Rc<Evidence>,
    /// The organization's settings; `None` where they were not read.
    pub(super) config: Option<OrganizationConfig>,
    /// The knowledge base server.
    pub(super) knowledge: Option<Asked>,
    /// The server in LAMB's environment, where the organization has another one.
    pub(super) plugins: Option<Asked>,
    /// True where LAMB's environment names a server, as far as these settings tell.
    pub(super) has_environment: bool,
    /// The Library Manager, in the native edition.
    pub(super) library: Option<Asked>,
}

impl KnowledgeEvidence {
    pub(super) fn creator(&self) -> Option<&Creator> {
        self.user.start.subject.known_creator()
    }
}

/// Asks the servers that LAMB would ask for this user. All requests are reads.
pub(super) async fn gather(run: Run<'_>, user: Rc<Evidence>) -> Result<KnowledgeEvidence, SetupError> {
    let edition = user.start.edition.unwrap_or(Edition::Delegated);
    let organization = user.start.subject.known_creator().and_then(|creator| creator.organization.as_ref());
    let config = organization
        .zip(user.start.lamb.db.as_ref().ok())
        .and_then(|(organization, db)| db.organization_config(organization.id).ok())
        .map(|stored| OrganizationConfig::of(&stored.unwrap_or_default()));
    let (mut knowledge, mut plugins, mut library) = (None, None, None);
    let mut has_environment = false;
    if let Some(config) = &config {
        let server = config.knowledge_bases(edition, run.settings);
        // The oldest servers list all that they have; one is enough.
        let health = Some(("/health", edition));
        let of_environment = OrganizationConfig::plugins(run.settings);
        has_environment = of_environment.url.is_some();
        let is_other = has_environment && parts(&server) != parts(&of_environment);
        knowledge = Some(ask(run, server, health, "/collections?skip=0&limit=1").await?);
        if is_other {
            plugins = Some(ask(run, of_environment, health, "/ingestion/plugins").await?);
        }
        if edition == Edition::Native {
            let server = config.library(run.settings);
            if server.url.is_some() {
                library = Some(ask(run, server, None, "/plugins").await?);
            }
        }
    }
    Ok(KnowledgeEvidence { user, config, knowledge, plugins, has_environment, library })
}

/// What makes two servers the same one.
fn parts(server: &Server) -> (Option<&str>, Option<&Secret>) {
    (server.url.as_ref().map(|url| url.value.as_str()), server.token.as_ref().map(|token| &token.value))
}

async fn ask(run: Run<'_>, server: Server, health: Option<(&str, Edition)>, read: &str) -> Result<Asked, SetupError> {
    let Some(url) = server.url.as_ref().map(|url| url.value.clone()) else {
        return Ok(Asked { server, health: None, read: None });
    };
    let http = Http::to(run.settings, run.limits.timeout, &[&url])?;
    let header = server.token.as_ref().map(|token| Secret::new(format!("Bearer {}", token.value.expose())));
    let get = async |path: &str, with_token: bool| {
        let authorization = header.as_ref().filter(|_| with_token);
        let request = Request { authorization, redirects: Redirects::Told, ..Request::default() };
        http.send(&format!("{url}{path}"), request).await
    };
    let health = match health {
        // A delegated LAMB asks for it without a token.
        Some((path, edition)) => Some(get(path, edition == Edition::Native).await),
        None => None,
    };
    // As LAMB does: without a healthy server, no other request is made.
    let is_healthy = health.as_ref().is_none_or(|answer| answer.as_ref().is_ok_and(|answer| answer.status == 200));
    let read = if is_healthy { Some(get(read, true).await) } else { None };
    Ok(Asked { server, health, read })
}
