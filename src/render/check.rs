//! `check-user` and `check-owi-user`.

use serde_json::{Value, json};

use super::View;
use super::sheet::{Sheet, Tone};
use crate::clock;
use crate::findings::Hit;
use crate::lamb::Edition;
use crate::lamb::lookup::CreatorEvidence;
use crate::lamb::model::Creator;
use crate::owi::file::db::{OwiMatches, OwiUser};
use crate::sqlite::value::PasswordHash;

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

/// A creator as LAMB sees it, or that there is none. `usable`: LAMB finds it and can work with it.
pub(crate) fn creator(
    evidence: &CreatorEvidence,
    usable: bool,
    hits: &[Hit],
    edition: Option<Edition>,
    path: &str,
) -> View {
    let (email, others) = (&evidence.email, &evidence.other_spellings);
    let json = json!({
        "command": "check-user",
        "email": email,
        "found": evidence.creator.is_some(),
        "usable": usable,
        "creator": evidence.creator.as_ref().map(creator_json),
        "other_spellings": others,
        "edition": edition,
        "findings": hits,
        "source": path,
    });
    let Some(creator) = &evidence.creator else {
        let title = format!("LAMB has no creator {email}");
        let mut sheet = Sheet::default().title(Tone::Bad, title).plain_row(&["found", "false"]);
        if !others.is_empty() {
            sheet = sheet.fields(others.iter().map(|other| ("Other spelling", format!("{other:?}"), Tone::Warn)));
        }
        return View { json, sheet: sheet.findings(hits).text(format!("looked up in {path}")) };
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

pub(super) fn creator_json(creator: &Creator) -> Value {
    let mut value = serde_json::to_value(creator).unwrap_or_default();
    for (member, seconds) in [("created_at", creator.created_at), ("updated_at", creator.updated_at)] {
        value[member] = json!(seconds.map(clock::rfc3339));
    }
    value
}

/// A user as Open WebUI has it, or that there is none. `whole` is false where the API, which shows no `auth` rows,
/// was asked.
pub(crate) fn owi_user(email: &str, matches: &OwiMatches, whole: bool, hits: &[Hit], source: &str) -> View {
    let users = |users: &[OwiUser]| users.iter().map(|user| user_json(user, whole)).collect::<Vec<_>>();
    let json = json!({
        "command": "check-owi-user",
        "email": email,
        "found": !matches.exact.is_empty(),
        "users": users(&matches.exact),
        "other_spellings": users(&matches.other_spellings),
        "auth_without_user": matches.auth_without_user,
        "findings": hits,
        "source": source,
    });
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
    }
    View { json, sheet: sheet.findings(hits).text(format!("from {source}")) }
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

pub(super) fn user_json(user: &OwiUser, whole: bool) -> Value {
    let mut value = serde_json::to_value(user).unwrap_or_default();
    for (member, seconds) in [("created_at", user.created_at), ("last_active_at", user.last_active_at)] {
        value[member] = json!(seconds.map(clock::rfc3339));
    }
    value["active"] = if whole { json!(user.auth.as_ref().map(|auth| auth.active)) } else { Value::Null };
    value["halves_agree"] = if whole { json!(user.halves_disagree().is_none()) } else { Value::Null };
    value
}
