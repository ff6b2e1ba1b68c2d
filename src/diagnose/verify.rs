//! `verify-token`: would this LAMB, or Open WebUI, take this token?

use serde::Serialize;

use super::probe::{Origin, TokenCase};
use super::steps::token_delegation;
use super::verdict::{self, Door, Judgement, RowEvidence, Verdict};
use super::{DiagnoseError, Limits};
use crate::email::Email;
use crate::findings::{CLOCK_SKEW, FORGEABLE_SECRET, Hit, Mend, STALE_ROLE};
use crate::http::Http;
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::lamb::model::Creator;
use crate::owi::client::{Account, OwiClient};
use crate::owi::db::OwiDb;
use crate::owi::meaning::{ServerAnswer, SessionAnswer};
use crate::settings::Settings;
use crate::token::autopsy::{Autopsy, Kind, Signature};
use crate::token::presented::Presented;

/// Who is to take the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// This LAMB: what it is depends on its edition.
    Lamb,
    /// Open WebUI.
    Owi,
}

/// What is asked.
#[derive(Debug)]
pub struct Question {
    /// The token.
    pub presented: Presented,
    /// By which way it was handed in.
    pub by: String,
    /// Who is to take it.
    pub audience: Audience,
    /// Whose it should be.
    pub email: Option<Email>,
    /// Ask nobody, open nothing.
    pub offline: bool,
}

/// The answer.
#[derive(Debug, Serialize)]
pub struct TokenReport {
    /// The verdict and why.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// Whose door it is.
    pub door: Door,
    /// What the token says by itself.
    pub token: Autopsy,
    /// Open WebUI's answer, where it was asked.
    pub open_webui: Option<SessionAnswer>,
    /// Who it is for.
    pub email: Option<String>,
    /// The creator, where it came to that.
    pub creator: Option<Creator>,
    /// What is worth knowing although it did not decide.
    pub warnings: Vec<Hit>,
    /// What mends it.
    pub mend: Vec<Mend>,
}

/// Gives the verdict. Changes nothing but Open WebUI's own `last_active_at`.
///
/// # Errors
/// Only where the settings are unusable.
pub async fn verify(settings: &Settings, limits: Limits, question: Question) -> Result<TokenReport, DiagnoseError> {
    let case = TokenCase::new(Origin::Given(question.by.clone()), question.presented.clone(), settings);
    let mut report = TokenReport {
        judgement: Judgement::new(Verdict::CouldNotTell, ""),
        door: match question.audience {
            Audience::Lamb => Door::SomeLamb,
            Audience::Owi => Door::OpenWebUi,
        },
        email: case.autopsy.claim("email").map(ToOwned::to_owned),
        token: case.autopsy.clone(),
        open_webui: None,
        creator: None,
        warnings: Vec::new(),
        mend: Vec::new(),
    };
    report.judgement = if question.offline {
        offline(&case.autopsy, report.door)
    } else {
        let lamb = match question.audience {
            Audience::Lamb => Some(open_lamb(settings, limits)?),
            Audience::Owi => None,
        };
        decide(settings, limits, &question, &case, lamb.as_ref(), &mut report).await?
    };
    report.mend = mend(&report);
    Ok(report)
}

fn open_lamb(settings: &Settings, limits: Limits) -> Result<Result<LambDb, String>, DiagnoseError> {
    let (path, _) = settings.lamb_db()?;
    Ok(LambDb::open(&path, settings.prefix()?, limits.lock_timeout).map_err(|error| error.to_string()))
}

/// What can be said without asking anyone. Never "valid": that is for the servers to say.
fn offline(autopsy: &Autopsy, door: Door) -> Judgement {
    if let Some(judgement) = verdict::by_form(autopsy, door).or_else(|| verdict::by_lifetime(autopsy)) {
        return judgement;
    }
    let seen = match &autopsy.signature {
        Signature::By { secret, .. } => format!("{secret} signed it"),
        _ => "none of the secrets at hand signed it, and Open WebUI's own may not be among them".to_owned(),
    };
    Judgement::new(Verdict::CouldNotTell, format!("well formed and in its time; {seen}; nobody was asked (--offline)"))
}

async fn decide(
    settings: &Settings,
    limits: Limits,
    question: &Question,
    case: &TokenCase,
    lamb: Option<&Result<LambDb, String>>,
    report: &mut TokenReport,
) -> Result<Judgement, DiagnoseError> {
    let autopsy = &case.autopsy;
    let edition = lamb.and_then(|db| db.as_ref().ok()?.schema().edition());
    if lamb.is_some() {
        report.door = Door::lamb(edition);
    }
    if let Some(judgement) = verdict::by_form(autopsy, report.door) {
        return Ok(judgement);
    }
    let decodes = report.door != Door::OpenWebUi && edition == Some(Edition::Native) && case.lamb_signed;
    let mut judgement = if decodes {
        verdict::by_native_lamb(autopsy)
    } else if autopsy.kind == Kind::Lamb {
        // Its own secret does not fit, and Open WebUI never takes it.
        unknown_lamb_token(settings, autopsy, edition)
    } else {
        ask_open_webui(settings, limits, case, report).await?
    };
    if judgement.verdict == Verdict::Valid {
        add_warnings(autopsy, report);
        if let Some(asked) = &question.email
            && let Some(email) = report.email.as_deref().filter(|email| !asked.same_address(email))
        {
            return Ok(Judgement::new(Verdict::OtherUser, format!("it is for {email}, not for {asked}")));
        }
        if let Some(lamb) = lamb {
            judgement = look_up_creator(lamb, judgement, report);
        }
    }
    Ok(judgement)
}

fn unknown_lamb_token(settings: &Settings, autopsy: &Autopsy, edition: Option<Edition>) -> Judgement {
    if let Some(judgement) = verdict::by_lifetime(autopsy) {
        return judgement;
    }
    if edition.is_none() {
        return Judgement::new(Verdict::CouldNotTell, "a LAMB token, but this LAMB's edition is not known");
    }
    let name = settings.lamb_secret().name;
    let signed = match &autopsy.signature {
        Signature::By { secret, .. } => format!("{secret} signed it"),
        _ => "none of the secrets at hand signed it".to_owned(),
    };
    Judgement::new(Verdict::WrongSecret, format!("{signed}, and LAMB decodes with {name}"))
}

async fn ask_open_webui(
    settings: &Settings,
    limits: Limits,
    case: &TokenCase,
    report: &mut TokenReport,
) -> Result<Judgement, DiagnoseError> {
    let client = OwiClient::new(Http::new(settings, limits.timeout)?, settings.owi_url()?);
    let header = match report.door {
        Door::OpenWebUi => case.presented.header(),
        Door::Lamb(edition) => case.presented.header_to_owi(edition == Edition::Native),
        Door::SomeLamb => case.presented.header_to_owi(false),
    };
    // A token is for Open WebUI's eyes only: first see that one is there.
    match token_delegation::gather(&client).await {
        ServerAnswer::OpenWebUi(_) => {}
        ServerAnswer::Unreachable(failure) => {
            report.open_webui = Some(SessionAnswer::Unreachable(failure.clone()));
            return Ok(Judgement::new(Verdict::CouldNotTell, failure.to_string()));
        }
        other => {
            let why = format!("what answers at {} is no Open WebUI; the token was not sent there", client.base_shown());
            report.open_webui = Some(match other {
                ServerAnswer::Redirect(to) => SessionAnswer::Redirect(to),
                ServerAnswer::Error(status) => SessionAnswer::Gateway(status),
                ServerAnswer::NotOpenWebUi(what) => SessionAnswer::NotOpenWebUi(what),
                ServerAnswer::OpenWebUi(_) | ServerAnswer::Unreachable(_) => SessionAnswer::NotOpenWebUi(String::new()),
            });
            return Ok(Judgement::new(Verdict::CouldNotTell, why));
        }
    }
    let answer = SessionAnswer::read(&client.session(&header).await);
    let id = match &answer {
        SessionAnswer::Accepted(Account { id, email, .. }) => {
            report.email = Some(email.clone());
            Some(id.as_str())
        }
        _ => case.autopsy.claim("id"),
    };
    let row = match settings.owi_db() {
        Err(error) => RowEvidence::NotAtHand(error.to_string().lines().next().unwrap_or_default().to_owned()),
        Ok((path, _)) => match OwiDb::open(&path, limits.lock_timeout) {
            Ok(db) => RowEvidence::of(&db, id),
            Err(error) => RowEvidence::unreadable(&error),
        },
    };
    if let (RowEvidence::There(user), None) = (&row, &report.email) {
        report.email = Some(user.email.to_string());
    }
    let judgement = verdict::by_open_webui(&case.autopsy, &answer, &row);
    report.open_webui = Some(answer);
    Ok(judgement)
}

fn add_warnings(autopsy: &Autopsy, report: &mut TokenReport) {
    if let Some(times) = verdict::by_lifetime(autopsy) {
        report.warnings.push(Hit::new(&CLOCK_SKEW, format!("{}, and still it is accepted", times.reason)));
    }
    if let Signature::By { secret, forgeable: true } = &autopsy.signature {
        report.warnings.push(Hit::new(&FORGEABLE_SECRET, format!("{secret} signed it, and it is accepted")));
    }
}

fn look_up_creator(lamb: &Result<LambDb, String>, valid: Judgement, report: &mut TokenReport) -> Judgement {
    let unknown = |why: String| Judgement::new(Verdict::CouldNotTell, format!("{}; {why}", valid.reason));
    let db = match lamb {
        Ok(db) => db,
        Err(why) => return unknown(why.clone()),
    };
    let missing = |why: String| Judgement::new(Verdict::CreatorMissing, why);
    let Some(email) = report.email.clone() else { return unknown("nobody says whose it is".to_owned()) };
    let path = db.path().display();
    if let Some(set) = db.schema().tables.as_ref().filter(|set| set.is_incomplete()) {
        return missing(format!("LAMB cannot read any creator: {path} lacks {}", set.missing.join(", ")));
    }
    let creator = match db.creator(&email) {
        Err(error) => return unknown(error.to_string()),
        Ok(None) => {
            return match db.other_spellings(&Email::stored(email.clone())) {
                Err(error) => unknown(error.to_string()),
                Ok(others) if others.is_empty() => missing(format!("{path} has no creator {email}")),
                Ok(others) => missing(format!("{path} has no creator {email:?}, but {:?}", others.join(", "))),
            };
        }
        Ok(Some(creator)) => report.creator.insert(creator),
    };
    let claimed = report.token.claim("role").filter(|_| report.token.kind == Kind::Lamb);
    if let (Some(native), Some(claimed)) = (&creator.native, claimed)
        && native.system_role != claimed
    {
        let detail = format!("the token says {claimed}, LAMB's database says {}", native.system_role);
        report.warnings.push(Hit::new(&STALE_ROLE, detail));
    }
    let organization = creator.organization.as_ref();
    if !creator.user_config_is_json {
        missing(format!("LAMB treats {email} as not found: its user_config is not JSON"))
    } else if organization.is_some_and(|organization| !organization.config_is_json) {
        missing(format!("LAMB fails for {email}: the config of its organisation is not JSON"))
    } else if !creator.enabled {
        let why = "login is refused; this token still opens pages until it ends";
        Judgement::new(Verdict::CreatorDisabled, format!("{email} is disabled in LAMB: {why}"))
    } else {
        let id = creator.id;
        Judgement::new(Verdict::Valid, format!("{}; LAMB knows {email} as creator {id}", valid.reason))
    }
}

fn mend(report: &TokenReport) -> Vec<Mend> {
    match (report.judgement.verdict, &report.email) {
        (Verdict::CreatorMissing, Some(email)) => vec![Mend::command(&["diagnose", "--email", email])],
        (verdict, _) => verdict.finding().map(|finding| Mend::advice(finding.remedy)).into_iter().collect(),
    }
}
