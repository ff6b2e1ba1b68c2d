//! `list-organizations`.

use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::json::output;
use super::sheet::{Sheet, Tone};
use crate::lamb::organization_list::{ListedOrganization, LmsKey};

/// All organizations. `activities`: where the key of all activities comes from; `None` where there is none.
pub(crate) fn organizations(all: &[ListedOrganization], activities: Option<&str>, path: &str) -> View {
    let organizations = all.iter().map(OrganizationFields::new).collect();
    let json =
        output("list-organizations", OrganizationList { organizations, activities_key: activities, source: path });
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

/// All organizations of LAMB.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OrganizationList<'a> {
    organizations: Vec<OrganizationFields<'a>>,
    /// Where the LMS key of all activities comes from; null where there is none.
    activities_key: Option<&'a str>,
    /// The file that was read.
    source: &'a str,
}

/// An organization in the list.
#[derive(Debug, Serialize, JsonSchema)]
struct OrganizationFields<'a> {
    id: i64,
    /// Its short name, unique.
    slug: &'a str,
    name: &'a str,
    /// `active`, `suspended` or `trial`.
    status: &'a str,
    /// True for LAMB's own.
    system: bool,
    /// How many creators it has.
    people: usize,
    /// How many enabled owners and admins it has, counting only those whose own organization it is.
    managers: usize,
    /// The key by which teachers come in from an LMS; null in the delegated edition, which keeps none.
    lms_key: Option<LmsKey>,
}

impl<'a> OrganizationFields<'a> {
    fn new(listed: &'a ListedOrganization) -> Self {
        let organization = &listed.organization;
        Self {
            id: organization.id,
            slug: &organization.slug,
            name: &organization.name,
            status: &organization.status,
            system: listed.is_system,
            people: listed.people,
            managers: listed.managers,
            lms_key: listed.lms_key,
        }
    }
}
