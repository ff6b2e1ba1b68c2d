//! What fits into the header by which LAMB signs in, and an e-mail that may be sent in it.

use reqwest::header::HeaderValue;

/// Why LAMB cannot put a text into a header: measured with both editions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// A character that Latin-1 does not have.
    #[error("{0:?} (U+{n:04X}) is beyond Latin-1", n = *.0 as u32)]
    Beyond(char),
    /// A blank at the beginning.
    #[error("it begins with a blank")]
    LeadingBlank,
    /// A line break, NUL or another control character.
    #[error("it contains a control character")]
    Control,
}

/// A text as LAMB sends it in a header: one byte a character, in Latin-1. That is how Open WebUI reads it.
///
/// # Errors
/// What LAMB cannot send.
pub fn header_value(text: &str) -> Result<HeaderValue, Unsendable> {
    if text.starts_with(char::is_whitespace) {
        return Err(Unsendable::LeadingBlank);
    }
    // Nearly every text is ASCII, and an audit asks for each user.
    if text.is_ascii() {
        return HeaderValue::from_str(text).map_err(|_| Unsendable::Control);
    }
    let latin1 = |c: char| u8::try_from(u32::from(c)).map_err(|_| Unsendable::Beyond(c));
    let bytes: Vec<u8> = text.chars().map(latin1).collect::<Result<_, _>>()?;
    HeaderValue::from_bytes(&bytes).map_err(|_| Unsendable::Control)
}

/// Why LAMB cannot put a text into a header; `None` where it can. An audit asks for each user.
pub fn why_unsendable(text: &str) -> Option<Unsendable> {
    let is_plain = !text.starts_with(' ') && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain { None } else { header_value(text).err() }
}

/// An e-mail that a server is known to find at a trusted sign-in, so that the sign-in makes no account. Only
/// [`prove`](crate::owi::trusted_header::prove) makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownEmail(HeaderValue);

impl KnownEmail {
    /// For what was proved.
    pub(in crate::owi) fn proved(header: HeaderValue) -> Self {
        Self(header)
    }

    /// The header's value.
    pub fn header(&self) -> &HeaderValue {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_holds_what_lamb_sends() {
        assert_eq!(header_value("josé@campus.edu").unwrap().as_bytes(), b"jos\xe9@campus.edu");
        assert_eq!(header_value("ÿ\u{80} x ").unwrap().as_bytes(), b"\xff\x80 x ");
        for (text, why) in [
            ("Łukasz", Unsendable::Beyond('Ł')),
            ("jose\u{301}", Unsendable::Beyond('\u{301}')),
            ("a\u{200b}", Unsendable::Beyond('\u{200b}')),
            (" a", Unsendable::LeadingBlank),
            ("\u{a0}a", Unsendable::LeadingBlank),
            ("a\nb", Unsendable::Control),
            ("a\0", Unsendable::Control),
        ] {
            assert_eq!(header_value(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn the_quick_answer_is_that_of_the_header() {
        let ascii = || (0..128_u8).map(char::from);
        for text in ascii().flat_map(|a| ascii().map(move |b| format!("{a}{b}"))).chain(["".to_owned(), "é".to_owned()])
        {
            assert_eq!(why_unsendable(&text), header_value(&text).err(), "{text:?}");
        }
    }
}
