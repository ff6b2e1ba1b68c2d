//! The evidence of the flow `lti` about the platform: one key, the URL to enter in the LMS, and LAMB's answers to a probe.

use jiff::Timestamp;

use super::probe::{self, Attempt, Target};
use crate::checks::lti::judge_groups;
use crate::checks::public_url;
use crate::evidence::Run;
use crate::findings::Hit;
use crate::http::Http;
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::lamb::file::{self, LambFile};
use crate::lamb::launch::{NO_ASSISTANT, Probe};
use crate::lamb::lti::{self, ConsumerKey, KeyOwner, Launch};
use crate::lamb::model::slugs_like;
use crate::owi::file::db::OwiDb;
use crate::owi::same_file::{self, Freshness};
use crate::setup::SetupError;
use crate::sqlite::DbError;

/// Which key is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WhichKey {
    /// The key of an organization's teachers, by slug.
    Of(String),
    /// The key of all activities.
    Global,
    /// The key of the old launch.
    Old,
}

/// What the platform is asked.
#[derive(Clone, Debug)]
pub(crate) struct KeyRequest {
    pub(crate) key: WhichKey,
    /// The address that browsers use; without it, what the settings say.
    pub(crate) public_url: Option<String>,
    /// Whether the probe is sent.
    pub(crate) send: bool,
    /// Whether a token may be made to learn whether `webui.db` is the server's own.
    pub(crate) test_token: bool,
}

/// Where the key came from.
#[derive(Debug)]
pub(super) enum Found {
    /// The key of an organization.
    Owner(KeyOwner),
    /// A key of all organizations: the stored one, and the one of the environment.
    Shared { stored: Option<ConsumerKey>, set: Option<ConsumerKey> },
    /// No such organization; those that there are, in a line.
    NoOrganization(String),
    /// LAMB's database cannot be read.
    NotAtHand(String),
}

/// All that is known when the flow is judged.
#[derive(Debug)]
pub(in crate::diagnose) struct KeyEvidence {
    pub(super) launch: Launch,
    pub(super) which: WhichKey,
    pub(super) edition: Option<Edition>,
    pub(super) lamb: LambFile,
    pub(super) found: Found,
    /// Names under which assistants are published: the keys of the old launch.
    pub(super) published: Vec<String>,
    /// Those whose group `webui.db` lacks, or why that was not checked.
    pub(super) without_group: Result<Option<Hit>, String>,
    /// The address that browsers use; `None` where nothing says one.
    pub(super) public: Option<PublicAddress>,
    /// Where the probe goes, or would go.
    pub(super) backend_target: Target,
    pub(super) public_targets: Vec<Target>,
    /// The fields of the probe, for a reader: each with its value.
    pub(super) fields: Vec<String>,
    /// The attempts, where the probe was sent.
    pub(super) backend: Option<Vec<Attempt>>,
    pub(super) at_public: Option<Vec<Attempt>>,
}

/// The address that browsers use for LAMB.
#[derive(Debug)]
pub(super) struct PublicAddress {
    /// The address, without a slash at its end; `None` where what is set is no URL.
    pub(super) url: Option<String>,
    /// The flag or the setting that says it.
    pub(super) source: String,
    /// What is wrong with the setting.
    pub(super) problem: Option<String>,
}

impl KeyEvidence {
    /// The key that LAMB uses.
    pub(super) fn key(&self) -> Option<&ConsumerKey> {
        match &self.found {
            Found::Owner(owner) => owner.key.as_ref(),
            Found::Shared { stored, set } => stored.as_ref().or(set.as_ref()),
            Found::NoOrganization(_) | Found::NotAtHand(_) => None,
        }
    }
}

/// Reads the key, and sends the probe if that is wished.
pub(super) async fn gather(run: Run<'_>, request: KeyRequest) -> Result<KeyEvidence, SetupError> {
    let launch = match &request.key {
        WhichKey::Of(_) => Launch::Creator,
        WhichKey::Global => Launch::Activity,
        WhichKey::Old => Launch::Assistant,
    };
    let (path, origin) = run.settings.lamb_db()?;
    let prefix = run.settings.prefix()?;
    let lamb = file::gather(path.clone(), origin, || LambDb::open(&path, prefix, run.limits.lock_timeout));
    let edition = run.edition.or(lamb.edition());
    let (found, published) = match &lamb.db {
        Ok(db) => match read(run, db, &request.key) {
            Ok(found) => found,
            Err(error) => (Found::NotAtHand(error.to_string()), Vec::new()),
        },
        // The secret of the old launch is in the environment alone.
        Err(_) if request.key == WhichKey::Old => (shared(run, None, &request.key), Vec::new()),
        Err(error) => (Found::NotAtHand(error.to_string()), Vec::new()),
    };
    let without_group = match &lamb.db {
        Ok(db) if request.key == WhichKey::Old && !published.is_empty() => without_group(run, db).await,
        _ => Ok(None),
    };
    let public = public_address(run, request.public_url);
    let url_prefix = run.settings.get("LTI_URL_PREFIX").map_or("", |found| found.text());
    let base = run.settings.backend_url()?;
    let backend_target = probe::at_backend(launch, edition, &base, url_prefix);
    let address = public.as_ref().and_then(|public| public.url.as_ref());
    let public_targets = address.map(|url| probe::at_public(launch, edition, url, url_prefix)).unwrap_or_default();
    let mut evidence = KeyEvidence {
        launch,
        which: request.key,
        edition,
        lamb,
        found,
        published,
        without_group,
        public,
        backend_target,
        public_targets,
        fields: Vec::new(),
        backend: None,
        at_public: None,
    };
    let Some(key) = evidence.key().filter(|key| !key.secret.is_empty()).cloned() else { return Ok(evidence) };
    let probe = Probe::new(launch, key);
    let fields = probe.fields(Timestamp::now());
    evidence.fields = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    evidence.fields.push(format!("oauth_signature={}", crate::secret::MASK));
    // A launch that this edition lacks is judged without one.
    if request.send && edition.is_none_or(|edition| launch.is_in(edition)) {
        let urls: Vec<&str> =
            [&evidence.backend_target].into_iter().chain(&evidence.public_targets).map(|t| t.to.as_str()).collect();
        let http = Http::to(run.settings, run.limits.timeout, &urls)?;
        evidence.backend = Some(probe::send(&http, &probe, std::slice::from_ref(&evidence.backend_target)).await);
        if !evidence.public_targets.is_empty() {
            evidence.at_public = Some(probe::send(&http, &probe, &evidence.public_targets).await);
        }
    }
    Ok(evidence)
}

/// Published assistants whose group is gone. An old copy of the file, or another one, says nothing of the groups that there
/// are, so the server is asked where it has that to say; this changes the `last_active_at` of an admin.
async fn without_group(run: Run<'_>, db: &LambDb) -> Result<Option<Hit>, String> {
    let (path, _) = run.settings.owi_db().map_err(|error| error.to_string())?;
    // Closed before the file is opened again: a second open in one process would drop the locks of the first.
    let found = {
        let owi = OwiDb::open(&path, run.limits.lock_timeout).map_err(|error| error.to_string())?;
        judge_groups(db, &owi, Some(Launch::Assistant))?
    };
    if found.is_none() || !run.test_token {
        return Ok(found);
    }
    match same_file::by_newest_users(run.settings, &run.clients.owi, &path, run.limits.lock_timeout).await {
        Ok(Freshness::Stale(why)) => Err(format!("{} is not the server's own: {why}", path.display())),
        Ok(Freshness::Fresh | Freshness::Unknown(_)) => Ok(found),
        Err(error) => Err(error.to_string()),
    }
}

fn read(run: Run<'_>, db: &LambDb, which: &WhichKey) -> Result<(Found, Vec<String>), DbError> {
    let found = match which {
        WhichKey::Of(slug) => match db.key_of(slug)? {
            Some(owner) => Found::Owner(owner),
            None => Found::NoOrganization(slugs_like(slug, &db.organizations()?)),
        },
        WhichKey::Global => shared(run, db.global_key()?, which),
        WhichKey::Old => shared(run, None, which),
    };
    let published = if *which == WhichKey::Old { db.published_names()? } else { Vec::new() };
    Ok((found, published))
}

fn shared(run: Run<'_>, stored: Option<ConsumerKey>, which: &WhichKey) -> Found {
    let set = match which {
        WhichKey::Old => lti::old_secret_of(run.settings).map(|secret| ConsumerKey {
            key: NO_ASSISTANT.to_owned(),
            secret,
            source: "LTI_SECRET".to_owned(),
            enabled: true,
        }),
        _ => lti::global_key_of(run.settings),
    };
    Found::Shared { stored, set }
}

/// The page that follows LAMB's own address.
const PAGE: &str = "/assistants";

/// The address that browsers use, as an LMS sends a launch there: without the user name and the password that a setting
/// may have.
fn public_address(run: Run<'_>, given: Option<String>) -> Option<PublicAddress> {
    if let Some(url) = given {
        return Some(PublicAddress { url: Some(url), source: "--public-url".to_owned(), problem: None });
    }
    let set = run.settings.lamb_public_url()?;
    let source = set.source();
    let wrong = |why: &str| format!("{source} = {:?} {why}", set.shown());
    let mut url = match public_url::read(&set, PAGE) {
        Ok(url) => url,
        Err(why) => return Some(PublicAddress { url: None, problem: Some(wrong(&why)), source }),
    };
    let why = "has a user name or password, and LAMB shows it to every user who comes from the LMS";
    let problem = public_url::has_user(&url).then(|| wrong(why));
    // Both fail only for a URL without a host, and this one has one.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let url = url.as_str().strip_suffix(PAGE).map(|url| url.trim_end_matches('/').to_owned());
    Some(PublicAddress { url, source, problem })
}
