//! What was handed in as a token: a token, a whole header, or something else in its place.

use serde::Serialize;

use crate::secret::Secret;

/// The longest text that is looked at as a token, in bytes. Servers refuse a header beyond 8 to 64 KiB.
pub const MAX_BYTES: usize = 64 << 10;

/// The scheme before a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// None was handed in; the browser puts `Bearer` before it.
    Assumed,
    /// `Bearer`, once.
    Bearer,
    /// `bearer` in another case: a delegated LAMB refuses it, a native one takes it (measured).
    OtherCase,
    /// `Bearer` twice or more: a delegated LAMB takes it, a native one refuses it (measured).
    Doubled,
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
}

impl Presented {
    /// Reads a text that a tired person pasted: blanks, quotes, a header's name and schemes are taken off.
    pub fn read(text: &str) -> Self {
        let mut rest = text.trim();
        if let Some(inner) = rest.strip_prefix('"').and_then(|r| r.strip_suffix('"')) {
            rest = inner.trim();
        }
        if let Some((name, value)) = rest.split_once(':')
            && name.trim().eq_ignore_ascii_case("authorization")
        {
            rest = value.trim();
        }
        let mut bearers = 0;
        let mut other_case = false;
        while let Some((word, after)) = rest.split_once(char::is_whitespace)
            && word.eq_ignore_ascii_case("bearer")
        {
            bearers += 1;
            other_case |= word != "Bearer";
            rest = after.trim_start();
        }
        let scheme = match (bearers, rest.split_once(char::is_whitespace)) {
            (0, Some((word, after))) if word.bytes().all(|b| b.is_ascii_alphabetic()) => {
                let scheme = Scheme::Other(word.to_owned());
                rest = after.trim_start();
                scheme
            }
            (0, _) => Scheme::Assumed,
            (1, _) if other_case => Scheme::OtherCase,
            (1, _) => Scheme::Bearer,
            _ => Scheme::Doubled,
        };
        Self { scheme, token: Secret::new(rest) }
    }

    /// The value of the `Authorization` header that the browser sends.
    pub fn header(&self) -> Secret {
        let token = self.token.expose();
        Secret::new(match &self.scheme {
            Scheme::Assumed | Scheme::Bearer => format!("Bearer {token}"),
            Scheme::OtherCase => format!("bearer {token}"),
            Scheme::Doubled => format!("Bearer Bearer {token}"),
            Scheme::Other(word) => format!("{word} {token}"),
        })
    }

    /// The value that LAMB sends on to Open WebUI. The delegated edition strips every `Bearer ` in this very case and
    /// puts one before; the native one takes the scheme in any case (both measured).
    pub fn header_to_owi(&self, native: bool) -> Secret {
        match self.scheme {
            Scheme::OtherCase if native => Secret::new(format!("Bearer {}", self.token.expose())),
            Scheme::OtherCase | Scheme::Other(_) => Secret::new(format!("Bearer {}", self.header().expose())),
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
        assert_eq!(read("Bearer  Bearer a.b.c"), (Scheme::Doubled, "a.b.c".into()));
        assert_eq!(read("Basic dXNlcg=="), (Scheme::Other("Basic".into()), "dXNlcg==".into()));
        assert_eq!(read(""), (Scheme::Assumed, String::new()));
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
