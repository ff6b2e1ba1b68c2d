//! The accounts of one e-mail, side by side.

use super::Detail;
use crate::audit::report::{Duplicate, DuplicateAccount};
use crate::clock;
use crate::email::one_line;
use crate::findings::OWI_DUPLICATE;
use crate::render::sheet::{Sheet, Tone};

/// How many accounts of one e-mail are shown to people; awk and JSON get them all.
const SHOWN: usize = 10;

/// Adds each e-mail that Open WebUI has more than once: its accounts, what they own, and how to merge them.
pub(super) fn duplicates(mut sheet: Sheet, duplicates: &[Duplicate], more: usize, detail: Detail) -> Sheet {
    for duplicate in duplicates {
        if detail >= Detail::Whole {
            sheet = told(sheet, duplicate);
        }
        sheet = plain(sheet, duplicate);
    }
    if more > 0 && detail == Detail::Summary {
        sheet = sheet.plain_row(&["more-duplicates", &more.to_string()]);
    } else if more > 0 {
        let words =
            format!("and {more} more e-mails that Open WebUI has more than once: audit --finding owi-duplicate");
        sheet = sheet.text(words).plain_row(&["more-duplicates", &more.to_string()]);
    }
    sheet
}

/// The accounts and the steps, for people.
fn told(sheet: Sheet, duplicate: &Duplicate) -> Sheet {
    let (address, accounts) = (&duplicate.address, &duplicate.accounts);
    let rows = accounts.iter().take(SHOWN).map(|account| {
        let tone = if account.signs_in == Some(true) { Tone::Good } else { Tone::Plain };
        vec![(format!("  {}", one_line(&account.id)), tone), (sentence(account), Tone::Plain)]
    });
    let title = format!("{}: {address} has {} accounts in Open WebUI", OWI_DUPLICATE.id, accounts.len());
    let mut sheet = sheet.title(Tone::Warn, title).people_grid(rows.collect());
    if accounts.len() > SHOWN {
        sheet = sheet.text(format!("  and {} more", accounts.len() - SHOWN));
    }
    sheet.people_steps(&duplicate.advice)
}

/// The same for awk.
fn plain(mut sheet: Sheet, duplicate: &Duplicate) -> Sheet {
    let address = &duplicate.address;
    for account in &duplicate.accounts {
        sheet = sheet.plain_row(&[
            "account",
            address,
            &account.id,
            &account.email,
            &account.role,
            &time(account.created_at),
            &time(account.last_active_at),
            if account.is_active { "active" } else { "not-active" },
            signs_in(account),
            &owned(account),
        ]);
    }
    for step in &duplicate.advice {
        sheet = sheet.plain_row(&["merge", address, &step.text()]);
    }
    sheet
}

fn sentence(account: &DuplicateAccount) -> String {
    let switched_off = if account.is_active { "" } else { ", switched off" };
    format!(
        "{:?}, {}, made {}, last active {}{switched_off}; signs in: {}; owns: {}",
        account.email,
        one_line(&account.role),
        time(account.created_at),
        time(account.last_active_at),
        signs_in(account),
        owned(account)
    )
}

fn time(seconds: Option<i64>) -> String {
    seconds.map_or_else(|| "-".to_owned(), clock::rfc3339)
}

fn signs_in(account: &DuplicateAccount) -> &'static str {
    match (account.signs_in, account.signs_in_by_password) {
        (Some(true), _) => "yes",
        (Some(false), Some(true)) => "by password only",
        (Some(false), _) => "no",
        (None, _) => "not known",
    }
}

fn owned(account: &DuplicateAccount) -> String {
    let owned: Vec<_> = account.owns.iter().map(|owned| format!("{} {}", owned.count, owned.what)).collect();
    if owned.is_empty() { "nothing".to_owned() } else { owned.join(", ") }
}
