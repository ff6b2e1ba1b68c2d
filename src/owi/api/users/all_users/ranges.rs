//! The bare list of 0.5.6, by ranges of `skip` and `limit`. It tells no total, so each range begins with the last row of
//! the range before it: that shows if the list moves meanwhile, even by one row.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use super::{MAX_USERS, Pass, PassEnd, Row, UsersError};
use crate::owi::api::users::pager::RANGE;

/// From the beginning of one range to that of the next.
const STEP: usize = RANGE - 1;

/// What is kept of a range that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    len: usize,
    /// The hashes of its first and last id; `None` where the row has no id.
    first: Option<u128>,
    last: Option<u128>,
}

/// Reads all ranges. `first`: the rows of the first one, if they could be shown.
pub(super) async fn read(pass: &mut Pass<'_>, first: Option<Vec<Row>>) -> Result<PassEnd, UsersError> {
    let mut list = List::default();
    let mut next = 0;
    if let Some(rows) = first {
        list.add(pass, 0, rows);
        next = STEP;
    }
    let mut asked = JoinSet::new();
    loop {
        while !list.ended && list.stale < pass.jobs + 3 && asked.len() < pass.jobs {
            if next > MAX_USERS {
                return Err(UsersError::TooMany { url: pass.pager.url(), total: next });
            }
            let pager = pass.pager.clone();
            asked.spawn(async move { Ok::<_, UsersError>((next, pager.range(next).await?)) });
            next += STEP;
        }
        let Some(read) = asked.join_next().await else { break };
        let (skip, rows) = read.map_err(|error| pass.pager.odd(&format!("was not asked: {error}")))??;
        list.add(pass, skip, rows);
    }
    let unreadable = list.odd.len();
    match unbroken(&list.ranges) {
        Some(total) if total == pass.gathered.people() + unreadable => Ok(PassEnd::Whole { unreadable }),
        _ => Ok(PassEnd::Short { unreadable, total: list.ranges.iter().map(|(at, r)| at + r.len).max().unwrap_or(0) }),
    }
}

#[derive(Default)]
struct List {
    ranges: BTreeMap<usize, Range>,
    /// The places of rows that cannot be read, or have no e-mail.
    odd: BTreeSet<usize>,
    /// A range was not full.
    ended: bool,
    /// Ranges without a new user.
    stale: usize,
}

impl List {
    fn add(&mut self, pass: &mut Pass<'_>, skip: usize, rows: Vec<Row>) {
        let key = |row: Option<&Row>| row.and_then(Row::id).map(|id| pass.gathered.key(id));
        let range = Range { len: rows.len(), first: key(rows.first()), last: key(rows.last()) };
        self.ranges.insert(skip, range);
        self.ended |= range.len < RANGE;
        let mut any = false;
        for (place, row) in (skip..).zip(rows) {
            match row {
                Row::User(_) => any |= pass.gathered.add(row),
                Row::NoEmail(_) | Row::NoId => any |= self.odd.insert(place),
            }
        }
        self.stale += usize::from(!any);
        pass.tell(None);
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
        if range.len < RANGE && end.is_none() {
            end = Some(skip + range.len);
        }
        before = Some(range);
    }
    end
}
