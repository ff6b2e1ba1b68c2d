//! What was handed in as a token: a token, a whole header, or something else in its place.

use schemars::JsonSchema;
use serde::Serialize;

use crate::secret::Secret;

/// The longest text that is looked at as a token, in bytes. Servers refuse a header beyond 8 to 64 KiB.
pub const MAX_BYTES: usize = 64 << 10;

const BEARER: &str = "bearer";

/// True for `Bearer:TOKEN`, `Bearer,TOKEN` and `BearerTOKEN`.
fn is_scheme_without_blank(text: &str) -> bool {
    let is_scheme = text.get(..BEARER.len()).is_some_and(|word| word.eq_ignore_ascii_case(BEARER));
    let next = text.get(BEARER.len()..).unwrap_or_default();
    is_scheme && (next.starts_with("ey") || next.starts_with([':', ',', ';', '=']))
}

/// The scheme before a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// None was handed in; the browser puts `Bearer` before it.
    Assumed,
    /// `Bearer` and one blank.
    Bearer,
    /// `bearer` in another case and one blank: a delegated LAMB refuses it, a native one accepts it (measured).
    OtherCase,
    /// `Bearer ` twice or more: a delegated LAMB accepts it, a native one refuses it (measured).
    Doubled,
    /// `Bearer` with a tab or several blanks after it, or several times in different cases. Every server refuses it
    /// (measured: 401 after blanks, 403 after a tab).
    Spaced,
    /// Another scheme, such as `Basic`.
    Other(String),
}

/// A token as it was handed in.
#[derive(Clone, Debug)]
pub struct Presented {
    /// The scheme before it.
    pub scheme: Scheme,
    /// The token, without scheme and blanks.
    pub token: Secret,
    header: Secret,
}

impl Presented {
    /// A token alone, as the browser has it.
    pub fn bare(token: Secret) -> Self {
        let header = Secret::new(format!("Bearer {}", token.expose()));
        Self { scheme: Scheme::Assumed, token, header }
    }

    /// Reads what a person pasted. A byte order mark, quotes, a header's name and blanks around it are taken off. What
    /// is left is the token alone, or the value of the header, which is kept as it is: a server judges that.
    pub fn read(text: &str) -> Self {
        let mut value = text.trim_start_matches('\u{feff}').trim();
        if let Some(inner) = value.strip_prefix('"').and_then(|r| r.strip_suffix('"')) {
            value = inner.trim();
        }
        if let Some((name, after)) = value.split_once(':')
            && name.trim().eq_ignore_ascii_case("authorization")
        {
            value = after.trim();
        }
        let (mut rest, mut bearers, mut other_case, mut spaced) = (value, 0, false, false);
        while let Some((word, after)) = rest.split_once(char::is_whitespace)
            && word.eq_ignore_ascii_case("bearer")
        {
            let token = after.trim_start();
            bearers += 1;
            other_case |= word != "Bearer";
            spaced |= rest.len() != word.len() + 1 + token.len() || !rest[word.len()..].starts_with(' ');
            rest = token;
        }
        let scheme = match (bearers, rest.split_once(char::is_whitespace)) {
            (0, Some((word, after))) if word.bytes().all(|b| b.is_ascii_alphabetic()) => {
                let scheme = Scheme::Other(word.to_owned());
                rest = after.trim_start();
                scheme
            }
            // What follows the word is no blank, and the word belongs to no token.
            (0, _) if is_scheme_without_blank(rest) => {
                let token = rest[BEARER.len()..].trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
                return Self { scheme: Scheme::Spaced, token: Secret::new(token), header: Secret::new(value) };
            }
            // The header without a token: the blank at its end is gone.
            (0, _) if rest.eq_ignore_ascii_case(BEARER) => {
                return Self { scheme: Scheme::Bearer, token: Secret::new(""), header: Secret::new(value) };
            }
            (0, _) => return Self::bare(Secret::new(rest)),
            _ if spaced || (other_case && bearers > 1) => Scheme::Spaced,
            _ if other_case => Scheme::OtherCase,
            (1, _) => Scheme::Bearer,
            _ => Scheme::Doubled,
        };
        Self { scheme, token: Secret::new(rest), header: Secret::new(value) }
    }

    /// Keeps the token out of everything that this run shows, also if a server answers with it.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self { token: self.token.hidden(), ..self }
    }

    /// The value of the `Authorization` header that the browser sends.
    pub fn header(&self) -> &Secret {
        &self.header
    }

    /// True where LAMB's framework refuses the header with 403, before LAMB sees it: it wants the word Bearer, in any
    /// case, and something behind one blank (measured with both editions).
    pub fn is_forbidden(&self) -> bool {
        let header = self.header.expose();
        let (scheme, credentials) = header.split_once(' ').unwrap_or((header, ""));
        credentials.is_empty() || !scheme.eq_ignore_ascii_case(BEARER)
    }

    /// The value that LAMB sends on to Open WebUI. The delegated edition strips every `Bearer ` in this very case and
    /// puts one before; the native one takes the scheme in any case (both measured).
    pub fn header_to_owi(&self, native: bool) -> Secret {
        match self.scheme {
            Scheme::OtherCase if !native => Secret::new(format!("Bearer {}", self.header.expose())),
            Scheme::Spaced | Scheme::Other(_) => Secret::new(format!("Bearer {}", self.header.expose())),
            _ => Secret::new(format!("Bearer {}", self.token.expose())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (Scheme, String) {
        let presented = Presented::read(text);
        (presented.scheme, presented.token.expose().to_owned())
    }

    #[test]
    fn takes_off_what_a_tired_person_pastes() {
        assert_eq!(read(" a.b.c\r\n"), (Scheme::Assumed, "a.b.c".into()));
        assert_eq!(read("\"a.b.c\""), (Scheme::Assumed, "a.b.c".into()));
        assert_eq!(read("Authorization: Bearer a.b.c"), (Scheme::Bearer, "a.b.c".into()));
        assert_eq!(read("bearer a.b.c"), (Scheme::OtherCase, "a.b.c".into()));
        assert_eq!(read("Bearer Bearer a.b.c"), (Scheme::Doubled, "a.b.c".into()));
        assert_eq!(read("\u{feff}a.b.c"), (Scheme::Assumed, "a.b.c".into()));
        assert_eq!(read("Basic dXNlcg=="), (Scheme::Other("Basic".into()), "dXNlcg==".into()));
        assert_eq!(read(""), (Scheme::Assumed, String::new()));
        assert_eq!(read("Authorization: Bearer \n"), (Scheme::Bearer, String::new()));
    }

    /// The real servers refuse each of these: what is handed in is judged as the header that arrives.
    #[test]
    fn a_header_is_kept_as_it_was_handed_in() {
        let refused = ["Bearer  a.b.c", "Bearer\ta.b.c", "Bearer \ta.b.c", "bearer  a.b.c", "Bearer\u{a0}a.b.c"];
        for text in refused.into_iter().chain(["Bearer  Bearer a.b.c", "Bearer Bearer  a.b.c", "Bearer bearer a.b.c"]) {
            let presented = Presented::read(&format!("Authorization: {text}\n"));
            assert_eq!(presented.scheme, Scheme::Spaced, "{text:?}");
            assert_eq!((presented.header().expose(), presented.token.expose()), (text, "a.b.c"));
        }
        let lower = Presented::read("bearer a.b.c");
        assert_eq!(lower.header().expose(), "bearer a.b.c");
        assert_eq!(lower.header_to_owi(true).expose(), "Bearer a.b.c");
        assert_eq!(lower.header_to_owi(false).expose(), "Bearer bearer a.b.c");
        assert_eq!(Presented::read("Bearer Bearer a.b.c").header_to_owi(false).expose(), "Bearer a.b.c");
    }

    #[test]
    fn a_header_without_bearer_and_one_blank_is_forbidden() {
        for text in [
            "Basic YWxpY2U6",
            "Bearer\ta.b.c",
            "Bearereya.b.c",
            "Bearer: eya.b.c",
            "Bearer,eya.b.c",
            "Token a.b.c",
            "Bearer ",
        ] {
            assert!(Presented::read(text).is_forbidden(), "{text:?}");
        }
        for text in ["a.b.c", "Bearer a.b.c", "bearer a.b.c", "Bearer  a.b.c", "Bearer Bearer a.b.c"] {
            assert!(!Presented::read(text).is_forbidden(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_token_comes_out_as_it_went_in(token in "[A-Za-z0-9_-]{1,20}\\.[A-Za-z0-9_-]{1,20}\\.[A-Za-z0-9_-]{0,20}", blanks in " {0,3}") {
            prop_assert_eq!(read(&format!("{blanks}{token}{blanks}\n")).1, token.clone());
            prop_assert_eq!(read(&format!("Authorization:{blanks}Bearer {blanks}{token}")).1, token);
        }

        #[test]
        fn never_panics(text in "\\PC{0,200}") {
            let presented = Presented::read(&text);
            let _ = (presented.header(), presented.header_to_owi(true));
        }
    }
}
