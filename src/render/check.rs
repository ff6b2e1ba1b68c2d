//! `check-user` and `check-owi-user`.

use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::json::{SignIn, output};
use super::list_users::near_sheet;
use super::sheet::{Sheet, Tone};
use crate::clock;
use crate::email::Email;
use crate::email::near::NearMatch;
use crate::findings::Hit;
use crate::lamb::Edition;
use crate::lamb::lookup::CreatorEvidence;
use crate::lamb::model::Creator;
use crate::owi::file::db::{AuthRow, OwiMatches, OwiUser};
use crate::owi::file::duplicates::{SignInUser, SignsIn};
use crate::sqlite::value::PasswordHash;

/// What `check-user` found.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CheckUser<'a> {
    /// The address that was looked up.
    email: &'a Email,
    /// True where LAMB has a row with exactly this address.
    found: bool,
    /// True where LAMB finds the creator, and can work with it.
    usable: bool,
    creator: Option<&'a Creator>,
    /// Creators with the same address in another spelling.
    other_spellings: &'a [String],
    /// The edition, where the file tells it.
    edition: Option<Edition>,
    findings: &'a [Hit],
    /// Addresses near one that is unknown.
    near: &'a [NearMatch],
    /// The file that was read.
    source: &'a str,
}

/// What `check-owi-user` found.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CheckOwiUser<'a> {
    /// The address that was looked up.
    email: &'a str,
    /// True where Open WebUI has an account with exactly this address.
    found: bool,
    /// The accounts with exactly this address.
    users: Vec<OwiAccount<'a>>,
    /// The accounts with the same address in another spelling.
    other_spellings: Vec<OwiAccount<'a>>,
    /// Rows of `auth` with this address that have no user.
    auth_without_user: &'a [AuthRow],
    findings: &'a [Hit],
    /// Addresses near one that is unknown.
    near: &'a [NearMatch],
    /// The file or the server that was asked.
    source: &'a str,
}

/// An account of Open WebUI.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OwiAccount<'a> {
    #[serde(flatten)]
    user: &'a OwiUser,
    /// Whether it is switched on; null without an `auth` row, and where the API was asked, which does not show it.
    active: Option<bool>,
    /// Whether both rows have the same e-mail; null where the API was asked.
    halves_agree: Option<bool>,
    /// How the account signs in, where the file was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_in: Option<SignIn<'a>>,
}

impl<'a> OwiAccount<'a> {
    /// `whole` is false where the API was asked.
    pub(super) fn new(user: &'a OwiUser, whole: bool) -> Self {
        let active = user.auth.as_ref().map(|auth| auth.active).filter(|_| whole);
        Self { user, active, halves_agree: whole.then(|| user.halves_disagree().is_none()), sign_in: None }
    }
}

fn or_none(value: Option<&str>) -> String {
    value.filter(|text| !text.is_empty()).unwrap_or("none").to_owned()
}

fn time(seconds: Option<i64>) -> String {
    seconds.map_or_else(|| "not known".to_owned(), clock::rfc3339)
}

fn password(hash: PasswordHash) -> (&'static str, Tone) {
    match hash {
        PasswordHash::Sound => ("bcrypt, sound", Tone::Good),
        PasswordHash::Missing => ("none", Tone::Warn),
        PasswordHash::Empty => ("empty", Tone::Warn),
        PasswordHash::Unsound => ("not a bcrypt hash", Tone::Bad),
    }
}

fn switch(on: bool, yes: &'static str, no: &'static str) -> (String, Tone) {
    if on { (yes.to_owned(), Tone::Good) } else { (no.to_owned(), Tone::Bad) }
}

/// A creator as LAMB sees it, or that there is none. `usable`: LAMB finds it and can work with it. `near`: addresses near
/// one that is unknown.
pub(crate) fn creator(
    evidence: &CreatorEvidence,
    usable: bool,
    hits: &[Hit],
    edition: Option<Edition>,
    path: &str,
    near: &[NearMatch],
) -> View {
    let (email, others) = (&evidence.email, &evidence.other_spellings);
    let json = output("check-user", CheckUser::new(evidence, usable, hits, edition, path, near));
    let Some(creator) = &evidence.creator else {
        let title = format!("LAMB has no creator {email}");
        let mut sheet = Sheet::default().title(Tone::Bad, title).plain_row(&["found", "false"]);
        if !others.is_empty() {
            sheet = sheet.fields(others.iter().map(|other| ("Other spelling", format!("{other:?}"), Tone::Warn)));
        }
        let sheet = sheet.findings(hits).above(near_sheet(near));
        return View { json, sheet: sheet.text(format!("looked up in {path}")) };
    };
    let organization = match (&creator.organization, creator.organization_id) {
        (Some(o), _) => (format!("{} (ID: {})", o.name, o.id), Tone::Plain),
        (None, Some(id)) => (format!("ID {id}, which does not exist"), Tone::Bad),
        (None, None) => ("none".to_owned(), Tone::Warn),
    };
    let (status, status_tone) = switch(creator.enabled, "enabled", "disabled");
    let mut fields = vec![
        ("ID", creator.id.to_string(), Tone::Plain),
        ("Email", creator.email.to_string(), Tone::Plain),
        ("Name", creator.name.clone(), Tone::Plain),
        ("Type", creator.user_type.clone(), Tone::Plain),
        ("Organization", organization.0, organization.1),
    ];
    if let Some(o) = &creator.organization {
        let tone = if o.status == "suspended" { Tone::Warn } else { Tone::Plain };
        fields.push(("Organization slug", o.slug.clone(), Tone::Plain));
        fields.push(("Organization status", o.status.clone(), tone));
    }
    let role_tone = if creator.organization_role.is_some() { Tone::Plain } else { Tone::Warn };
    fields.push(("Role", or_none(creator.organization_role.as_deref()), role_tone));
    for elsewhere in &creator.roles_elsewhere {
        let value = format!("{} in {} (no effect)", elsewhere.role, elsewhere.organization);
        fields.push(("Role elsewhere", value, Tone::Warn));
    }
    fields.push(("Status", status, status_tone));
    if let Some(native) = &creator.native {
        let (word, tone) = password(native.password_hash);
        let tone = if native.is_from_lms() { Tone::Plain } else { tone };
        fields.push(("System role", native.system_role.clone(), Tone::Plain));
        fields.push(("Auth provider", native.auth_provider.clone(), Tone::Plain));
        fields.extend(native.lms_id.iter().map(|id| ("ID in the LMS", id.clone(), Tone::Plain)));
        fields.push(("Password hash", word.to_owned(), tone));
    }
    fields.push(("Created", time(creator.created_at), Tone::Plain));
    fields.push(("Updated", time(creator.updated_at), Tone::Plain));
    let (tone, title) = match usable {
        true => (Tone::Good, format!("LAMB has the creator {email}")),
        false => (Tone::Bad, format!("LAMB has a row for {email}, but treats it as not found")),
    };
    let sheet = Sheet::default().title(tone, title).plain_row(&["found", "true"]);
    let sheet = sheet.fields(fields).findings(hits);
    View { json, sheet: sheet.text(format!("from {path}")) }
}

impl<'a> CheckUser<'a> {
    /// LAMB's side alone.
    pub(super) fn new(
        evidence: &'a CreatorEvidence,
        usable: bool,
        findings: &'a [Hit],
        edition: Option<Edition>,
        source: &'a str,
        near: &'a [NearMatch],
    ) -> Self {
        Self {
            email: &evidence.email,
            found: evidence.creator.is_some(),
            usable,
            creator: evidence.creator.as_ref(),
            other_spellings: &evidence.other_spellings,
            edition,
            findings,
            near,
            source,
        }
    }
}

/// A user as Open WebUI has it, or that there is none. `whole` is false where the API, which shows no `auth` rows,
/// was asked.
///
/// `signs_in`: which of them a sign-in finds, where the file was read.
pub(crate) fn owi_user(
    email: &str,
    matches: &OwiMatches,
    signs_in: Option<&SignsIn>,
    hits: &[Hit],
    source: &str,
    near: &[NearMatch],
) -> View {
    let whole = signs_in.is_some();
    let found = |found: Option<&SignInUser>, user: &OwiUser| found.map(|found| found.is(&user.id));
    let account = |user| {
        let sign_in = signs_in.map(|signs_in| SignIn {
            trusted_header: found(signs_in.by_header.as_ref(), user),
            password: found(signs_in.by_password.as_ref(), user),
            providers: &user.providers,
        });
        OwiAccount { sign_in, ..OwiAccount::new(user, whole) }
    };
    let fields = CheckOwiUser {
        email,
        found: !matches.exact.is_empty(),
        users: matches.exact.iter().map(account).collect(),
        other_spellings: matches.other_spellings.iter().map(account).collect(),
        auth_without_user: &matches.auth_without_user,
        findings: hits,
        near,
        source,
    };
    let json = output("check-owi-user", fields);
    let mut sheet = match matches.exact.len() {
        0 if hits.iter().any(|hit| hit.finding.id == "owi-row-unreadable") => Sheet::default()
            .title(Tone::Warn, format!("Open WebUI shows no user {email}, but cannot show all of its rows")),
        0 => Sheet::default().title(Tone::Bad, format!("Open WebUI has no user {email}")),
        1 => Sheet::default().title(Tone::Good, format!("Open WebUI has the user {email}")),
        n => Sheet::default().title(Tone::Warn, format!("Open WebUI has {n} users {email}")),
    };
    sheet = sheet.plain_row(&["found", if matches.exact.is_empty() { "false" } else { "true" }]);
    for user in matches.exact.iter().chain(&matches.other_spellings) {
        sheet = sheet.fields(user_fields(user, whole));
        if let Some(signs_in) = signs_in {
            sheet = sheet.fields(sign_in_fields(user, signs_in));
        }
    }
    View { json, sheet: sheet.findings(hits).above(near_sheet(near)).text(format!("from {source}")) }
}

/// How the account signs in, as far as the file tells.
fn sign_in_fields(user: &OwiUser, signs_in: &SignsIn) -> [(&'static str, String, Tone); 3] {
    let told = |found: Option<&SignInUser>| match found.map(|found| found.is(&user.id)) {
        Some(true) => ("yes".to_owned(), Tone::Good),
        Some(false) => ("no".to_owned(), Tone::Warn),
        None => ("not known for this version".to_owned(), Tone::Faint),
    };
    let (header, header_tone) = told(signs_in.by_header.as_ref());
    let (password, password_tone) = told(signs_in.by_password.as_ref());
    let providers: Vec<String> = user.providers.iter().map(ToString::to_string).collect();
    let providers = if providers.is_empty() { "none".to_owned() } else { providers.join(", ") };
    [
        ("Found by trusted header", header, header_tone),
        ("Found by password", password, password_tone),
        ("Identity providers", providers, Tone::Plain),
    ]
}

fn user_fields(user: &OwiUser, whole: bool) -> Vec<(&'static str, String, Tone)> {
    let pending = if user.role == "pending" { Tone::Warn } else { Tone::Plain };
    let mut fields = vec![
        ("ID", user.id.clone(), Tone::Plain),
        ("Email", user.email.to_string(), Tone::Plain),
        ("Name", user.name.clone(), Tone::Plain),
        ("Role", or_none(Some(&user.role)), pending),
        ("Last active", time(user.last_active_at), Tone::Plain),
    ];
    if !whole {
        fields.push(("Active", "not shown by the API".to_owned(), Tone::Faint));
        return fields;
    }
    match &user.auth {
        Some(auth) => {
            let (active, tone) = switch(auth.active, "yes", "no");
            let (hash, hash_tone) = password(auth.password_hash);
            fields.push(("Active", active, tone));
            fields.push(("Password hash", hash.to_owned(), hash_tone));
        }
        None => fields.push(("Active", "no auth row".to_owned(), Tone::Bad)),
    }
    let (agree, tone) = user.halves_disagree().map_or(("yes".to_owned(), Tone::Good), |why| (why, Tone::Bad));
    fields.push(("user and auth agree", agree, tone));
    fields
}
