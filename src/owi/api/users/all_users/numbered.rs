//! The numbered pages of 0.6 and later, which are counted by `total`.
//!
//! A row that cannot be read makes the server refuse its whole page of 30, and no page is smaller. A search has other
//! pages: searches separate the row from its neighbors until no more users are hidden than pages are refused. The users
//! that are still hidden then count as unreadable, though a few of them may be sound.

use tokio::task::JoinSet;

use super::{MAX_USERS, Pass, PassEnd, Row, UsersError};
use crate::owi::api::users::pager::{Order, PAGE};

/// The most pages that are read. If the first page has fewer users than [`PAGE`] and there are more, that size is used.
const MAX_PAGES: usize = MAX_USERS / PAGE + 1;
/// With so many spoilt pages, and more of them than sound ones, the server is broken and not the rows.
const MANY_SPOILT: usize = 20;
/// How many pages of the newest users are read in the end.
const NEWCOMERS: usize = 2;
/// What most e-mails have before the `@`. Searching for each of them costs hardly more pages than reading all.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
/// The most searches for the neighbors of unreadable rows. A single row needs 36 or 72, seldom more.
const MAX_SEARCHES: usize = 3_600;

type Page = Option<(Vec<Row>, usize)>;

/// What was counted while the pages of one search were read, or of all users.
struct Tally {
    /// Users on a page.
    size: usize,
    /// The greatest total.
    total: usize,
    /// The greatest total that is plausible.
    most: usize,
    /// Whether a total was smaller, or greater, than one before it.
    shrank: bool,
    grew: bool,
    sound: usize,
    spoilt: usize,
    /// Sound pages without a new user.
    stale: usize,
    /// Rows without an id.
    without_id: usize,
}

/// Reads all pages. `first`: the rows of the first one, if they could be shown.
pub(super) async fn read(
    pass: &mut Pass<'_>,
    first: Option<Vec<Row>>,
    total: usize,
    again: bool,
) -> Result<PassEnd, UsersError> {
    let size = first.as_ref().map_or(0, Vec::len);
    let mut tally = Tally::new(if size == 0 { PAGE } else { size }, total, MAX_USERS);
    tally.count(pass, first.map(|rows| (rows, total)))?;
    tally.pages(pass, "", 2, usize::MAX).await?;
    if tally.grew && tally.missing(pass) > 0 {
        tally.newcomers(pass).await?;
    }
    let hidden = tally.missing(pass);
    if hidden > tally.spoilt * tally.size || (tally.shrank && !again) {
        return Ok(PassEnd::Short { unreadable: tally.without_id + pass.gathered.without_email(), total: tally.total });
    }
    let hidden = if tally.spoilt > 0 { find_neighbors(pass, &tally).await? } else { 0 };
    Ok(PassEnd::Whole { unreadable: hidden + tally.without_id + pass.gathered.without_email() })
}

/// Looks for the sound neighbors of unreadable rows, by searches that separate them: for each letter before the `@`, and
/// if that search shows nothing either, for each letter before that. Returns how many users are still hidden.
async fn find_neighbors(pass: &mut Pass<'_>, main: &Tally) -> Result<usize, UsersError> {
    let (mut total, mut spoilt) = (main.total, main.spoilt);
    let mut ends = vec!["@".to_owned()];
    let mut searches = 0;
    'search: while !ends.is_empty() {
        let mut longer = Vec::new();
        // An e-mail ends in one of these only, so no unreadable row is counted twice.
        let mut spoilt_here = 0;
        for text in ends.iter().flat_map(|end| LETTERS.chars().map(move |letter| format!("{letter}{end}"))) {
            // Each spoilt page hides at least one row.
            let enough = total.saturating_sub(main.without_id + spoilt);
            if pass.gathered.ids() >= enough || searches == MAX_SEARCHES {
                break 'search;
            }
            searches += 1;
            // A search has its own total, which is not greater.
            let mut tally = Tally::new(main.size, 1, total + NEWCOMERS * main.size);
            tally.pages(pass, &text, 1, enough).await?;
            total = total.max(tally.total);
            spoilt_here += tally.spoilt;
            spoilt = spoilt.max(spoilt_here);
            if tally.spoilt > 0 {
                longer.push(text);
            }
        }
        ends = longer;
    }
    Ok(total.saturating_sub(pass.gathered.ids() + main.without_id).max(main.spoilt))
}

impl Tally {
    fn new(size: usize, total: usize, most: usize) -> Self {
        Self { size, total, most, shrank: false, grew: false, sound: 0, spoilt: 0, stale: 0, without_id: 0 }
    }

    /// Reads the pages of a search from `next` on, until `enough` users are known. If `text` is empty, these are all
    /// users: then a page that is refused is asked for twice, and the pass ends if pages bring no new users.
    async fn pages(
        &mut self,
        pass: &mut Pass<'_>,
        text: &str,
        mut next: usize,
        enough: usize,
    ) -> Result<(), UsersError> {
        let main = text.is_empty();
        let mut asked: JoinSet<Result<Page, UsersError>> = JoinSet::new();
        loop {
            let more = pass.gathered.ids() < enough && (!main || self.stale < pass.jobs + 3);
            while more && asked.len() < pass.jobs && next <= self.total.div_ceil(self.size) {
                let (pager, text) = (pass.pager.clone(), text.to_owned());
                asked.spawn(async move { pager.numbered(next, Order::Email, &text, main).await });
                next += 1;
            }
            let Some(page) = asked.join_next().await else { return Ok(()) };
            self.count(pass, page.map_err(|error| pass.pager.odd(&format!("was not asked: {error}")))??)?;
        }
    }

    fn count(&mut self, pass: &mut Pass<'_>, page: Page) -> Result<(), UsersError> {
        let Some((rows, total)) = page else {
            self.spoilt += 1;
            return if self.spoilt > MANY_SPOILT && self.spoilt > self.sound {
                Err(pass.pager.odd(&format!("answers 500 for {} of its pages", self.spoilt)))
            } else {
                Ok(())
            };
        };
        if rows.len() > total {
            return Err(pass.pager.odd(&format!("says it has {total} users and shows {} of them", rows.len())));
        }
        self.sound += 1;
        self.shrank |= total < self.total;
        self.grew |= total > self.total;
        self.total = self.total.max(total).min(self.most);
        if self.total.div_ceil(self.size) > MAX_PAGES {
            return Err(pass.pager.odd(&format!("shows {total} users {} at a time: too few", self.size)));
        }
        self.without_id += rows.iter().filter(|row| row.id().is_none()).count();
        let new = rows.into_iter().filter_map(|row| pass.gathered.add(row).then_some(())).count();
        self.stale += usize::from(new == 0);
        pass.tell(Some(self.total));
        Ok(())
    }

    /// Users who signed up meanwhile may be on pages that were read before.
    async fn newcomers(&mut self, pass: &mut Pass<'_>) -> Result<(), UsersError> {
        for page in 1..=NEWCOMERS {
            if let Some(page) = pass.pager.numbered(page, Order::Newest, "", true).await? {
                let without_id = self.without_id;
                self.count(pass, Some(page))?;
                self.without_id = without_id;
            }
        }
        Ok(())
    }

    /// How many users were not seen.
    fn missing(&self, pass: &Pass<'_>) -> usize {
        self.total.saturating_sub(pass.gathered.ids() + self.without_id)
    }
}
