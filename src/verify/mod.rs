//! `verify-token`: would this LAMB, or Open WebUI, take this token?

pub(crate) mod batch;

use schemars::JsonSchema;
use serde::Serialize;

use crate::checks::token::{
    Recipient, RowEvidence, TokenVerdict, Verdict, by_form, by_lifetime, by_native_lamb, by_open_webui,
};
use crate::checks::token_case::{TokenCase, TokenOrigin};
use crate::email::Email;
use crate::findings::{
    ANSWERS_VARY, CLOCK_SKEW, CREATOR_DISABLED, CREATOR_MISSING, EMAIL_SPELLING, FORGEABLE_SECRET, FixStep, Hit,
    LAMB_DB_GARBAGE, OTHER_USER, STALE_ROLE, WRONG_SECRET,
};
use crate::http::Http;
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::lamb::lookup::{self, CreatorEvidence, Unfound};
use crate::lamb::model::Creator;
use crate::owi::api::again::{self, Session};
use crate::owi::api::answers::{ServerAnswer, SessionAnswer};
use crate::owi::api::client::OwiClient;
use crate::owi::file::db::OwiDb;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::setup::{Clients, Limits, SetupError};
use crate::token::inspect::{Inspection, Signature, TokenKind};
use crate::token::presented::Presented;

/// Who is to take the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Audience {
    /// This LAMB: what it is depends on its edition.
    Lamb,
    /// Open WebUI.
    Owi,
}

#[derive(Debug)]
pub(crate) struct VerifyRequest {
    pub presented: Presented,
    /// By which way it was handed in.
    pub by: String,
    /// Who is to take it.
    pub audience: Audience,
    /// Whose it should be.
    pub email: Option<Email>,
    /// Send no request, open no file.
    pub offline: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TokenReport {
    /// The verdict and why.
    #[serde(flatten)]
    pub judged: TokenVerdict,
    /// Who is to accept it.
    #[serde(rename = "door")]
    pub recipient: Recipient,
    /// What the token says by itself.
    pub token: Inspection,
    /// Open WebUI's answer, where it was asked.
    pub open_webui: Option<SessionAnswer>,
    /// Who it is for.
    pub email: Option<String>,
    /// The creator, where it came to that.
    pub creator: Option<Creator>,
    /// What is worth knowing although it did not decide.
    pub warnings: Vec<Hit>,
    /// How to fix it.
    #[serde(rename = "mend")]
    pub fix: Vec<FixStep>,
}

/// Gives the verdict. Changes nothing but Open WebUI's own `last_active_at`.
///
/// # Errors
/// Only where the settings are unusable.
pub(crate) async fn verify(
    settings: &Settings,
    limits: Limits,
    request: VerifyRequest,
) -> Result<TokenReport, SetupError> {
    let mut checker = TokenChecker::open(settings, limits, request.audience, request.offline)?.by_lambs_clock().await;
    let pending = match checker.begin(request) {
        Begun::Judged(report) => return Ok(*report),
        Begun::Ask(pending) => pending,
    };
    let client = OwiClient::new(Http::new(settings, limits.timeout)?, settings.owi_url()?);
    // A token is for Open WebUI's eyes only: first see that one is there.
    let server = client.server().await;
    if server.info().is_none() {
        return Ok(checker.finish(*pending, &unasked(&server), Some(client.base_shown())));
    }
    let session = again::ask(&client, pending.header(), pending.is_signed()).await;
    Ok(checker.finish_session(*pending, &session))
}

/// What every token of a run is judged by; each file is opened once, and only where a token needs it.
#[derive(Debug)]
pub(crate) struct TokenChecker<'a> {
    settings: &'a Settings,
    limits: Limits,
    audience: Audience,
    offline: bool,
    /// LAMB's database, where it is asked about creators.
    lamb: Option<Result<LambDb, String>>,
    /// By how many seconds the clock of LAMB's backend is ahead of ours, where LAMB judges the times itself.
    lamb_clock_ahead: i64,
    /// Open WebUI's; the outer `None` until a token needs it.
    owi: Option<Result<OwiDb, RowEvidence>>,
}

/// How far a token is judged without asking Open WebUI.
#[derive(Debug)]
pub(crate) enum Begun {
    Judged(Box<TokenReport>),
    /// Open WebUI must be asked.
    Ask(Box<Pending>),
}

/// A token that waits for Open WebUI's answer.
#[derive(Debug)]
pub(crate) struct Pending {
    case: TokenCase,
    email: Option<Email>,
    header: Secret,
    report: TokenReport,
}

impl Pending {
    /// The `Authorization` value to ask with: what LAMB would send on.
    pub(crate) fn header(&self) -> &Secret {
        &self.header
    }

    /// True where a secret at hand signed the token, so that a refusal is asked about again.
    fn is_signed(&self) -> bool {
        matches!(self.case.inspection.signature, Signature::By { .. })
    }
}

impl<'a> TokenChecker<'a> {
    /// Opens what is needed whatever the token: LAMB's database, where LAMB is to take it.
    ///
    /// # Errors
    /// Only where the settings are unusable.
    pub(crate) fn open(
        settings: &'a Settings,
        limits: Limits,
        audience: Audience,
        offline: bool,
    ) -> Result<Self, SetupError> {
        let lamb = match audience {
            Audience::Lamb if !offline => Some(open_lamb(settings, limits)?),
            _ => None,
        };
        Ok(Self { settings, limits, audience, offline, lamb, lamb_clock_ahead: 0, owi: None })
    }

    /// The same by the clock of a native LAMB, which judges the times of its own tokens.
    async fn by_lambs_clock(mut self) -> Self {
        if self.recipient() == Recipient::Lamb(Edition::Native)
            && let Ok(Clients { backend, .. }) = Clients::new(self.settings, self.limits)
        {
            // LAMB's sign of life costs it nothing, and its `Date` tells the clock.
            let answer = backend.assistants(None).await.ok();
            self.lamb_clock_ahead = answer.and_then(|answer| answer.clock_ahead).unwrap_or(0);
        }
        self
    }

    /// The judgement by Open WebUI's answers, of which two may contradict each other.
    fn finish_session(&mut self, pending: Pending, session: &Session) -> TokenReport {
        let mut report = self.finish(pending, &session.answer, None);
        if session.varies {
            let why = "Open WebUI refused it with 401, and accepted the same token right afterwards";
            report.judged = TokenVerdict::refused(&ANSWERS_VARY, why);
            report.fix = fix(&report);
        }
        report
    }

    /// Who is to take the tokens.
    pub(crate) fn audience(&self) -> Audience {
        self.audience
    }

    /// True if no request is sent and no file is opened.
    pub(crate) fn is_offline(&self) -> bool {
        self.offline
    }

    /// Who is to accept the tokens.
    pub(crate) fn recipient(&self) -> Recipient {
        match (self.audience, &self.lamb) {
            (Audience::Owi, _) => Recipient::OpenWebUi,
            (Audience::Lamb, None) => Recipient::SomeLamb,
            (Audience::Lamb, Some(db)) => Recipient::lamb(db.as_ref().ok().and_then(|db| db.schema().edition())),
        }
    }

    /// All that can be said without asking Open WebUI.
    pub(crate) fn begin(&self, request: VerifyRequest) -> Begun {
        let (settings, recipient) = (self.settings, self.recipient());
        let case = TokenCase::new(TokenOrigin::Given(request.by), request.presented, settings);
        let report = TokenReport {
            judged: TokenVerdict::could_not_tell(""),
            recipient,
            email: case.inspection.claim("email").map(ToOwned::to_owned),
            token: case.inspection.clone(),
            open_webui: None,
            creator: None,
            warnings: Vec::new(),
            fix: Vec::new(),
        };
        let (inspection, email) = (&case.inspection, request.email);
        let edition = match recipient {
            Recipient::Lamb(edition) => Some(edition),
            Recipient::SomeLamb | Recipient::OpenWebUi => None,
        };
        let judgment = if self.offline {
            offline(inspection, recipient)
        } else if let Some(judgment) = by_form(inspection, recipient) {
            judgment
        } else if edition == Some(Edition::Native) && case.lamb_signed {
            by_native_lamb(inspection, self.lamb_clock_ahead)
        } else if inspection.kind == TokenKind::Lamb {
            // Its own secret does not fit, and Open WebUI never takes it.
            unknown_lamb_token(settings, inspection, edition, self.lamb_clock_ahead)
        } else {
            let header = match recipient {
                Recipient::OpenWebUi => case.presented.header().clone(),
                Recipient::Lamb(edition) => case.presented.header_to_owi(edition == Edition::Native),
                Recipient::SomeLamb => case.presented.header_to_owi(false),
            };
            return Begun::Ask(Box::new(Pending { case, email, header, report }));
        };
        Begun::Judged(Box::new(self.conclude(&case, email.as_ref(), judgment, report)))
    }

    /// The judgment by Open WebUI's answer. `stranger`: the base URL, where what answers there is no Open WebUI, or
    /// nothing does.
    pub(crate) fn finish(&mut self, pending: Pending, answer: &SessionAnswer, stranger: Option<&str>) -> TokenReport {
        let Pending { case, email, mut report, .. } = pending;
        let judgment = match (stranger, answer) {
            (Some(_), SessionAnswer::Unreachable(failure)) => TokenVerdict::could_not_tell(failure.to_string()),
            (Some(base), _) => {
                let why = format!("the server at {base} is not an Open WebUI; the token was not sent there");
                TokenVerdict::could_not_tell(why)
            }
            (None, SessionAnswer::Accepted(account)) => {
                report.email = Some(account.email.clone());
                // Why it is refused need not be asked: and the server, which writes for each token, is not disturbed.
                let row = RowEvidence::NotAtHand(String::new());
                by_open_webui(&case.inspection, answer, &row)
            }
            (None, _) => {
                let row = self.row(case.inspection.claim("id"));
                if let (RowEvidence::There(user), None) = (&row, &report.email) {
                    report.email = Some(user.email.to_string());
                }
                by_open_webui(&case.inspection, answer, &row)
            }
        };
        report.open_webui = Some(answer.clone());
        self.conclude(&case, email.as_ref(), judgment, report)
    }

    fn row(&mut self, id: Option<&str>) -> RowEvidence {
        let (settings, limits) = (self.settings, self.limits);
        let open = || match settings.owi_db() {
            Err(error) => Err(RowEvidence::NotAtHand(error.to_string().lines().next().unwrap_or_default().to_owned())),
            Ok((path, _)) => OwiDb::open(&path, limits.lock_timeout).map_err(|error| RowEvidence::unreadable(&error)),
        };
        match self.owi.get_or_insert_with(open) {
            Ok(db) => RowEvidence::of(db, id),
            Err(evidence) => evidence.clone(),
        }
    }

    /// What holds for every recipient: the token's user, and the creator behind it.
    fn conclude(
        &self,
        case: &TokenCase,
        email: Option<&Email>,
        judgment: TokenVerdict,
        mut report: TokenReport,
    ) -> TokenReport {
        report.judged = judgment;
        if report.judged.verdict == Verdict::Valid {
            add_warnings(&case.inspection, &mut report);
            let other = match (email, report.email.as_deref()) {
                (Some(asked), Some(email)) if !asked.same_address(email) => {
                    Some(format!("it is for {email}, not for {asked}"))
                }
                _ => None,
            };
            if let Some(why) = other {
                report.judged = TokenVerdict::refused(&OTHER_USER, why);
            } else if let Some(lamb) = &self.lamb {
                let valid = report.judged.clone();
                report.judged = look_up_creator(lamb, valid, &mut report);
            }
            if let (Verdict::Valid, Some(asked), Some(stored)) = (report.judged.verdict, email, &report.email)
                && asked.as_str() != stored
            {
                let (reason, asked) = (&report.judged.reason, asked.as_str());
                let why = format!("{reason}. But the token is for {stored:?}, not for {asked:?}");
                report.judged = TokenVerdict::refused(&EMAIL_SPELLING, why);
            }
        }
        report.fix = fix(&report);
        report
    }
}

/// What stands for the answer of a server that was not asked.
pub(crate) fn unasked(server: &ServerAnswer) -> SessionAnswer {
    match server {
        ServerAnswer::Redirect(to) => SessionAnswer::Redirect(to.clone()),
        ServerAnswer::Error(status) => SessionAnswer::Gateway(*status),
        ServerAnswer::NotOpenWebUi(what) => SessionAnswer::NotOpenWebUi(what.clone()),
        ServerAnswer::Unreachable(failure) => SessionAnswer::Unreachable(failure.clone()),
        ServerAnswer::OpenWebUi(_) => SessionAnswer::NotOpenWebUi(String::new()),
    }
}

fn open_lamb(settings: &Settings, limits: Limits) -> Result<Result<LambDb, String>, SetupError> {
    let (path, _) = settings.lamb_db()?;
    Ok(LambDb::open(&path, settings.prefix()?, limits.lock_timeout).map_err(|error| error.to_string()))
}

/// What can be said without asking anyone. Never "valid": that is for the servers to say.
fn offline(inspection: &Inspection, recipient: Recipient) -> TokenVerdict {
    if let Some(judgment) = by_form(inspection, recipient).or_else(|| by_lifetime(inspection, 0)) {
        return judgment;
    }
    let seen = match &inspection.signature {
        Signature::By { secret, .. } => format!("{secret} signed it"),
        _ => "none of the known secrets signed it, and Open WebUI's own may not be among them".to_owned(),
    };
    TokenVerdict::could_not_tell(format!("well formed and not expired; {seen}; no server was asked (--offline)"))
}

fn unknown_lamb_token(
    settings: &Settings,
    inspection: &Inspection,
    edition: Option<Edition>,
    ahead: i64,
) -> TokenVerdict {
    if let Some(judgment) = by_lifetime(inspection, ahead) {
        return judgment;
    }
    if edition.is_none() {
        return TokenVerdict::could_not_tell("a LAMB token, but this LAMB's edition is not known");
    }
    if settings.lamb_secret_is_guess() {
        return TokenVerdict::could_not_tell(
            "a LAMB token, but these settings have no secret of LAMB's: pass LAMB_JWT_SECRET (or WEBUI_SECRET_KEY, if \
             LAMB has no other) as the backend has it",
        );
    }
    let name = settings.lamb_secret().name;
    let signed = match &inspection.signature {
        Signature::By { secret, .. } => format!("{secret} signed it"),
        _ => "none of the known secrets signed it".to_owned(),
    };
    TokenVerdict::refused(&WRONG_SECRET, format!("{signed}, and LAMB decodes with {name}"))
}

fn add_warnings(inspection: &Inspection, report: &mut TokenReport) {
    if let Some(times) = by_lifetime(inspection, 0) {
        report.warnings.push(Hit::new(&CLOCK_SKEW, format!("{}, and still it is accepted", times.reason)));
    }
    if let Signature::By { secret, forgeable: true } = &inspection.signature {
        report.warnings.push(Hit::new(&FORGEABLE_SECRET, format!("{secret} signed it, but it is accepted")));
    }
}

fn look_up_creator(lamb: &Result<LambDb, String>, valid: TokenVerdict, report: &mut TokenReport) -> TokenVerdict {
    let unknown = |why: String| TokenVerdict::could_not_tell(format!("{}; {why}", valid.reason));
    let db = match lamb {
        Ok(db) => db,
        Err(why) => return unknown(why.clone()),
    };
    let missing = |why: String| TokenVerdict::refused(&CREATOR_MISSING, why);
    let Some(email) = report.email.clone() else { return unknown("the token's user is unknown".to_owned()) };
    let path = db.path().display();
    if let Some(set) = db.schema().tables.as_ref().filter(|set| set.blocks_every_look_up()) {
        return missing(format!("LAMB cannot read any creator: {path} lacks {}", set.missing.join(", ")));
    }
    let creator = match lookup::look_up(db, &Email::stored(email.clone())) {
        Err(error) => return unknown(error.to_string()),
        Ok(CreatorEvidence { creator: Some(creator), .. }) => report.creator.insert(creator),
        Ok(CreatorEvidence { unfound: Some(Unfound::Bytes), .. }) => {
            let why = format!("{path} has {email:?} as bytes, LAMB looks for a text");
            return TokenVerdict::refused(&EMAIL_SPELLING, why);
        }
        Ok(CreatorEvidence { unfound: Some(Unfound::Index), .. }) => {
            let why = format!("{path} has {email:?}, but the index that LAMB looks in lacks the row");
            return TokenVerdict::refused(&LAMB_DB_GARBAGE, why);
        }
        Ok(CreatorEvidence { other_spellings, .. }) => match other_spellings.as_slice() {
            [] => return missing(format!("{path} has no creator {email}")),
            [other, ..] => {
                let why = format!("{path} has {other:?}, LAMB looks for {email:?}");
                return TokenVerdict::refused(&EMAIL_SPELLING, why);
            }
        },
    };
    let claimed = report.token.claim("role").filter(|_| report.token.kind == TokenKind::Lamb);
    if let (Some(native), Some(claimed)) = (&creator.native, claimed)
        && native.system_role != claimed
    {
        let detail = format!("the token says {claimed}, LAMB's database says {}", native.system_role);
        report.warnings.push(Hit::new(&STALE_ROLE, detail));
    }
    let organization = creator.organization.as_ref();
    if let Some(why) = creator.not_read_because() {
        missing(format!("LAMB treats {email} as not found: its {why}"))
    } else if let Some(why) = organization.and_then(|o| o.config_problem(db.schema().edition())) {
        missing(format!("LAMB fails for {email}: the config of its organization {why}"))
    } else if !creator.enabled {
        let why = "login is refused; this token still opens pages until it ends";
        TokenVerdict::refused(&CREATOR_DISABLED, format!("{email} is disabled in LAMB: {why}"))
    } else {
        let id = creator.id;
        TokenVerdict::valid(format!("{}; LAMB knows {email} as creator {id}", valid.reason))
    }
}

fn fix(report: &TokenReport) -> Vec<FixStep> {
    match (report.judged.verdict, &report.email) {
        (verdict, Some(email)) if verdict.is(&CREATOR_MISSING) => {
            vec![FixStep::command(&["diagnose", "--email", email])]
        }
        (verdict, _) => verdict.finding().map(|finding| FixStep::advice(finding.remedy)).into_iter().collect(),
    }
}
