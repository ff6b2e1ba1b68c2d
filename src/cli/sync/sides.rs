//! Reading both sides into a plan, and what makes them doubtful.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::super::context::{Context, block_on};
use super::super::exit::{Exit, exit_with};
use super::super::progress::Progress;
use super::{Arguments, organizations_exist};
use crate::change::Guard;
use crate::change::journal::{self, Counts, JournalError, RunState};
use crate::lamb::Edition;
use crate::lamb::db::LambDb;
use crate::owi::api::users::{UsersError, all_users};
use crate::owi::file::people::PeopleQuery;
use crate::owi::same_file::{self, Freshness};
use crate::settings::SettingValue;
use crate::sync::guards;
use crate::sync::memory::{Memory, Remembered};
use crate::sync::plan::{Planner, SyncPlan};
use crate::sync::policy::Policy;
use crate::sync::recreated;
use crate::sync::saved::Via;

/// For so many users room is made beforehand: the numbers of the rows may lie.
const ROOM_AT_MOST: usize = 2_000_000;

/// A plan, and why it may mean nothing.
pub(super) struct Read {
    pub(super) found: SyncPlan,
    pub(super) doubts: Vec<Guard>,
    /// True where the server itself says that these are its users.
    pub(super) is_proven: bool,
    /// How long reading and planning took, without asking the server.
    pub(super) took: Duration,
}

/// Reads both sides. `up_to`: of webui.db only the rows up to this one.
pub(super) fn read(
    context: &Context,
    arguments: &Arguments,
    db: &LambDb,
    policy: &Policy,
    via: Via,
    up_to: Option<i64>,
) -> anyhow::Result<Read> {
    organizations_exist(db, policy)?;
    if policy.disables_missing() && db.schema().edition() == Some(Edition::Native) {
        let message = "--disable-missing works only in the delegated edition: in a native LAMB, creators have no Open WebUI \
                       user until their first chat";
        return Err(exit_with(Exit::Usage, message));
    }
    let began = Instant::now();
    let people = {
        let mut progress = Progress::new("reading LAMB", None);
        db.people(&mut |count| progress.at(count))?
    };
    let admin = context.settings.get("OWI_ADMIN_EMAIL").map(SettingValue::text);
    let mut planner = Planner::new(&people, policy, admin);
    if arguments.apply {
        planner = planner.remembering();
    }
    let mut doubts = Vec::new();
    let mut notes = Vec::new();
    let orphans = match via {
        Via::File => {
            let owi = context.owi_db()?;
            let wanted = PeopleQuery { hashes: people.edition == Edition::Native, up_to };
            let mut progress = Progress::new("reading Open WebUI", None);
            let mut count = 0;
            // Rows are numbered from 1: the newest tells how many there are, nearly.
            let newest = owi.newest()?.map_or(0, |(rowid, _)| rowid);
            planner = planner.expecting(usize::try_from(newest).unwrap_or(0).min(ROOM_AT_MOST));
            let walk = owi.every_person(&wanted, &mut |person| {
                planner.person(person);
                count += 1;
                progress.at(count);
            })?;
            walk.orphans
        }
        Via::Api => {
            let listing = block_on(from_api(context, arguments))?;
            let unreadable = listing.unreadable_rows;
            if unreadable > 0 && policy.disables_missing() {
                doubts.push(Guard::hard(
                    format!("Open WebUI cannot show {unreadable} of its users: whether they are gone cannot be told"),
                    "leave --disable-missing away, or fix those rows: lamb-auth explain owi-row-unreadable",
                ));
            } else if unreadable > 0 {
                notes.push(format!("Open WebUI cannot show {unreadable} of its users; they are left out"));
            }
            if policy.leaves_out_inactive() {
                notes.push("the admin API does not tell who is switched off: they are taken for active".to_owned());
            }
            if people.edition == Edition::Native {
                notes.push("the admin API tells no password hashes: new creators log in by Open WebUI's".to_owned());
            }
            listing.people.into_iter().for_each(|person| planner.person(person));
            Vec::new()
        }
    };
    let journal = arguments.journal.path(db.path());
    let can_tell = remember(context, db, &journal, &mut planner, &mut notes)?;
    let mut found = planner.finish(&orphans);
    notes.extend(recreated::notes(&found, db, &journal)?);
    found.plan.notes.extend(notes);
    let mut taken_back = 0;
    match Past::of(&journal, db) {
        Ok(past) => {
            doubts.extend(guards::doubts(&found, past.counts));
            taken_back = past.taken_back;
        }
        // The user who only looks may be another one than the user who changes things here.
        Err(error) => {
            doubts.extend(guards::doubts(&found, None));
            found
                .plan
                .notes
                .push(format!("could not check whether Open WebUI lost users since the last sync: {error}"));
        }
    }
    let mut read = Read { found, doubts, is_proven: false, took: began.elapsed() };
    if via == Via::File {
        ask_freshness(context, &mut read)?;
    }
    let ever = usize::try_from(db.creators_ever()?).unwrap_or_default().saturating_sub(taken_back);
    let unknown = ever.saturating_sub(read.found.summary.creators);
    if !can_tell && !policy.recreates_all() {
        match guards::unknown_removals(&read.found, unknown) {
            // Without a question, no one sees the note.
            Some(guard) if arguments.yes => read.doubts.push(guard),
            Some(guard) => read.found.plan.notes.push(guard.reason),
            None => {}
        }
    }
    // The API lists the server's own users, whatever file is here.
    let is_of_the_server = via == Via::Api || read.is_proven;
    read.found.find_common_causes(db.schema().edition(), ever, is_of_the_server);
    let disabling = guards::disabling(&read.found, admin.is_some(), read.is_proven);
    read.found.plan.guards.extend(disabling);
    Ok(read)
}

/// Tells the planner which users earlier runs saw as creators: by the memory, else by the journal. False where neither tells.
fn remember(
    context: &Context,
    db: &LambDb,
    journal: &Path,
    planner: &mut Planner<'_>,
    notes: &mut Vec<String>,
) -> anyhow::Result<bool> {
    match Memory::of(db, context.limits.lock_timeout).read(&mut |person| planner.remember(person)) {
        Ok(true) => return Ok(true),
        Ok(false) => {}
        Err(error) => notes.push(format!("could not read which creators earlier runs saw: {error}")),
    }
    if planner.has_no_newcomers() {
        return Ok(true);
    }
    let seen = match journal::seen_creators(journal, db, &|email| planner.is_newcomer(email)) {
        Ok(Some(seen)) => seen,
        Ok(None) | Err(_) => return Ok(false),
    };
    for (email, time) in seen {
        let last = time.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second);
        let email = email.into();
        planner.remember(Remembered { id: None, email, account: 0, first: last, last, was_gone: true });
    }
    Ok(true)
}

/// What the journal says of earlier runs on these tables.
struct Past {
    /// What the last sync saw that was applied.
    counts: Option<Counts>,
    /// How many changes were undone: creators that are gone by that are not lost.
    taken_back: usize,
}

impl Past {
    fn of(journal: &std::path::Path, db: &LambDb) -> Result<Self, JournalError> {
        let history = journal::heads(journal)?;
        let done = history.runs.iter().rev().filter(|run| run.state == RunState::Done && run.begin.is_of(db));
        Ok(Self { counts: done.filter_map(|run| run.begin.counts).next(), taken_back: history.taken_back(db) })
    }
}

async fn from_api(context: &Context, arguments: &Arguments) -> anyhow::Result<all_users::AllUsers> {
    let client = context.owi()?;
    let handed_in = Context::handed_in(arguments.admin_token_file.as_deref())?;
    let admin = context.owi_as_admin(&client, handed_in.as_ref()).await?;
    let options =
        all_users::ListOptions { jobs: usize::from(arguments.jobs), tries: 4, bound: arguments.listing_timeout };
    let mut progress = Progress::new("asking Open WebUI", None);
    let all = all_users::all(&client, &admin.token, &options, &mut |seen, of| progress.at_of(seen, of)).await;
    if matches!(all, Err(UsersError::TooSlow { .. })) {
        return all.context("cannot list Open WebUI's users (--listing-timeout waits longer)");
    }
    all.context("cannot list Open WebUI's users")
}

/// Whether webui.db is the server's own. A server out of reach is a note: LAMB must be fixable while it is down.
fn ask_freshness(context: &Context, read: &mut Read) -> anyhow::Result<()> {
    let (path, _) = context.settings.owi_db()?;
    let ask = async {
        let client = context.owi()?;
        Ok(same_file::by_newest_users(&context.settings, &client, &path, context.limits.lock_timeout).await?)
    };
    // As long as one request may take: so a server that answers each of them at the last moment is not waited for.
    let limit = context.limits.timeout;
    let unknown = || Freshness::Unknown(format!("no answer within {} s", limit.as_secs_f32()));
    let bounded = async { tokio::time::timeout(limit, ask).await.unwrap_or_else(|_| Ok(unknown())) };
    match block_on(bounded)? {
        Freshness::Fresh => read.is_proven = true,
        Freshness::Stale(why) => read.doubts.push(Guard::hard(
            format!("Open WebUI does not use {}: {why}", path.display()),
            "lamb-auth explain owi-db-stale",
        )),
        Freshness::Unknown(why) => {
            read.found
                .plan
                .notes
                .push(format!("could not check whether webui.db is the file that Open WebUI uses: {why}"));
        }
    }
    Ok(())
}
