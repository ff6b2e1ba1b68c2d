//! The numbered pages of 0.6 and later, which are counted by `total`.
//!
//! A row that cannot be read spoils its page of 30, and no page is smaller. In another order its neighbours are
//! others, and a search may leave it out: both are tried until no more are hidden than pages were spoilt. Who is still
//! hidden then counts as unreadable, though a few of them may be sound.

use tokio::task::JoinSet;

use super::ask::Order;
use super::gathered::{Row, rows};
use super::{ListingError, MAX_USERS, Turn, Verdict};

/// Users on a page of 0.6.43 and 0.12.4. Where the first page has fewer and there are more, that many are believed.
pub(super) const PAGE: usize = 30;
/// The most pages that are turned.
const MAX_PAGES: usize = MAX_USERS / PAGE + 1;
/// So many spoilt pages, and more than sound ones: not rows are broken but the server.
const MANY_SPOILT: usize = 20;
/// The pages of newcomers that are looked at in the end.
const NEWCOMERS: usize = 2;
/// The orders that part a spoilt row from its neighbours. Nothing is counted in them: they may move.
const OTHER_ORDERS: [Order; 7] = [
    Order::EmailBackwards,
    Order::Active,
    Order::ActiveBackwards,
    Order::Name,
    Order::NameBackwards,
    Order::Oldest,
    Order::Newest,
];

/// Where there are no more pages than so many, letters are searched for anywhere too: 36 times as many at most.
const FEW_PAGES: usize = 20;
/// What most e-mails have before the `@`. To search for each with it parts them in 36, on hardly more pages than all.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

type Page = Option<(Vec<Row>, usize)>;

/// Of one run through the pages in one order.
struct Tally {
    /// Users on a page.
    size: usize,
    /// The greatest total.
    total: usize,
    /// The most that is believed of it.
    most: usize,
    /// Whether a total was smaller, or greater, than one before it.
    shrank: bool,
    grew: bool,
    sound: usize,
    spoilt: usize,
    /// Sound pages without anybody new.
    stale: usize,
    /// Rows without an id.
    nobodies: usize,
}

/// Everybody, where `first` are the rows of the first page, if it is sound.
pub(super) async fn take(
    turn: &mut Turn<'_>,
    first: Option<Vec<Row>>,
    total: usize,
    again: bool,
) -> Result<Verdict, ListingError> {
    let size = first.as_ref().map_or(0, Vec::len);
    let mut tally = Tally::new(if size == 0 { PAGE } else { size }, total, MAX_USERS);
    tally.count(turn, first.map(|rows| (rows, total)))?;
    tally.pages(turn, (Order::Email, ""), 2, usize::MAX).await?;
    if tally.grew && tally.missing(turn) > 0 {
        tally.newcomers(turn).await?;
    }
    let hidden = tally.missing(turn);
    if hidden > tally.spoilt * tally.size || (tally.shrank && !again) {
        return Ok(Verdict::Short { unreadable: tally.nobodies + turn.gathered.without_email(), total: tally.total });
    }
    let hidden = if tally.spoilt > 0 { part(turn, &tally).await? } else { 0 };
    Ok(Verdict::Whole { unreadable: hidden + tally.nobodies + turn.gathered.without_email() })
}

/// Looks for the sound neighbours of spoilt rows, in other orders and by letters; how many are hidden still.
async fn part(turn: &mut Turn<'_>, main: &Tally) -> Result<usize, ListingError> {
    // Where all are on one page, they are so in any order.
    let orders = OTHER_ORDERS.into_iter().filter(|_| main.total > main.size).map(|order| (order, String::new()));
    let ends = LETTERS.chars().map(|letter| (Order::Email, format!("{letter}@")));
    let few = main.total <= FEW_PAGES * main.size;
    let letters = LETTERS.chars().filter(|_| few).map(|letter| (Order::Email, letter.to_string()));
    let (mut total, mut spoilt) = (main.total, main.spoilt);
    for (order, text) in ends.chain(orders).chain(letters) {
        // Each spoilt page hides one row at least.
        let known = total.saturating_sub(main.nobodies + spoilt);
        if turn.gathered.ids() >= known {
            break;
        }
        // A search has a total of its own, and none that is greater.
        let (from, most) = (if text.is_empty() { total } else { 1 }, total + NEWCOMERS * main.size);
        let mut tally = Tally::new(main.size, from, most);
        tally.pages(turn, (order, &text), 1, known).await?;
        (total, spoilt) = (total.max(tally.total), spoilt.max(tally.spoilt));
    }
    Ok(total.saturating_sub(turn.gathered.ids() + main.nobodies).max(main.spoilt))
}

impl Tally {
    fn new(size: usize, total: usize, most: usize) -> Self {
        Self { size, total, most, shrank: false, grew: false, sound: 0, spoilt: 0, stale: 0, nobodies: 0 }
    }

    /// Turns the pages from `next` on, until `enough` users are known. Where that is everybody, a page is not given up
    /// before it was asked for twice, but the whole run is where pages bring nobody new.
    async fn pages(
        &mut self,
        turn: &mut Turn<'_>,
        (order, text): (Order, &str),
        mut next: usize,
        enough: usize,
    ) -> Result<(), ListingError> {
        let main = enough == usize::MAX;
        let mut asked: JoinSet<Result<Page, ListingError>> = JoinSet::new();
        loop {
            let more = turn.gathered.ids() < enough && (!main || self.stale < turn.jobs + 3);
            while more && asked.len() < turn.jobs && next <= self.total.div_ceil(self.size) {
                let (asker, text) = (turn.asker.clone(), text.to_owned());
                asked.spawn(async move {
                    let page = asker.numbered(next, order, &text, main).await?;
                    Ok(page.map(|(users, total)| (rows(&users), total)))
                });
                next += 1;
            }
            let Some(page) = asked.join_next().await else { return Ok(()) };
            self.count(turn, page.map_err(|error| turn.asker.odd(&format!("was not asked: {error}")))??)?;
        }
    }

    fn count(&mut self, turn: &mut Turn<'_>, page: Page) -> Result<(), ListingError> {
        let Some((rows, total)) = page else {
            self.spoilt += 1;
            return if self.spoilt > MANY_SPOILT && self.spoilt > self.sound {
                Err(turn.asker.odd(&format!("answers 500 for {} of its pages", self.spoilt)))
            } else {
                Ok(())
            };
        };
        if rows.len() > total {
            return Err(turn.asker.odd(&format!("says it has {total} users and shows {} of them", rows.len())));
        }
        self.sound += 1;
        self.shrank |= total < self.total;
        self.grew |= total > self.total;
        self.total = self.total.max(total).min(self.most);
        if self.total.div_ceil(self.size) > MAX_PAGES {
            return Err(turn.asker.odd(&format!("shows {total} users {} at a time: too few", self.size)));
        }
        self.nobodies += rows.iter().filter(|row| row.id().is_none()).count();
        let new = rows.into_iter().filter_map(|row| turn.gathered.add(row).then_some(())).count();
        self.stale += usize::from(new == 0);
        turn.tell(Some(self.total));
        Ok(())
    }

    /// Those who signed up meanwhile may be on pages that were turned before.
    async fn newcomers(&mut self, turn: &mut Turn<'_>) -> Result<(), ListingError> {
        for page in 1..=NEWCOMERS {
            if let Some((users, total)) = turn.asker.numbered(page, Order::Newest, "", true).await? {
                let nobodies = self.nobodies;
                self.count(turn, Some((rows(&users), total)))?;
                self.nobodies = nobodies;
            }
        }
        Ok(())
    }

    /// How many were not seen.
    fn missing(&self, turn: &Turn<'_>) -> usize {
        self.total.saturating_sub(turn.gathered.ids() + self.nobodies)
    }
}
