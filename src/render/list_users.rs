//! `list-users`: creators and accounts side by side, one line a user, as they come.

use schemars::JsonSchema;
use serde::Serialize;

use super::json::{SignIn, output, value};
use super::sheet::{Sheet, Style, Tone};
use super::stream::{Lines, cut, flat, json_begin, json_end, json_entry};
use super::{Format, OutputError};
use crate::clock;
use crate::directory::{Counts, Entry, ListEnd, ListedAccount, Presence};
use crate::email::near::NearMatch;

/// The columns are as wide as the first so many users need.
const LAID_OUT: usize = 500;

/// So many characters of a cell are shown to people; awk and JSON get them all.
const LONG: usize = 60;

const HEADERS: [&str; 8] = ["EMAIL", "WHERE", "ORG", "ROLE", "LAMB", "OPEN WEBUI", "SIGNS IN BY", "NAME"];

type Cells = [(String, Tone); HEADERS.len()];

/// A list on its way to stdout.
#[derive(Debug)]
pub(crate) struct UserList {
    format: Format,
    lines: Lines,
    count: usize,
    /// The first of them, until the widths of the columns are known.
    waiting: Vec<Cells>,
    widths: [usize; HEADERS.len()],
    style: Style,
}

impl UserList {
    /// Begins a list of users in these files.
    ///
    /// # Errors
    /// Where stdout cannot be written; a closed pipe among them.
    pub(crate) fn begin(format: Format, lamb: &str, owi: Option<&str>) -> Result<Self, OutputError> {
        let mut lines = Lines::default();
        if format == Format::Json {
            let head = output("list-users", ListHead { lamb_db: lamb, owi_db: owi });
            lines.push(&json_begin(&head, "users"))?;
        }
        let widths = HEADERS.map(str::len);
        Ok(Self { format, lines, count: 0, waiting: Vec::new(), widths, style: Style::of_stdout() })
    }

    /// Adds a user.
    ///
    /// # Errors
    /// As of [`begin`](Self::begin).
    pub(crate) fn push(&mut self, entry: &Entry) -> Result<(), OutputError> {
        self.count += 1;
        match self.format {
            Format::Json => self.lines.push(&json_entry(self.count == 1, value(ListedUser::new(entry)))),
            Format::Jsonl => {
                let line = output("list-users", UserLine { user: ListedUser::new(entry) });
                self.lines.push(&super::line_with_schema(&line))
            }
            Format::Plain => self.lines.push(&plain(entry)),
            Format::Table if self.count <= LAID_OUT => {
                self.waiting.push(cells(entry));
                Ok(())
            }
            Format::Table => {
                self.settle()?;
                let row = self.row(&cells(entry));
                self.lines.push(&row)
            }
        }
    }

    /// Writes those who waited, with the widths that they need.
    fn settle(&mut self) -> Result<(), OutputError> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        for (at, width) in self.widths.iter_mut().enumerate() {
            let widest = waiting.iter().map(|cells| cells[at].0.chars().count().min(LONG)).max();
            *width = widest.unwrap_or(0).max(*width);
        }
        let header = self.row(&HEADERS.map(|text| (text.to_owned(), Tone::Faint)));
        self.lines.push(&header)?;
        for cells in waiting {
            let row = self.row(&cells);
            self.lines.push(&row)?;
        }
        Ok(())
    }

    /// A line of no more than the terminal's width.
    fn row(&self, cells: &Cells) -> String {
        let (mut room, mut row) = (self.style.width(), String::new());
        for ((text, tone), width) in cells.iter().zip(self.widths) {
            let cell = cut(text, LONG.min(room));
            let padding = " ".repeat((width + 2).saturating_sub(cell.chars().count()));
            room = room.saturating_sub(width + 2);
            row.push_str(&self.style.paint(*tone, &cell));
            row.push_str(&padding);
            if room < 4 {
                break;
            }
        }
        format!("{}\n", row.trim_end())
    }

    /// Ends the list.
    ///
    /// # Errors
    /// As of [`begin`](Self::begin).
    pub(crate) fn end(mut self, end: &ListEnd) -> Result<(), OutputError> {
        match self.format {
            Format::Json => self.lines.push(&json_end(value(ListTail { counts: end.counts, near: &end.near })))?,
            Format::Jsonl => {
                let summary = output("list-users", ListTail { counts: end.counts, near: &end.near });
                self.lines.push(&super::line_with_schema(&summary))?;
            }
            Format::Plain => self.lines.push(&summary(end).plain())?,
            Format::Table => {
                self.settle()?;
                self.lines.push(&summary(end).table(self.style))?;
            }
        }
        self.lines.flush()
    }
}

/// How many there are, and what is near where there are none.
fn summary(end: &ListEnd) -> Sheet {
    let counts = &end.counts;
    let parts = [
        (counts.both, "both", "in LAMB and Open WebUI"),
        (counts.lamb, "lamb", "only in LAMB"),
        (counts.owi, "owi", "only in Open WebUI"),
        (counts.conflict, "conflict", "in conflict"),
    ];
    let told: Vec<String> =
        parts.iter().filter(|(count, ..)| *count > 0).map(|(count, _, words)| format!("{count} {words}")).collect();
    let sheet = match counts.total() {
        0 => Sheet::default().title(Tone::Warn, "no matching users"),
        1 => Sheet::default().text(format!("1 user: {}", told.join(", "))),
        total => Sheet::default().text(format!("{total} users: {}", told.join(", "))),
    };
    let sheet =
        parts.iter().fold(sheet, |sheet, (count, word, _)| sheet.plain_row(&["count", word, &count.to_string()]));
    sheet.above(near_sheet(&end.near))
}

/// Addresses near the one that is not there.
pub(super) fn near_sheet(near: &[NearMatch]) -> Sheet {
    let place = |near: &NearMatch| match (near.in_lamb, near.in_owi) {
        (true, true) => "LAMB and Open WebUI",
        (true, false) => "LAMB",
        (false, _) => "Open WebUI",
    };
    let word = |near: &NearMatch| match (near.in_lamb, near.in_owi) {
        (true, true) => "both",
        (true, false) => "lamb",
        (false, _) => "owi",
    };
    near.iter().fold(Sheet::default(), |sheet, near| {
        let shown = format!("similar: {:?} in {}", near.email, place(near));
        sheet.text(shown).plain_row(&["near", &near.email, word(near)])
    })
}

/// The words for one user: its organization and role, LAMB's side, the role in Open WebUI, and its side.
struct Words {
    organization: String,
    role: String,
    lamb: (String, Tone),
    owi_role: String,
    owi: (String, Tone),
}

fn words(entry: &Entry) -> Words {
    let text = |text: Option<&str>| flat(text.unwrap_or("-"));
    let (creator, account) = (entry.creators.first(), entry.accounts.first());
    let more = |count: usize| if count > 1 { format!(" (+{})", count - 1) } else { String::new() };
    let lamb = creator.map_or(("-", Tone::Faint), |creator| switch(creator.enabled));
    let owi = match account {
        None if !entry.auth_without_user.is_empty() => ("no user row", Tone::Bad),
        None => ("-", Tone::Faint),
        Some(account) => standing(account),
    };
    Words {
        organization: text(creator.and_then(|creator| creator.organization.as_deref())),
        role: text(creator.and_then(|creator| creator.role.as_deref())),
        lamb: (format!("{}{}", lamb.0, more(entry.creators.len())), lamb.1),
        owi_role: text(account.map(|account| account.role.as_str())),
        owi: (format!("{}{}", owi.0, more(entry.accounts.len())), owi.1),
    }
}

fn switch(enabled: bool) -> (&'static str, Tone) {
    if enabled { ("enabled", Tone::Good) } else { ("disabled", Tone::Bad) }
}

fn presence(entry: &Entry) -> (&'static str, Tone) {
    match entry.presence() {
        Presence::Lamb => ("lamb", Tone::Plain),
        Presence::Owi => ("owi", Tone::Plain),
        Presence::Both => ("both", Tone::Good),
        Presence::Conflict => ("conflict", Tone::Warn),
    }
}

fn plain(entry: &Entry) -> String {
    let Words { organization, role, lamb: (lamb, _), owi_role, owi: (owi, _) } = words(entry);
    let (email, name) = (flat(entry.email()), flat(entry.name()));
    let cells = [&email, presence(entry).0, &organization, &role, &lamb, &owi_role, &owi, &ways(entry), &name];
    format!("user\t{}\n", cells.join("\t"))
}

fn cells(entry: &Entry) -> Cells {
    let Words { organization, role, lamb, owi_role, owi: (owi, tone) } = words(entry);
    let owi = match owi.as_str() {
        "active" => owi_role,
        _ if entry.accounts.is_empty() => owi,
        _ => format!("{owi_role}, {owi}"),
    };
    let plain = |text: String| (text, Tone::Plain);
    let (presence, presence_tone) = presence(entry);
    [
        plain(flat(entry.email())),
        (presence.to_owned(), presence_tone),
        plain(organization),
        plain(role),
        lamb,
        (owi, tone),
        plain(ways(entry)),
        plain(flat(entry.name())),
    ]
}

/// How the first account signs in, as far as its rows tell.
fn ways(entry: &Entry) -> String {
    let Some(account) = entry.accounts.first().filter(|account| account.is_active == Some(true)) else {
        return "-".to_owned();
    };
    let header = (entry.is_found_by_header(account) == Some(true)).then(|| "header".to_owned());
    let password = account.has_password.then(|| "password".to_owned());
    let providers = account.providers.iter().map(ToString::to_string);
    let ways: Vec<String> = header.into_iter().chain(password).chain(providers).collect();
    if ways.is_empty() { "-".to_owned() } else { flat(&ways.join(",")) }
}

/// Whether the account can be signed in to, as far as its two rows say.
fn standing(account: &ListedAccount) -> (&'static str, Tone) {
    match account {
        ListedAccount { is_readable: false, .. } => ("unreadable", Tone::Bad),
        ListedAccount { is_active: None, .. } => ("half", Tone::Bad),
        ListedAccount { is_active: Some(false), .. } => ("inactive", Tone::Bad),
        ListedAccount { halves_agree: false, .. } => ("other e-mail", Tone::Bad),
        _ => ("active", Tone::Good),
    }
}

/// How a list of users begins.
#[derive(Debug, Serialize, JsonSchema)]
struct ListHead<'a> {
    /// LAMB's database.
    lamb_db: &'a str,
    /// Open WebUI's database; null where it was not read.
    owi_db: Option<&'a str>,
}

/// How a list of users ends; with `-o jsonl`, its last line.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ListTail<'a> {
    /// How many entries of each kind there are.
    counts: Counts,
    /// Where nothing matches: addresses near the pattern.
    near: &'a [NearMatch],
}

/// A whole list of users. It is written piece by piece.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ListedUsers<'a> {
    #[serde(flatten)]
    head: ListHead<'a>,
    users: Vec<ListedUser<'a>>,
    #[serde(flatten)]
    tail: ListTail<'a>,
}

/// A line of `-o jsonl`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UserLine<'a> {
    user: ListedUser<'a>,
}

/// All that both sides have of one address.
#[derive(Debug, Serialize, JsonSchema)]
struct ListedUser<'a> {
    /// What its spellings share.
    address: &'a str,
    presence: Presence,
    creators: Vec<CreatorFields<'a>>,
    accounts: Vec<AccountFields<'a>>,
    /// Ids of `auth` rows without a user.
    auth_without_user: &'a [String],
    /// True where a table of LAMB or the domain says that this is a student from the LMS.
    student: bool,
    /// How many creators and accounts there are beyond those that are listed.
    more: usize,
}

/// A creator of LAMB.
#[derive(Debug, Serialize, JsonSchema)]
struct CreatorFields<'a> {
    id: i64,
    email: &'a str,
    name: &'a str,
    user_type: &'a str,
    enabled: bool,
    /// The slug; null where it belongs to none that exists.
    organization: Option<&'a str>,
    /// The role in that organization.
    role: Option<&'a str>,
    /// The system role, in the native edition.
    system_role: Option<&'a str>,
    /// Who checks the password, in the native edition.
    auth_provider: Option<&'a str>,
    created_at: Option<String>,
}

/// An account of Open WebUI.
#[derive(Debug, Serialize, JsonSchema)]
struct AccountFields<'a> {
    id: &'a str,
    email: &'a str,
    name: &'a str,
    role: &'a str,
    /// Whether it is switched on; null without an `auth` row.
    active: Option<bool>,
    sign_in: SignIn<'a>,
    /// False where the server cannot read the row.
    readable: bool,
    /// True where the `auth` row is there and has the same e-mail.
    halves_agree: bool,
    created_at: Option<String>,
    last_active_at: Option<String>,
}

impl<'a> ListedUser<'a> {
    fn new(entry: &'a Entry) -> Self {
        let time = |seconds: Option<i64>| seconds.map(clock::rfc3339);
        let creators = entry.creators.iter().map(|creator| CreatorFields {
            id: creator.id,
            email: &creator.email,
            name: &creator.name,
            user_type: &creator.user_type,
            enabled: creator.enabled,
            organization: creator.organization.as_deref(),
            role: creator.role.as_deref(),
            system_role: creator.native.as_ref().map(|(role, _)| role.as_str()),
            auth_provider: creator.native.as_ref().map(|(_, provider)| provider.as_str()),
            created_at: time(creator.created_at),
        });
        let accounts = entry.accounts.iter().map(|account| AccountFields {
            id: &account.id,
            email: &account.email,
            name: &account.name,
            role: &account.role,
            active: account.is_active,
            sign_in: SignIn {
                trusted_header: entry.is_found_by_header(account),
                password: Some(account.has_password),
                providers: &account.providers,
            },
            readable: account.is_readable,
            halves_agree: account.halves_agree,
            created_at: time(account.created_at),
            last_active_at: time(account.last_active_at),
        });
        Self {
            address: &entry.address,
            presence: entry.presence(),
            creators: creators.collect(),
            accounts: accounts.collect(),
            auth_without_user: &entry.auth_without_user,
            student: entry.is_student,
            more: entry.more,
        }
    }
}
