//! The bare list of 0.5.6, by ranges of `skip` and `limit`. It tells no total: each range begins with the last row
//! of the one before it, so that a list that moves meanwhile is noticed, be it by one row.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use super::ask::Asker;
use super::gathered::{Row, rows};
use super::{ListingError, MAX_USERS, Turn, Verdict};
use crate::owi::api::users::PAGE;

/// From the beginning of one range to that of the next.
const STEP: usize = PAGE - 1;
/// The most unreadable rows in one range: with more of them, not rows are broken but the server.
const MAX_UNREADABLE: usize = 64;

/// What is kept of a range that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    len: usize,
    /// Who are its first and last; `None` where they cannot be told.
    first: Option<u128>,
    last: Option<u128>,
}

/// Everybody, where `first` is the first range, if all of it is sound.
pub(super) async fn take(turn: &mut Turn<'_>, first: Option<Vec<Row>>) -> Result<Verdict, ListingError> {
    let mut list = List::default();
    let mut next = 0;
    if let Some(rows) = first {
        if rows.len() > PAGE {
            return Err(turn.asker.odd("answers more users than were asked for"));
        }
        list.add(turn, 0, rows);
        next = STEP;
    }
    let mut asked = JoinSet::new();
    loop {
        while !list.ended && list.stale < turn.jobs + 3 && asked.len() < turn.jobs {
            if next > MAX_USERS {
                return Err(ListingError::TooMany { url: turn.asker.url(), total: next });
            }
            let asker = turn.asker.clone();
            asked.spawn(async move { Ok::<_, ListingError>((next, range(&asker, next).await?)) });
            next += STEP;
        }
        let Some(read) = asked.join_next().await else { break };
        let (skip, rows) = read.map_err(|error| turn.asker.odd(&format!("was not asked: {error}")))??;
        list.add(turn, skip, rows);
    }
    let unreadable = list.odd.len();
    match unbroken(&list.ranges) {
        Some(total) if total == turn.gathered.people() + unreadable => Ok(Verdict::Whole { unreadable }),
        _ => Ok(Verdict::Short { unreadable, total: list.ranges.iter().map(|(at, r)| at + r.len).max().unwrap_or(0) }),
    }
}

#[derive(Default)]
struct List {
    ranges: BTreeMap<usize, Range>,
    /// The places of rows that cannot be read, or have no e-mail.
    odd: BTreeSet<usize>,
    /// A range was not full.
    ended: bool,
    /// Ranges without anybody new.
    stale: usize,
}

impl List {
    fn add(&mut self, turn: &mut Turn<'_>, skip: usize, rows: Vec<Row>) {
        let key = |row: Option<&Row>| row.and_then(Row::id).map(|id| turn.gathered.key(id));
        let range = Range { len: rows.len(), first: key(rows.first()), last: key(rows.last()) };
        self.ranges.insert(skip, range);
        self.ended |= range.len < PAGE;
        let mut any = false;
        for (place, row) in (skip..).zip(rows) {
            match row {
                Row::User(_) => any |= turn.gathered.add(row),
                Row::NoEmail(_) | Row::Nobody => any |= self.odd.insert(place),
            }
        }
        self.stale += usize::from(!any);
        turn.tell(None);
    }
}

/// How many rows there are, where the ranges fit together.
fn unbroken(ranges: &BTreeMap<usize, Range>) -> Option<usize> {
    let mut end = None;
    let mut before: Option<Range> = None;
    for (&skip, &range) in ranges {
        let joins = match before {
            None => skip == 0,
            Some(_) if end.is_some() => range.len == 0,
            Some(before) => range.len > 0 && before.last.zip(range.first).is_none_or(|(last, first)| last == first),
        };
        if !joins {
            return None;
        }
        if range.len < PAGE && end.is_none() {
            end = Some(skip + range.len);
        }
        before = Some(range);
    }
    end
}

/// A range of [`PAGE`]. One row that cannot be read spoils all that are asked for with it: halve until it stands
/// alone.
async fn range(asker: &Asker, skip: usize) -> Result<Vec<Row>, ListingError> {
    let mut found = Vec::with_capacity(PAGE);
    let mut parts = vec![(skip, PAGE)];
    let mut unreadable = 0;
    while let Some((skip, limit)) = parts.pop() {
        // In between, a 500 that passes costs no more than two smaller requests.
        match asker.range(skip, limit, limit == PAGE || limit == 1).await? {
            Some(users) => {
                found.extend(rows(&users));
                if users.len() < limit {
                    break;
                }
            }
            None if limit == 1 => {
                unreadable += 1;
                if unreadable > MAX_UNREADABLE {
                    return Err(asker.odd(&format!("answers 500 for {unreadable} users in a row, or nearly")));
                }
                found.push(Row::Nobody);
            }
            None => {
                let half = limit / 2;
                parts.extend([(skip + half, limit - half), (skip, half)]);
            }
        }
    }
    Ok(found)
}
