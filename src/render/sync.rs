//! `sync`.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::json::output;
use super::sheet::{Sheet, Tone};
use super::{Format, View, line_with_schema};
use crate::change::journal::RunId;
use crate::change::{Applied, Change, Guard};
use crate::checks::same_person;
use crate::email::one_line;
use crate::findings::FixStep;
use crate::sync::plan::{Conflict, OutOfPolicy, PlanSummary, Removed, RoleDifference, Skipped, SyncPlan};

/// Lines of one kind that people are shown; the rest is counted. `-v`, JSON and plain have them all.
const ENOUGH: usize = 20;

/// A plan, and how much of it is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SyncView<'a> {
    pub found: &'a SyncPlan,
    /// True where guards that may be forced do not stand.
    pub force: bool,
    /// True where people want every line.
    pub verbose: bool,
    /// The output format: a million changes are rendered in one format only.
    pub format: Format,
}

/// How a sync ended.
#[derive(Debug)]
pub(crate) enum SyncEnd<'a> {
    /// Nothing is to be done.
    InStep,
    /// Changes are planned, and this makes them.
    Planned(FixStep),
    /// Changes are planned, and the question follows.
    Asked,
    /// A guard stands against it.
    Refused,
    Done {
        applied: &'a Applied,
        /// The run in the journal.
        run: &'a RunId,
        /// The copy that was made first.
        backup: Option<&'a Path>,
        /// The command that undoes it.
        undo: &'a FixStep,
    },
}

impl SyncEnd<'_> {
    fn word(&self) -> &'static str {
        match self {
            Self::InStep => "in-step",
            Self::Planned(_) | Self::Asked => "pending",
            Self::Refused => "refused",
            Self::Done { .. } => "changed",
        }
    }

    fn title(&self, count: usize, conflicts: usize, refused: bool) -> (Tone, String) {
        let changes = if count == 1 { "1 change".to_owned() } else { format!("{count} changes") };
        match self {
            Self::InStep if conflicts > 0 => {
                (Tone::Warn, format!("Nothing to do; {conflicts} addresses are in conflict"))
            }
            Self::InStep => (Tone::Good, "In step: nothing to do".to_owned()),
            Self::Planned(_) if refused => (Tone::Warn, format!("{changes} pending, refused by a guard")),
            Self::Planned(_) => (
                Tone::Warn,
                format!("{changes} pending; sync --apply makes {}", if count == 1 { "it" } else { "them" }),
            ),
            Self::Asked => (Tone::Warn, format!("{changes} planned")),
            Self::Refused => (Tone::Bad, "Refused; nothing was changed".to_owned()),
            Self::Done { .. } => (Tone::Good, format!("Done: {changes}")),
        }
    }
}

/// The plan and its end.
pub(crate) fn sync(view: &SyncView<'_>, end: &SyncEnd<'_>) -> View {
    let (changes, created): (&[Change], &[i64]) = match end {
        SyncEnd::Done { applied, .. } => (&applied.changes, &applied.created),
        _ => (&view.found.plan.changes, &[]),
    };
    let json = if view.format.is_json() { in_json(view, end, changes, created) } else { Value::Null };
    let refused = !view.found.plan.standing(view.force).is_empty();
    let (tone, title) = end.title(changes.len(), view.found.conflicts.len(), refused);
    let mut sheet =
        Sheet::default().title(tone, title.as_str()).plain_row(&["result", end.word()]).fields(counts(view, changes));
    let rest = rest(view, end);
    if view.format == Format::Plain {
        sheet = all_in_plain(sheet, view, changes, created);
        if !rest.is_empty() {
            sheet = sheet.grid(&[], rest);
        }
    } else {
        let limit = if view.verbose { usize::MAX } else { ENOUGH };
        let is_done = matches!(end, SyncEnd::Done { .. });
        let mut rows = causes(view);
        let held_back = |change: &Change| !is_done && !view.force && view.found.common_causes.hold_back(change);
        rows.extend(for_people(view, changes, created, limit, &held_back));
        rows.extend(rest);
        if !rows.is_empty() {
            sheet = sheet.people_grid(rows);
        }
        // A list of changes may be long: the answer is below it too.
        if let SyncEnd::Planned(next) = end {
            sheet = sheet.closing(tone, title, (!refused).then(|| next.clone()));
        }
    }
    View { json, sheet }
}

/// What so many have at once that it has one cause.
fn causes(view: &SyncView<'_>) -> Vec<Vec<(String, Tone)>> {
    view.found.common_causes.all.iter().map(|cause| row("  common cause", Tone::Bad, &cause.detail)).collect()
}

/// What stands against it, what is worth knowing, and what was left behind.
fn rest(view: &SyncView<'_>, end: &SyncEnd<'_>) -> Vec<Vec<(String, Tone)>> {
    let mut rest = Vec::new();
    for guard in view.found.plan.standing(view.force) {
        rest.push(row("  refused", Tone::Bad, &guard.reason));
        rest.push(row("  what to do", Tone::Faint, &guard.way_out.text()));
    }
    rest.extend(view.found.plan.notes.iter().map(|note| row("  note", Tone::Faint, note)));
    if let SyncEnd::Done { applied, backup, undo, .. } = end {
        rest.extend(backup.map(|path| row("  backup", Tone::Faint, &path.display().to_string())));
        rest.push(row("  lock held", Tone::Faint, &format!("{:.3} s", applied.lock_held.as_secs_f64())));
        rest.push(row("  undo", Tone::Faint, &undo.text()));
    }
    rest
}

fn row(label: &str, tone: Tone, text: &str) -> Vec<(String, Tone)> {
    vec![(label.to_owned(), tone), (text.to_owned(), Tone::Plain)]
}

fn kinds(changes: &[Change]) -> BTreeMap<&'static str, usize> {
    changes.iter().fold(BTreeMap::new(), |mut kinds, change| {
        *kinds.entry(change.kind()).or_default() += 1;
        kinds
    })
}

/// What `sync` planned, and what it did.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SyncFields<'a> {
    /// `in-step`, `pending`, `refused` or `changed`.
    result: &'a str,
    /// True where the changes were made.
    changed: bool,
    /// True where there are changes to make.
    pending: bool,
    /// True where a guard stands against it, or consent is missing.
    refused: bool,
    summary: PlanSummary,
    /// How many changes of each kind.
    counts: BTreeMap<&'static str, usize>,
    changes: &'a [Change],
    /// The ids of creators that were made.
    created: &'a [i64],
    /// Addresses that are not changed, because the match is ambiguous.
    conflicts: &'a [Conflict],
    /// Creators that a rule of the policy would put elsewhere.
    out_of_policy: &'a [OutOfPolicy],
    /// Users who were creators and are gone in LAMB: they are not created again.
    removed: &'a [Removed],
    /// Accounts that nothing can be made of, each with the reason.
    unusable: &'a [Skipped],
    /// The e-mails of creators without a user in Open WebUI. In the native edition, that is normal until the first chat.
    only_in_lamb: &'a [Box<str>],
    /// Creators with something to change, whose row is too odd for it.
    unsound: &'a [Skipped],
    /// System roles that differ. They are never changed.
    system_roles: &'a [RoleDifference],
    /// Creators whose Open WebUI user is gone, and who stay enabled all the same.
    kept: &'a [Skipped],
    /// What so many have at once that it has one cause.
    common_causes: Vec<CauseFields<'a>>,
    /// What stands against it.
    guards: &'a [Guard],
    /// What is worth knowing.
    notes: &'a [String],
    /// The run in the journal.
    run: Option<&'a RunId>,
    /// The copy of LAMB's database that was made first.
    backup: Option<&'a Path>,
    /// How long LAMB's database was locked for others, in milliseconds.
    lock_ms: Option<u64>,
}

/// One cause that many share.
#[derive(Debug, Serialize, JsonSchema)]
struct CauseFields<'a> {
    /// The id of the finding that they have.
    finding: &'a str,
    /// How many have it, and the likely causes.
    detail: &'a str,
}

/// One change of `sync --watch`, as a line.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WatchLine<'a> {
    /// `change` where it was made, `planned` where it is only reported.
    event: &'static str,
    /// When.
    time: &'a str,
    /// The run in the journal; null where it is only reported.
    run: Option<&'a RunId>,
    change: &'a Change,
    /// The id of the creator that was made.
    created: Option<i64>,
}

fn in_json(view: &SyncView<'_>, end: &SyncEnd<'_>, changes: &[Change], created: &[i64]) -> Value {
    let found = view.found;
    let (run, backup, lock_ms) = match end {
        SyncEnd::Done { applied, run, backup, .. } => {
            (Some(*run), *backup, u64::try_from(applied.lock_held.as_millis()).ok())
        }
        _ => (None, None, None),
    };
    let causes = found.common_causes.all.iter();
    let fields = SyncFields {
        result: end.word(),
        changed: matches!(end, SyncEnd::Done { .. }),
        pending: !changes.is_empty() && !matches!(end, SyncEnd::Done { .. }),
        refused: matches!(end, SyncEnd::Refused),
        summary: found.summary,
        counts: kinds(changes),
        changes,
        created,
        conflicts: &found.conflicts,
        out_of_policy: &found.out_of_policy,
        removed: &found.removed,
        unusable: &found.unusable,
        only_in_lamb: &found.only_in_lamb,
        unsound: &found.unsound,
        system_roles: &found.system_roles,
        kept: &found.kept,
        common_causes: causes.map(|cause| CauseFields { finding: cause.finding.id, detail: &cause.detail }).collect(),
        guards: &found.plan.guards,
        notes: &found.plan.notes,
        run,
        backup,
        lock_ms,
    };
    output("sync", fields)
}

/// What there is, a line a count; what is not there is not mentioned. What is listed below is counted as it is listed.
fn counts<'a>(view: &SyncView<'_>, changes: &[Change]) -> Vec<(&'a str, String, Tone)> {
    let found = view.found;
    let summary = &found.summary;
    let users = if summary.conflicting == 1 { "1 user" } else { &format!("{} users", summary.conflicting) };
    let conflicting = format!("with {users} of Open WebUI; not changed: ambiguous");
    let mut fields = vec![
        ("Open WebUI", format!("{} users", summary.owi_users), Tone::Plain),
        ("LAMB", format!("{} creators", summary.creators), Tone::Plain),
        ("In step", summary.in_step.to_string(), Tone::Plain),
    ];
    let of_note = [
        ("Students", summary.students, "left out: students from the LMS"),
        ("Not included", summary.not_included, "left out by the policy"),
        ("Service accounts", summary.service_accounts, "left out"),
        ("Pending", summary.pending, "left out (--with-pending)"),
        ("Inactive", summary.inactive, "left out (--with-inactive)"),
        ("Unusable", found.unusable.len(), "left out"),
        ("Half gone", summary.half_gone, "of these: creators whose account has only an auth row left"),
        ("Conflicting", found.conflicts.len(), &conflicting),
        ("Renamed", summary.probably_renamed, "of these: probably one person with two addresses"),
        ("Only in LAMB", found.only_in_lamb.len(), &format!("not seen in Open WebUI: {}", named(&found.only_in_lamb))),
        ("Removed", found.removed.len(), "not created again: removed in LAMB (--recreate)"),
        ("System roles", found.system_roles.len(), "differ; never changed"),
        ("Out of policy", found.out_of_policy.len(), "a rule puts them elsewhere (--move)"),
        ("Kept", found.kept.len(), "not disabled"),
    ];
    let shown = of_note.into_iter().filter(|(_, count, _)| *count > 0);
    fields.extend(shown.map(|(label, count, why)| (label, format!("{count}, {why}"), Tone::Plain)));
    fields.extend(kinds(changes).into_iter().map(|(kind, count)| (kind, count.to_string(), Tone::Warn)));
    fields
}

/// The first few of them.
fn named(emails: &[Box<str>]) -> String {
    const FEW: usize = 3;
    let names: Vec<_> = emails.iter().take(FEW).map(|email| one_line(email)).collect();
    let more = emails.len().saturating_sub(FEW);
    let more = if more > 0 { format!(", and {more} more (-o plain shows all)") } else { String::new() };
    names.join(", ") + &more
}

fn conflict(conflict: &Conflict) -> String {
    let list = |spellings: &[String]| {
        let quoted: Vec<String> = spellings.iter().map(|spelling| format!("{spelling:?}")).collect();
        if quoted.is_empty() { "no user".to_owned() } else { quoted.join(" and ") }
    };
    let fix = conflict.fix.as_ref().map(|fix| format!("; to rename the creator: {}", fix.text())).unwrap_or_default();
    if conflict.evidence.is_empty() {
        return format!("LAMB has {}, Open WebUI {}{fix}", list(&conflict.lamb), list(&conflict.owi));
    }
    let evidence = same_person::in_words(&conflict.evidence, conflict.known_as.as_ref());
    let otherwise = match (&conflict.known_as, &conflict.fix) {
        // Both addresses are creators': there is no newcomer to tell of.
        (Some(known), None) => {
            let forget = FixStep::command(&["sync", "--forget", &known.email]);
            format!("; if LAMB is right as it is: {}", forget.text())
        }
        _ => {
            let words = ["sync"].into_iter().chain(conflict.owi.iter().flat_map(|owi| ["--assume-new", owi]));
            format!(" or, if it is another person: {}", FixStep::command(&words.collect::<Vec<_>>()).text())
        }
    };
    // A sign behind a command would be copied along.
    format!(
        "probably one person: {} in LAMB, {} in Open WebUI ({evidence}){fix}{otherwise}",
        list(&conflict.lamb),
        list(&conflict.owi),
    )
}

/// Everything that is told of single people, by kind of line.
fn told(view: &SyncView<'_>) -> impl Iterator<Item = (&'static str, Tone, Vec<String>)> {
    let found = view.found;
    let both = |told: &Skipped| format!("{}: {}", one_line(&told.email), told.why);
    let removed = |removed: &Removed| {
        let again = FixStep::command(&["sync", "--recreate", &removed.email]).text().into_owned();
        format!("{}: removed in LAMB since {}; to create it again: {again}", one_line(&removed.email), removed.since)
    };
    let elsewhere = |creator: &OutOfPolicy| {
        let own = creator.organization.as_deref().map_or("in no organization".to_owned(), |own| format!("in {own}"));
        let role = creator.rule_role.map(|role| format!(" as {role}")).unwrap_or_default();
        let kept = creator.kept.map(|why| format!("; --move leaves it: {why}")).unwrap_or_default();
        format!("{} is {own}, the rule says {}{role}{kept}", one_line(&creator.email), creator.rule_organization)
    };
    let differs = |role: &RoleDifference| {
        let (email, owi) = (one_line(&role.email), one_line(&role.owi));
        format!("{email}: Open WebUI has the role {owi}, LAMB the system role {}", role.lamb)
    };
    [
        ("conflict", Tone::Bad, found.conflicts.iter().map(conflict).collect()),
        ("removed", Tone::Warn, found.removed.iter().map(removed).collect()),
        ("out of policy", Tone::Warn, found.out_of_policy.iter().map(elsewhere).collect()),
        ("unusable", Tone::Warn, found.unusable.iter().map(both).collect()),
        ("unsound", Tone::Warn, found.unsound.iter().map(both).collect()),
        ("system role", Tone::Warn, found.system_roles.iter().map(differs).collect()),
        ("kept", Tone::Warn, found.kept.iter().map(both).collect()),
    ]
    .into_iter()
}

fn all_in_plain(mut sheet: Sheet, view: &SyncView<'_>, changes: &[Change], created: &[i64]) -> Sheet {
    let mut ids = created.iter();
    for change in changes {
        let id = match change {
            Change::CreateCreator { .. } => ids.next().map_or_else(String::new, ToString::to_string),
            _ => String::new(),
        };
        sheet = sheet.plain_row(&["change", change.kind(), change.email(), &change.to_string(), &id]);
    }
    for cause in &view.found.common_causes.all {
        sheet = sheet.plain_row(&["common_cause", cause.finding.id, &cause.detail]);
    }
    for email in &view.found.only_in_lamb {
        sheet = sheet.plain_row(&["only_in_lamb", email]);
    }
    for (kind, _, lines) in told(view) {
        for line in lines {
            sheet = sheet.plain_row(&[&kind.replace(' ', "_"), &line]);
        }
    }
    sheet
}

fn for_people(
    view: &SyncView<'_>,
    changes: &[Change],
    created: &[i64],
    limit: usize,
    held_back: &dyn Fn(&Change) -> bool,
) -> Vec<Vec<(String, Tone)>> {
    let mut rows = Vec::new();
    let mut ids = created.iter();
    let held = changes.iter().filter(|change| held_back(change)).count();
    if held > 0 {
        let why = format!("{held} of {} are for the common cause: find it first", changes.len());
        rows.push(row("  changes", Tone::Faint, &why));
    }
    for change in changes.iter().filter(|change| !held_back(change)).take(limit) {
        let id = match change {
            Change::CreateCreator { .. } => ids.next().map_or_else(String::new, |id| format!(" (creator {id})")),
            _ => String::new(),
        };
        rows.push(row("  change", Tone::Faint, &format!("{change}{id}")));
    }
    more(&mut rows, changes.len() - held, limit);
    for (kind, tone, lines) in told(view) {
        rows.extend(lines.iter().take(limit).map(|line| row(&format!("  {kind}"), tone, line)));
        more(&mut rows, lines.len(), limit);
    }
    rows
}

fn more(rows: &mut Vec<Vec<(String, Tone)>>, all: usize, limit: usize) {
    if all > limit {
        rows.push(row("  …", Tone::Faint, &format!("and {} more (-v, -o json and -o plain show all)", all - limit)));
    }
}

/// One change of `sync --watch`, as a line that ends. `made`: the run that made it, and the creator that it created;
/// `None` where it is only reported.
pub(crate) fn watched(format: Format, change: &Change, made: Option<(&RunId, Option<i64>)>, time: &str) -> String {
    let (run, created) = made.map_or((None, None), |(run, created)| (Some(run), created));
    let id = created.map_or_else(String::new, |id| id.to_string());
    match format {
        Format::Json | Format::Jsonl => {
            let event = if run.is_some() { "change" } else { "planned" };
            line_with_schema(&output("sync", WatchLine { event, time, run, change, created }))
        }
        Format::Plain => {
            let text = super::clean(&change.to_string());
            let run = run.map_or("planned", RunId::as_str);
            format!("{time}\t{run}\t{}\t{}\t{text}\t{id}\n", change.kind(), super::clean(&one_line(change.email())))
        }
        Format::Table => {
            let id = if id.is_empty() { id } else { format!(" (creator {id})") };
            let planned = if run.is_some() { "" } else { "planned: " };
            format!("{time}  {planned}{}{id}\n", super::clean(&change.to_string()))
        }
    }
}
