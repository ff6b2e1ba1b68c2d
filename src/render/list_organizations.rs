//! `list-organizations`.

use serde_json::{Value, json};

use super::View;
use super::sheet::{Sheet, Tone};
use crate::lamb::organization_list::{ListedOrganization, LmsKey};

/// All organizations. `activities`: where the key of all activities comes from; `None` where there is none.
pub(crate) fn organizations(all: &[ListedOrganization], activities: Option<&str>, path: &str) -> View {
    let json = json!({
        "command": "list-organizations",
        "organizations": all.iter().map(as_json).collect::<Vec<_>>(),
        "activities_key": activities,
        "source": path,
    });
    let rows = all.iter().map(|listed| {
        let organization = &listed.organization;
        let status = if organization.status == "active" { Tone::Plain } else { Tone::Warn };
        let managed = if listed.managers == 0 && listed.people > 0 { Tone::Warn } else { Tone::Plain };
        let system = if listed.is_system { " (system)" } else { "" };
        vec![
            (organization.slug.clone(), Tone::Plain),
            (format!("{}{system}", organization.name), Tone::Plain),
            (organization.status.clone(), status),
            (listed.people.to_string(), Tone::Plain),
            (listed.managers.to_string(), managed),
            key(listed.lms_key),
        ]
    });
    let sheet = match all.len() {
        0 => Sheet::default().title(Tone::Warn, "no organizations"),
        _ => Sheet::default().grid(&["SLUG", "NAME", "STATUS", "PEOPLE", "MANAGERS", "LMS KEY"], rows.collect()),
    };
    let told = activities
        .map_or_else(|| "no LMS key for activities".to_owned(), |place| format!("LMS key for activities: {place}"));
    View { json, sheet: sheet.text(told).text(format!("from {path}")) }
}

fn key(key: Option<LmsKey>) -> (String, Tone) {
    let (word, tone) = match key {
        Some(LmsKey::Enabled) => ("enabled", Tone::Good),
        Some(LmsKey::Disabled) => ("disabled", Tone::Warn),
        Some(LmsKey::Incomplete) => ("incomplete", Tone::Bad),
        Some(LmsKey::Missing) => ("none", Tone::Faint),
        None => ("-", Tone::Faint),
    };
    (word.to_owned(), tone)
}

fn as_json(listed: &ListedOrganization) -> Value {
    let organization = &listed.organization;
    json!({
        "id": organization.id,
        "slug": organization.slug,
        "name": organization.name,
        "status": organization.status,
        "system": listed.is_system,
        "people": listed.people,
        "managers": listed.managers,
        "lms_key": listed.lms_key,
    })
}
