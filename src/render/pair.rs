//! `check-user --with-owi`.

use serde_json::{Value, json};

use super::View;
use super::check::user_json;
use super::list_users::near_sheet;
use super::sheet::{Sheet, Tone};
use crate::checks::pair::Pair;
use crate::email::near::NearMatch;
use crate::findings::Hit;
use crate::lamb::Edition;
use crate::lamb::lookup::CreatorEvidence;
use crate::owi::file::db::{OwiMatches, OwiUser};

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
    let mut json = super::check::creator(evidence, usable, hits, edition, path, near).json;
    let users = |users: &[OwiUser]| users.iter().map(|user| user_json(user, true)).collect::<Vec<Value>>();
    json["open_webui"] = json!({
        "found": owi.ok().map(|matches| !matches.exact.is_empty()),
        "users": owi.ok().map(|matches| users(&matches.exact)),
        "other_spellings": owi.ok().map(|matches| users(&matches.other_spellings)),
        "auth_without_user": owi.ok().map(|matches| &matches.auth_without_user),
        "source": owi_path,
        "error": owi.err(),
    });
    json["password_hashes"] = json!(pair.hashes);
    json["admin"] = json!(pair.admin);
    json["can_log_in"] = json!(pair.can_log_in);
    json["obstacles"] = json!(pair.obstacles);
    json["notes"] = json!(pair.notes);

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
