//! The platform, looked at once: with the walk that `diagnose` makes, as LAMB's own admin, and with what only shows when
//! all users are checked.

use super::admins::{self, LambAdmins, OwiAdmins};
use super::compatibility::{self, SchemaFit};
use super::report::{Check, Compatibility, PlatformReport};
use crate::checks::account::{self, NoFile};
use crate::checks::{lti, owners, pair, tables};
use crate::diagnose::{self, HandOff, Signer};
use crate::email::Email;
use crate::findings::{
    About, BOOTSTRAP_ADMIN, Effect, FORGEABLE_SECRET, Finding, FixStep, Hit, ORGANIZATION_UNMANAGED,
    SHARED_SECRET_TRAP, Severity, WAL_OWNER,
};
use crate::findings::{Judged, Outcome};
use crate::http::Http;
use crate::lamb::Edition;
use crate::lamb::db::{LambDb, LambDbError};
use crate::lamb::lookup::{self, CreatorEvidence};
use crate::lamb::managers::Unmanaged;
use crate::owi::api::answers::ServerInfo;
use crate::owi::api::client::OwiClient;
use crate::owi::file::db::OwiDb;
use crate::owi::same_file::{self, Freshness, Identity};
use crate::owi::trusted_header;
use crate::settings::{SettingValue, Settings};
use crate::setup::{Limits, SetupError};
use crate::sqlite::DbError;
use crate::sqlite::owners::Owners;

/// How many organizations without a manager are named.
const ORGANIZATIONS: u32 = 10;

/// The platform as it was found, with LAMB's database still open for the checks of users.
#[derive(Debug)]
pub(crate) struct PlatformEvidence {
    /// What is to be told.
    pub platform: PlatformReport,
    /// LAMB's database, or why it cannot be read.
    pub lamb: Result<LambDb, LambDbError>,
    /// Who issues tokens here.
    pub edition: Option<Edition>,
    /// What Open WebUI says of itself, where it answers.
    pub server: Option<ServerInfo>,
    /// Whether `webui.db` is the server's own.
    pub identity: Identity,
}

/// Looks at the platform. Changes nothing; with `test_token`, only Open WebUI's own `last_active_at` of one or two admins:
/// OWI_ADMIN_EMAIL or one known to both, and the oldest, which asks for the newest users.
///
/// Open WebUI's database comes beside it, or why it cannot be read: it is read in a second thread.
///
/// Without `test_token` no token is made and no trusted header is sent. The checks that need them are skipped.
///
/// # Errors
/// Only where the settings are unusable.
pub(crate) async fn platform(
    settings: &Settings,
    limits: Limits,
    test_token: bool,
) -> Result<(PlatformEvidence, Result<OwiDb, NoFile>), SetupError> {
    let admin = settings.get("OWI_ADMIN_EMAIL").map(|found| Email::parse(found.text()));
    let email = admin.clone().and_then(Result::ok);
    let owners = owners_of(settings);
    let mut seen = diagnose::platform(settings, limits, email.clone(), test_token).await?;
    let fresh = freshness(settings, limits, &mut seen).await?;
    let look = Look { settings, test_token, seen: &seen, email: email.as_ref(), fresh: fresh.as_ref(), owners };
    let platform = look.judge();
    let evidence = PlatformEvidence {
        platform,
        lamb: seen.lamb.db,
        edition: seen.edition,
        server: seen.server.info().cloned(),
        identity: seen.identity,
    };
    Ok((evidence, seen.owi))
}

/// An old copy of the file has the admin too: where it seems to be the server's, its newest users are compared.
async fn freshness(
    settings: &Settings,
    limits: Limits,
    seen: &mut diagnose::Platform,
) -> Result<Option<Freshness>, SetupError> {
    let (Identity::Same, Ok(db)) = (seen.identity, &seen.owi) else { return Ok(None) };
    let path = db.path().to_owned();
    let client = OwiClient::new(Http::new(settings, limits.timeout)?, settings.owi_url()?);
    // It opens the file itself. A second open in one process would drop the locks of the first.
    seen.owi = Err(NoFile::NotSet(String::new()));
    let fresh = match same_file::by_newest_users(settings, &client, &path, limits.lock_timeout).await {
        Ok(fresh) => fresh,
        Err(error) => Freshness::Unknown(error.to_string()),
    };
    seen.owi = OwiDb::open(&path, limits.lock_timeout).map_err(NoFile::Unreadable);
    if matches!(fresh, Freshness::Stale(_)) {
        seen.identity = Identity::Other;
    }
    Ok(Some(fresh))
}

/// All that the checks look at.
struct Look<'a> {
    settings: &'a Settings,
    test_token: bool,
    seen: &'a diagnose::Platform,
    email: Option<&'a Email>,
    fresh: Option<&'a Freshness>,
    owners: Vec<Owners>,
}

/// Who owns the databases that are there, and the files beside them.
fn owners_of(settings: &Settings) -> Vec<Owners> {
    let paths = [settings.lamb_db().ok(), settings.owi_db().ok()];
    paths.into_iter().flatten().filter_map(|(path, _)| Owners::of(&path)).collect()
}

/// The check that tells a finding of the walk.
fn home(finding: &Finding) -> &'static str {
    match finding.id {
        "forgeable-secret" => "secrets",
        "trusted-header-off" | "sign-in-refused" => "trusted-header",
        "owi-schema-drift" | "owi-version-differs" | "owi-upgrade-blocked" => "compatibility",
        "wal-owner" => "wal-files",
        "owi-db-missing" | "owi-db-unreadable" | "owi-db-stale" | "owi-locked" => "owi-db",
        _ => match finding.about {
            About::Backend => "backend",
            About::LambDatabase => "lamb-db",
            _ => "owi-server",
        },
    }
}

impl Look<'_> {
    fn judge(&self) -> PlatformReport {
        let (compatibility, together) = self.compatibility();
        let checks = [
            ("backend", "LAMB's backend", self.step("frontend-call")),
            ("lamb-db", "LAMB's database", self.lamb_db()),
            ("owi-server", "Open WebUI's server", self.server()),
            ("owi-db", "webui.db, and whether it is the server's own", self.file()),
            ("secrets", "the known secrets", self.secrets()),
            ("trusted-header", "the trusted header that LAMB signs in with", self.trusted_header()),
            ("wal-files", "the owners of the files beside both databases", owners::judge(&self.owners)),
            ("admins", "the admin account that LAMB uses", self.admins()),
            ("organizations", "organizations and their managers", self.organizations()),
            ("compatibility", "LAMB and this version of Open WebUI", compatibility),
        ];
        let mut platform = PlatformReport { compatibility: together, ..PlatformReport::default() };
        let mut walked = self.seen.hits();
        // Whose tokens are taken is said once: by Open WebUI below, by LAMB as the walk found it.
        walked.retain(|hit| hit.finding != &FORGEABLE_SECRET || self.seen.edition == Some(Edition::Native));
        // The checks of the files and of the admin tell more of these.
        walked.retain(|hit| hit.finding != &WAL_OWNER && hit.finding != &BOOTSTRAP_ADMIN);
        for (id, title, mut judged) in checks {
            judged.hits.splice(..0, walked.iter().filter(|hit| home(hit.finding) == id).cloned());
            // What two judges found is told once, in the words of the first.
            let mut known: Vec<Hit> = Vec::new();
            judged.hits.retain(|hit| {
                let new = !known.iter().any(|other| other.finding == hit.finding && told_once(hit.finding));
                known.extend(new.then(|| hit.clone()));
                new
            });
            let outcome = judged.settle();
            // One step may find nothing wrong with what fails at a later one.
            if let (true, Some(hit)) = (["backend", "lamb-db", "owi-server"].contains(&id), judged.hits.first())
                && matches!(outcome, Outcome::Failed | Outcome::Warned)
            {
                judged.note.clone_from(&hit.detail);
            }
            let mut findings: Vec<_> = judged.hits.iter().map(|hit| hit.finding.id).collect();
            findings.dedup();
            platform.checks.push(Check { id, title, outcome, note: judged.note, findings, evidence: judged.facts });
            platform.findings.extend(judged.hits);
        }
        platform.findings.sort_by_key(|hit| std::cmp::Reverse(hit.severity));
        platform
    }

    /// What a step of the request said, without what it found: that is told where it belongs.
    fn step(&self, id: &str) -> Judged {
        Judged { hits: Vec::new(), ..self.seen.judged.get(id).cloned().unwrap_or_default() }
    }

    fn info(&self) -> Option<&ServerInfo> {
        self.seen.server.info()
    }

    /// Why nothing can be asked of Open WebUI; `None` where something can.
    fn silent(&self) -> Option<Judged> {
        if self.info().is_none() {
            return Some(Judged::instead(Outcome::NotReached, "blocked by owi-server"));
        }
        (!self.test_token).then(|| Judged::instead(Outcome::Skipped, "not tried (--no-test-token)"))
    }

    fn server(&self) -> Judged {
        let seen = self.seen;
        let mut judged = Judged { hits: Vec::new(), ..seen.server_judged.clone() };
        judged.facts.extend(self.step("owi-request").facts);
        judged
    }

    fn lamb_db(&self) -> Judged {
        let of_rows = |db: &LambDb| {
            let mut found: Vec<Hit> = tables::judge_triggers(db)?.into_iter().collect();
            found.extend(lti::judge_links(db)?);
            // An old copy of the file, or another one, says nothing of the groups that there are.
            let owi = self.seen.owi.as_ref().ok().filter(|_| self.seen.identity != Identity::Other);
            let groups = owi.map_or(Ok(None), |owi| lti::judge_groups(db, owi, None));
            let untold = groups.map(|hit| found.extend(hit)).err();
            Ok::<_, DbError>((found, untold))
        };
        let found = self.seen.lamb.db.as_ref().map(of_rows);
        let judged = self.step("creator-entry");
        match found {
            Ok(Ok((found, None))) => judged.hits(found),
            Ok(Ok((found, Some(why)))) => {
                let note = lti::groups_not_checked(&why);
                Judged { note, instead: Some(Outcome::CouldNotTell), ..judged }.hits(found)
            }
            Ok(Err(error)) => could_not_tell(error),
            Err(_) => judged,
        }
    }

    fn file(&self) -> Judged {
        let db = match &self.seen.owi {
            Ok(db) => db,
            Err(why) => return Judged::note(why.describe()).hits([why.hit()]),
        };
        let path = db.path().display();
        let judged = Judged::note(format!("{path} is readable, and the server's own"));
        let unsure = |outcome, why: &str| {
            Judged::instead(outcome, format!("{path} is readable; whether it is the server's own {why}"))
        };
        match (self.seen.identity, self.fresh) {
            (_, Some(Freshness::Stale(why))) => {
                let hit = account::stale(why.clone(), self.seen.edition);
                Judged::note(format!("{path} is not the server's own, or an old copy of it")).hits([hit])
            }
            (Identity::Other, _) => {
                // The walk has its own words for it, where it knows better.
                let why = format!("Open WebUI's data about a user differs from {path}");
                let hit = account::stale(why, self.seen.edition);
                Judged::note(format!("{path} is not the server's own")).hits([hit])
            }
            (Identity::Same, Some(Freshness::Unknown(why))) => judged.fact("its newest users", why, "not compared"),
            (Identity::Same, _) => judged,
            (Identity::Unknown, _) if self.info().is_none() => unsure(Outcome::NotReached, "is blocked by owi-server"),
            (Identity::Unknown, _) if !self.test_token => unsure(Outcome::Skipped, "was not asked (--no-test-token)"),
            (Identity::Unknown, _) if matches!(self.seen.signer, Signer::NotAtHand(_)) => {
                unsure(Outcome::CouldNotTell, "cannot be checked without its secret: set WEBUI_SECRET_KEY")
            }
            (Identity::Unknown, _) => unsure(Outcome::CouldNotTell, "is unknown"),
        }
    }

    fn secrets(&self) -> Judged {
        if let Some(silent) = self.silent() {
            return silent;
        }
        let signer = match &self.seen.signer {
            Signer::AtHand(signer) => signer,
            Signer::NotAtHand(tried) => {
                let note = format!("Open WebUI signs with an unknown secret; tried {}", tried.join(", "));
                return Judged::instead(Outcome::CouldNotTell, note);
            }
            Signer::NotTold => {
                return Judged::instead(Outcome::CouldNotTell, "no answer shows which secret Open WebUI signs with");
            }
        };
        let name = &signer.name;
        let note = format!("Open WebUI signs with {name}");
        let mut judged = Judged::note(note).fact("secret", name, "Open WebUI's answer");
        if signer.is_forgeable() {
            let detail = format!("Open WebUI accepts tokens signed with {name}");
            judged.hits.push(Hit::new(&FORGEABLE_SECRET, detail));
        }
        let lamb = self.settings.lamb_secret();
        if self.seen.edition == Some(Edition::Native) && lamb.secret == signer.secret {
            let detail = format!("{name} is LAMB's secret too: LAMB refuses every Open WebUI token itself");
            judged.hits.push(Hit::new(&SHARED_SECRET_TRAP, detail).severity(Severity::Info, Effect::Nothing));
        }
        judged
    }

    fn trusted_header(&self) -> Judged {
        let Some(info) = self.info() else { return Judged::instead(Outcome::NotReached, "blocked by owi-server") };
        let says = match info.trusted_header {
            Some(true) => "Open WebUI says that it is on",
            Some(false) => return Judged::note("Open WebUI says that it is off"),
            None => return Judged::instead(Outcome::CouldNotTell, "Open WebUI does not say whether it is on"),
        };
        match (&self.seen.hand_off, self.seen.email.as_ref()) {
            (Some(HandOff::SignedIn(account)), _) => Judged::note(format!("signing in as {} works", account.email)),
            (Some(HandOff::HeaderOff(_)), _) => Judged::note("LAMB's way of signing in fails"),
            (Some(HandOff::Blocked(_)), _) => Judged::note("Open WebUI refuses every sign-in"),
            (None, _) if !self.test_token => {
                Judged::instead(Outcome::Skipped, format!("{says}; not tried (--no-test-token)"))
            }
            (None, email) => {
                Judged::instead(Outcome::Skipped, format!("{says}; {}", self.why_not_handed_off(email, info)))
            }
        }
    }

    /// Why LAMB's way of signing in was not tried, or told nothing.
    fn why_not_handed_off(&self, email: Option<&Email>, info: &ServerInfo) -> String {
        let Some(email) = email else {
            return "not tried: OWI_ADMIN_EMAIL is not set here, and no admin is known to both sides".to_owned();
        };
        if self.seen.identity == Identity::Other {
            return "not tried: webui.db here is not the server's, and nothing proves which users the server has"
                .to_owned();
        }
        if !matches!(info.release(), Some((0, 5 | 6))) {
            return "not tried: on this version, the attempt may change data".to_owned();
        }
        match trusted_header::prove(email, info, self.seen.account.as_ref(), self.seen.identity) {
            Err(why) => format!("not tried: {why}"),
            Ok(_) => format!("signing in as {email} is refused because of that account"),
        }
    }

    fn admins(&self) -> Judged {
        let Some(email) = self.email else {
            let set = self.settings.get("OWI_ADMIN_EMAIL").map(SettingValue::text).is_some_and(|text| !text.is_empty());
            if !set {
                return Judged::instead(Outcome::Skipped, "OWI_ADMIN_EMAIL is not set here");
            }
            let detail = "OWI_ADMIN_EMAIL is not a valid e-mail";
            return Judged::note(detail).hits([Hit::new(&BOOTSTRAP_ADMIN, detail)]);
        };
        let found;
        let lamb = match self.lamb().and_then(|db| lookup::gather(db, email).map_err(could_not_tell)) {
            Ok(evidence) => {
                found = evidence;
                self.lamb_side(&found)
            }
            Err(why) => Err(why),
        };
        let edition = self.seen.edition;
        admins::judge(&admins::AdminEvidence { email, edition, owi: self.owi_side(email), lamb })
    }

    fn owi_side(&self, email: &Email) -> Result<OwiAdmins, Judged> {
        let blocked = || Judged::instead(Outcome::NotReached, "blocked by owi-db");
        let db = self.seen.owi.as_ref().map_err(|_| blocked())?;
        let matches = db.find(email).map_err(could_not_tell)?;
        let auth_rows = db.auth_rows(email).map_err(could_not_tell)?;
        let is_the_servers = self.seen.identity != Identity::Other;
        let has_admin = db.sound_admin().map_err(could_not_tell)?.is_some();
        Ok(OwiAdmins { matches, auth_rows, file: db.path().display().to_string(), has_admin, is_the_servers })
    }

    /// LAMB's database, where its tables are all there.
    fn lamb(&self) -> Result<&LambDb, Judged> {
        let blocked = || Judged::instead(Outcome::NotReached, "blocked by lamb-db");
        let db = self.seen.lamb.db.as_ref().map_err(|_| blocked())?;
        let schema = db.schema();
        let whole = schema.tables.as_ref().is_some_and(|set| !set.is_incomplete()) && !schema.prefix_is_wrong();
        whole.then_some(db).ok_or_else(blocked)
    }

    fn lamb_side<'a>(&self, evidence: &'a CreatorEvidence) -> Result<LambAdmins<'a>, Judged> {
        let db = self.lamb()?;
        let organizations = db.organizations().map_err(could_not_tell)?;
        let has_lamb = organizations.iter().any(|organization| organization.slug == pair::LAMB);
        let first = db.email_of(1).map_err(could_not_tell)?;
        Ok(LambAdmins { evidence, has_lamb, first, file: db.path().display().to_string() })
    }

    fn organizations(&self) -> Judged {
        let db = match self.lamb() {
            Ok(db) => db,
            Err(why) => return why,
        };
        let source = db.path().display().to_string();
        match db.unmanaged(ORGANIZATIONS) {
            Ok((0, _)) => Judged::note("every organization with users has a manager"),
            Ok((count, first)) => {
                let note = format!("{count} with users but no manager");
                let judged = Judged::note(note).fact("without a manager", count, &source);
                judged.hits([unmanaged(count, &first, &source)])
            }
            Err(error) => could_not_tell(error),
        }
    }

    fn compatibility(&self) -> (Judged, Compatibility) {
        let db = self.seen.owi.as_ref().map_err(NoFile::describe);
        let schema = db.and_then(|db| SchemaFit::of(db).map_err(|error| error.to_string()));
        compatibility::judge(&compatibility::CompatibilityEvidence {
            edition: self.seen.edition,
            server: self.info().and_then(|info| info.version.as_deref()),
            identity: self.seen.identity,
            schema,
        })
    }
}

fn could_not_tell(error: impl ToString) -> Judged {
    Judged::instead(Outcome::CouldNotTell, error.to_string())
}

/// LAMB and Open WebUI may each take forged tokens; of everything else one hit says all.
fn told_once(finding: &'static Finding) -> bool {
    finding != &FORGEABLE_SECRET && finding != &WAL_OWNER
}

fn unmanaged(count: usize, first: &[Unmanaged], source: &str) -> Hit {
    let named = first.iter().map(|organization| format!("{} ({})", organization.slug, organization.people));
    let mut named: Vec<String> = named.collect();
    named.extend((count > first.len()).then(|| format!("and {} more", count - first.len())));
    let detail = format!("{source} has organizations with users but no enabled owner or admin: {}", named.join(", "));
    let slug = if let [only] = first { only.slug.as_str() } else { "SLUG" };
    let command = FixStep::command(&["assign-role", "--email", "E", "--org", slug, "--role", "admin"]);
    let fix = FixStep::advice(format!("{}, with E as one of its users", command.text()));
    Hit::new(&ORGANIZATION_UNMANAGED, detail).fixed_by([fix])
}

#[cfg(test)]
mod tests;
