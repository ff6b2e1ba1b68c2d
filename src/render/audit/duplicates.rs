//! The accounts of one e-mail, side by side.

use crate::audit::report::{Account, Duplicate};
use crate::clock;
use crate::findings::Mend;
use crate::render::sheet::{Sheet, Tone};

/// How many accounts of one e-mail are shown to people; awk and JSON get them all.
const SHOWN: usize = 10;

/// Adds each e-mail that Open WebUI has more than once: its accounts, what hangs on them, and how they are merged.
pub(super) fn duplicates(mut sheet: Sheet, duplicates: &[Duplicate]) -> Sheet {
    for duplicate in duplicates {
        sheet = self::duplicate(sheet, duplicate);
    }
    sheet
}

fn duplicate(sheet: Sheet, duplicate: &Duplicate) -> Sheet {
    let (address, accounts) = (&duplicate.address, &duplicate.accounts);
    let title = format!("{address}: {} accounts in Open WebUI", accounts.len());
    let headers = ["", "e-mail", "role", "made", "last active", "active", "signs in", "hangs on it"];
    let header = headers.map(|text| (if text.is_empty() { "  id".to_owned() } else { text.to_owned() }, Tone::Faint));
    let mut rows = vec![header.to_vec()];
    rows.extend(accounts.iter().take(SHOWN).map(|account| row(account).to_vec()));
    let mut sheet = sheet.title(Tone::Warn, title).people_grid(rows);
    if accounts.len() > SHOWN {
        sheet = sheet.text(format!("  and {} more", accounts.len() - SHOWN));
    }
    for account in accounts {
        let cells = row(account).map(|(text, _)| text);
        let mut cells: Vec<&str> = cells.iter().map(|text| text.trim_start()).collect();
        cells.splice(..0, ["account", address.as_str()]);
        sheet = sheet.plain_row(&cells);
    }
    for step in &duplicate.advice {
        sheet = sheet.plain_row(&["merge", address, step.text()]);
    }
    sheet.steps(&duplicate.advice)
}

fn row(account: &Account) -> [(String, Tone); 8] {
    let time = |seconds: Option<i64>| seconds.map_or_else(|| "-".to_owned(), clock::rfc3339);
    let (active, active_tone) = if account.is_active { ("yes", Tone::Good) } else { ("no", Tone::Bad) };
    let (signs_in, signs_tone) = match (account.signs_in, account.signs_in_by_password) {
        (Some(true), _) => ("yes", Tone::Good),
        (Some(false), Some(true)) => ("by password only", Tone::Warn),
        (Some(false), _) => ("no", Tone::Faint),
        (None, _) => ("not known", Tone::Warn),
    };
    let hangs: Vec<_> = account.hangs.iter().map(|(word, many)| format!("{many} {word}")).collect();
    let hangs = if hangs.is_empty() { "nothing".to_owned() } else { hangs.join(", ") };
    [
        (format!("  {}", account.id), Tone::Plain),
        (account.email.clone(), Tone::Plain),
        (account.role.clone(), Tone::Plain),
        (time(account.created_at), Tone::Plain),
        (time(account.last_active_at), Tone::Plain),
        (active.to_owned(), active_tone),
        (signs_in.to_owned(), signs_tone),
        (hangs, Tone::Plain),
    ]
}
