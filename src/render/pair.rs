//! `check-user --with-owi`.

use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::check::{CheckUser, OwiAccount};
use super::json::output;
use super::list_users::near_sheet;
use super::sheet::{Sheet, Tone};
use crate::checks::pair::{Admin, Hashes, Pair};
use crate::email::near::NearMatch;
use crate::findings::Hit;
use crate::lamb::Edition;
use crate::lamb::lookup::CreatorEvidence;
use crate::owi::file::db::{AuthRow, OwiMatches, OwiUser};

/// What `check-user --with-owi` found: LAMB's side, Open WebUI's, and what both together say.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CheckPair<'a> {
    #[serde(flatten)]
    lamb: CheckUser<'a>,
    open_webui: OpenWebUiSide<'a>,
    password_hashes: Hashes,
    admin: &'a Admin,
    /// Whether the user can log in, and be handed on to the chat; null where that could not be told.
    can_log_in: Option<bool>,
    /// What stands in the way.
    obstacles: &'a [String],
    /// What does not, and is worth knowing.
    notes: &'a [String],
}

fn accounts(users: &[OwiUser]) -> Vec<OwiAccount<'_>> {
    users.iter().map(|user| OwiAccount::new(user, true)).collect()
}

/// Open WebUI's side of a user; its members are null where `webui.db` cannot be read.
#[derive(Debug, Serialize, JsonSchema)]
struct OpenWebUiSide<'a> {
    /// True where Open WebUI has an account with exactly this address.
    found: Option<bool>,
    /// The accounts with exactly this address.
    users: Option<Vec<OwiAccount<'a>>>,
    /// The accounts with the same address in another spelling.
    other_spellings: Option<Vec<OwiAccount<'a>>>,
    /// Rows of `auth` with this address that have no user.
    auth_without_user: Option<&'a [AuthRow]>,
    /// The file.
    source: &'a str,
    /// Why the file cannot be read.
    error: Option<&'a str>,
}

/// Both sides of one person. `owi`: Open WebUI's, or why it cannot be read; `owi_path`: where it is.
/// `near`: addresses near one that is unknown.
pub(crate) fn pair(
    evidence: &CreatorEvidence,
    usable: bool,
    hits: &[Hit],
    edition: Option<Edition>,
    path: &str,
    (owi, owi_path): (Result<&OwiMatches, &str>, &str),
    (pair, near): (&Pair, &[NearMatch]),
) -> View {
    let email = &evidence.email;
    // What check-user says without the other side, and more.
    let matches = owi.ok();
    let fields = CheckPair {
        lamb: CheckUser::new(evidence, usable, hits, edition, path, near),
        open_webui: OpenWebUiSide {
            found: matches.map(|matches| !matches.exact.is_empty()),
            users: matches.map(|matches| accounts(&matches.exact)),
            other_spellings: matches.map(|matches| accounts(&matches.other_spellings)),
            auth_without_user: matches.map(|matches| matches.auth_without_user.as_slice()),
            source: owi_path,
            error: owi.err(),
        },
        password_hashes: pair.hashes,
        admin: &pair.admin,
        can_log_in: pair.can_log_in,
        obstacles: &pair.obstacles,
        notes: &pair.notes,
    };
    let json = output("check-user", fields);

    let (tone, title) = match pair.can_log_in {
        Some(true) => (Tone::Good, format!("{email} is in LAMB and Open WebUI, and can log in")),
        Some(false) => (Tone::Bad, format!("{email} cannot log in with the current LAMB and Open WebUI data")),
        None => (Tone::Warn, format!("Unknown whether {email} can log in")),
    };
    let row = |both: &crate::checks::pair::Both| {
        let (word, tone) = match both.agree {
            Some(true) => ("yes", Tone::Good),
            Some(false) => ("no", Tone::Warn),
            None => ("-", Tone::Faint),
        };
        vec![
            (format!("  {}", both.what), Tone::Faint),
            (both.lamb.clone(), Tone::Plain),
            (both.open_webui.clone(), Tone::Plain),
            (word.to_owned(), tone),
        ]
    };
    let told = pair.can_log_in.map_or("could-not-tell".to_owned(), |can| can.to_string());
    let mut sheet = Sheet::default().title(tone, title).plain_row(&["can_log_in", &told]);
    sheet = sheet.grid(&["", "LAMB", "Open WebUI", "agree"], pair.rows.iter().map(row).collect());
    let said =
        |what: &'static str, tone| move |text: &String| vec![(what.to_owned(), tone), (text.clone(), Tone::Plain)];
    let obstacles = pair.obstacles.iter().map(said("  obstacle", Tone::Bad));
    let notes = pair.notes.iter().map(said("  note", Tone::Faint));
    let all: Vec<_> = obstacles.chain(notes).collect();
    if !all.is_empty() {
        sheet = sheet.grid(&[], all);
    }
    let mut from = format!("from {path} and {owi_path}");
    if let Err(why) = owi {
        from = format!("{from}\n{why}");
    }
    View { json, sheet: sheet.findings(hits).above(near_sheet(near)).text(from) }
}
