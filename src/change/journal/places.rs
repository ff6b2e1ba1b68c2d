//! The organization, type and role that removed creators had, by the journal.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::JournalError;
use super::line::{Line, RunId};
use super::lines::each_line;
use super::read::{CHANGE, Subject, heads};
use super::summary::RunState;
use crate::change::rows::{Cell, Columns, Table};
use crate::email::key;
use crate::lamb::db::LambDb;

/// What runs on this database wrote last of a creator; `None` where none wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LastPlace {
    /// The id of the organization.
    pub organization: Option<i64>,
    pub user_type: Option<String>,
    /// The role in the organization.
    pub role: Option<String>,
}

/// What was written of a creator so far.
#[derive(Default)]
struct Written {
    organization: Option<i64>,
    user_type: Option<String>,
    /// By the id of the row: the organization and the role. A creator may have roles in others than its own.
    roles: BTreeMap<i64, (Option<i64>, Option<String>)>,
}

impl From<Written> for LastPlace {
    fn from(written: Written) -> Self {
        let Written { organization, user_type, roles } = written;
        let own = roles.into_values().rev().find(|(of, _)| organization.is_some() && *of == organization);
        Self { organization, user_type, role: own.and_then(|(_, role)| role) }
    }
}

/// The last places of those who are asked about, by the key of the e-mail.
///
/// # Errors
/// Where the file is there and cannot be read.
pub(crate) fn last_places(
    path: &Path,
    db: &LambDb,
    is_asked: &dyn Fn(&str) -> bool,
) -> Result<HashMap<String, LastPlace>, JournalError> {
    let history = heads(path)?;
    let done = history.runs.into_iter().filter(|run| run.state == RunState::Done && run.begin.is_of(db));
    let runs: BTreeSet<RunId> = done.map(|run| run.begin.run).collect();
    let mut places: HashMap<String, Written> = HashMap::new();
    let visit = |_, text: &str| {
        if !text.starts_with(CHANGE) {
            return;
        }
        let is_meant = |subject: &Subject<'_>| is_asked(&subject.email) && runs.contains(&subject.run);
        let Some(subject) = serde_json::from_str::<Subject<'_>>(text).ok().filter(is_meant) else { return };
        let Ok(Line::Change { entry, .. }) = serde_json::from_str::<Line<'_>>(text) else { return };
        let place = places.entry(key(&subject.email).into_owned()).or_default();
        for row in entry.rows.iter() {
            let Some(after) = &row.after else { continue };
            match row.table {
                Table::CreatorUsers => {
                    place.organization = number(after, "organization_id").or(place.organization);
                    place.user_type = text_in(after, "user_type").or_else(|| place.user_type.take());
                }
                Table::OrganizationRoles => {
                    let (of, role) = place.roles.entry(row.id).or_default();
                    *of = number(after, "organization_id").or(*of);
                    *role = text_in(after, "role").or_else(|| role.take());
                }
                Table::Organizations => {}
            }
        }
    };
    each_line(path, visit).map_err(|error| JournalError::Io { path: path.to_owned(), error })?;
    Ok(places.into_iter().map(|(email, written)| (email, written.into())).collect())
}

fn number(columns: &Columns<'_>, name: &str) -> Option<i64> {
    match columns.get(name)? {
        Cell::Integer(number) => Some(*number),
        _ => None,
    }
}

fn text_in(columns: &Columns<'_>, name: &str) -> Option<String> {
    match columns.get(name)? {
        Cell::Text(text) => Some(text.clone().into_owned()),
        _ => None,
    }
}
