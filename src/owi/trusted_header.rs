//! LAMB's trusted header: what fits into it, and whether it may be sent.
//!
//! LAMB signs its users in to Open WebUI by two headers, `X-User-Email` and `X-User-Name`. Open WebUI makes an account
//! for an e-mail that it does not find, so this program sends the header only for a [`KnownEmail`].

use super::api::answers::ServerInfo;
use super::api::sign_in_header::{KnownEmail, header_value};
use super::file::db::OwiMatches;
use super::same_file::Identity;
use crate::email::Email;

/// Proves that the trusted header may be sent for this e-mail.
///
/// `file`: what `webui.db` has of the address, where it is at hand; `identity`: whether the server has confirmed that
/// this file is its own.
///
/// The server's own word for an account is not enough: it shows an e-mail that is stored as bytes like any other,
/// and its sign-in does not find it (measured).
///
/// # Errors
/// Why the header must not be sent, in a sentence.
pub fn prove(
    email: &Email,
    info: &ServerInfo,
    file: Option<&OwiMatches>,
    identity: Identity,
) -> Result<KnownEmail, String> {
    let header = header_value(email.as_str())
        .map_err(|why| format!("LAMB's header cannot hold the e-mail {:?}: {why}", email.as_str()))?;
    if !email.is_canonical() {
        return Err(format!(
            "Open WebUI's sign-in would look for {:?}, not for {:?}",
            email.canonical(),
            email.as_str()
        ));
    }
    // A file of another server says nothing about this one.
    let file = file.filter(|_| identity != Identity::Other);
    if let Some(why) = file.and_then(|matches| not_found_by_email(email, matches)) {
        return Err(why);
    }
    let is_known = identity == Identity::Same && file.is_some();
    if is_known || info.trusted_sign_in_makes_no_account() {
        return Ok(KnownEmail::proved(header));
    }
    Err(format!(
        "this Open WebUI could make an account for an e-mail that it does not find, and nothing proves that it \
         finds {email}"
    ))
}

/// Why the server's look-up by this e-mail would find no user, by its file; `None` where it finds one.
fn not_found_by_email(email: &Email, matches: &OwiMatches) -> Option<String> {
    let mut found = matches.exact.iter().filter(|user| user.is_found_by_email).peekable();
    if found.peek().is_none() {
        return Some(match matches.exact.is_empty() {
            true => format!("webui.db has no user {email}"),
            false => format!("webui.db has {email} as bytes, not as text: Open WebUI's sign-in does not find it"),
        });
    }
    // Of several rows the server takes any; one that it cannot read is none to it.
    found
        .find(|user| !user.unreadable.is_empty())
        .map(|user| format!("Open WebUI cannot read the row of {email}: {}", user.unreadable.join("; ")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::owi::file::db::OwiUser;

    fn info(signup: bool) -> ServerInfo {
        ServerInfo {
            version: Some("0.5.6".to_owned()),
            trusted_header: Some(true),
            signup: Some(signup),
            auth: None,
            onboarding: false,
            clock_ahead: 0,
        }
    }

    fn user(email: &str) -> OwiUser {
        OwiUser::for_test("u", email)
    }

    fn prove(email: &str, signup: bool, users: Option<Vec<OwiUser>>, identity: Identity) -> Result<Vec<u8>, String> {
        let file = users.map(|exact| OwiMatches { exact, ..OwiMatches::default() });
        let known = super::prove(&Email::stored(email), &info(signup), file.as_ref(), identity);
        known.map(|known| known.header().as_bytes().to_owned())
    }

    #[test]
    fn only_an_e_mail_that_the_server_finds_is_sent() {
        use Identity::{Other, Same, Unknown};
        let known = || Some(vec![user("josé@x")]);
        let bytes = || Some(vec![OwiUser { is_found_by_email: false, ..user("josé@x") }]);
        let unreadable =
            || Some(vec![user("josé@x"), OwiUser { unreadable: vec!["name is NULL".to_owned()], ..user("josé@x") }]);
        let table = [
            (true, known(), Same, true),
            (true, known(), Unknown, false),
            (true, known(), Other, false),
            (true, None, Same, false),
            (true, Some(Vec::new()), Same, false),
            (true, bytes(), Same, false),
            (true, unreadable(), Same, false),
            (false, known(), Unknown, true),
            (false, known(), Same, true),
            (false, None, Unknown, true),
            (false, Some(Vec::new()), Other, true),
            (false, Some(Vec::new()), Unknown, false),
            (false, bytes(), Same, false),
            (false, bytes(), Unknown, false),
            (false, unreadable(), Unknown, false),
        ];
        for (signup, users, identity, sent) in table {
            let about = format!("signup {signup} {users:?} {identity:?}");
            let proved = prove("josé@x", signup, users, identity);
            assert_eq!(proved.is_ok(), sent, "{about}: {proved:?}");
        }
        for email in ["JOSÉ@x", " jose@x", "😀@x", "jose\u{301}@x", "a\u{200b}@x", "a\0@x"] {
            assert!(prove(email, false, Some(vec![user(email)]), Same).is_err(), "{email:?}");
        }
    }

    proptest! {
        /// Open WebUI decodes Latin-1 and lower-cases: what it then looks for is the very e-mail.
        #[test]
        fn what_is_sent_reads_as_the_e_mail(email in "[a-zA-Zà-ÿÀ-Þß@. \u{a0}Ł]{1,12}") {
            if let Ok(bytes) = prove(&email, true, Some(vec![user(&email)]), Identity::Same) {
                let read: String = bytes.iter().copied().map(char::from).collect();
                prop_assert_eq!(read.to_lowercase(), email);
            }
        }
    }
}
