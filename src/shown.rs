//! Text as it may be shown: without the secrets of this run, and without characters that deceive a reader.
//!
//! What a server, a file or an argument says can hold anything, even the token that was sent a moment ago. Everything
//! that is printed goes through [`clean`], or through [`mask_json`] and [`escape_json`] where it is JSON.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::{OnceLock, PoisonError, RwLock};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

/// What stands in the place of a secret.
pub const MASK: &str = "****";

/// Shorter secrets are words, such as `admin`: masking them would spoil every text.
const SHORTEST: usize = 12;
/// So many secrets are remembered: more than the settings and the arguments of one run hold.
const MOST: usize = 256;

static SECRETS: RwLock<Vec<SecretString>> = RwLock::new(Vec::new());

/// Remembers a secret of this run, so that no output shows it. A token needs no remembering: it is known by its form.
pub(crate) fn hide(secret: &str) {
    let secret = secret.trim();
    if secret.chars().count() < SHORTEST || jwt(secret) == Some((0, secret.len())) {
        return;
    }
    let mut secrets = SECRETS.write().unwrap_or_else(PoisonError::into_inner);
    if secrets.len() < MOST && secrets.iter().all(|known| known.expose_secret() != secret) {
        secrets.push(SecretString::from(secret.to_owned()));
        // A secret that is part of another one must not leave the rest of that in the text.
        secrets.sort_by_key(|known| std::cmp::Reverse(known.expose_secret().len()));
    }
}

/// A text without the secrets that were hidden, and without anything that looks like a JWT.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for secret in SECRETS.read().unwrap_or_else(PoisonError::into_inner).iter() {
        if text.contains(secret.expose_secret()) {
            text = Cow::Owned(text.replace(secret.expose_secret(), MASK));
        }
    }
    let mut from = 0;
    while let Some((start, end)) = jwt(&text[from..]) {
        text.to_mut().replace_range(from + start..from + end, MASK);
        from += start + MASK.len();
    }
    text
}

/// The place of the first thing that looks like a JWT: three parts of base64url with dots between them, of which the
/// first begins as a JSON object does. A cut-off signature is one too.
fn jwt(text: &str) -> Option<(usize, usize)> {
    let part = |text: &str| text.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
    for (start, _) in text.match_indices("eyJ") {
        let header = part(&text[start..]);
        let Some(rest) = text[start + header..].strip_prefix('.') else { continue };
        let claims = part(rest);
        let Some(signature) = rest[claims..].strip_prefix('.').filter(|_| claims >= 4) else { continue };
        return Some((start, start + header + 1 + claims + 1 + part(signature)));
    }
    None
}

/// True for a character that a terminal obeys, that turns the direction of writing, or that has no width: a reader does
/// not see it, or sees something else. A line break is not one.
pub(crate) fn is_deceptive(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The flags by which this run was told its settings: a command that it suggests must be about the same deployment.
static SETTINGS_FLAGS: OnceLock<Vec<String>> = OnceLock::new();

/// Remembers these flags for every command that is shown. Called once, at the start.
pub(crate) fn set_settings_flags(flags: Vec<String>) {
    // A second call changes nothing; there is none.
    let _ = SETTINGS_FLAGS.set(flags);
}

/// A command of this program as a line for a shell: its words, the flags of this run's settings, and switches.
pub(crate) fn command_line(words: &[String], switches: &[String]) -> String {
    let mut line = vec!["lamb-auth".to_owned()];
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        // A value that looks like a flag is taken for one unless it is tied to its own.
        match words.next_if(|next| word.starts_with("--") && next.starts_with('-')) {
            Some(value) => line.push(format!("{word}={}", quoted(value))),
            None => line.push(quoted(word)),
        }
    }
    line.extend(SETTINGS_FLAGS.get().into_iter().flatten().map(|word| quoted(word)));
    line.extend(switches.iter().cloned());
    line.join(" ")
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    shlex::Quoter::new().allow_nul(true).quote(word).unwrap_or_default().into_owned()
}

/// A text for people: masked, and with deceptive characters as their numbers. Line breaks stay.
pub(crate) fn clean(text: &str) -> String {
    let text = mask(text);
    if !text.contains(is_deceptive) {
        return text.into_owned();
    }
    text.chars().fold(String::new(), |mut out, c| {
        if is_deceptive(c) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
        out
    })
}

/// Masks every text in a JSON value.
pub(crate) fn mask_json(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(masked) = mask(text) {
                *text = masked;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(mask_json),
        Value::Object(members) => members.values_mut().for_each(mask_json),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Serialized JSON in which deceptive characters are escaped. It says the same: they only stand inside strings.
pub(crate) fn escape_json(json: String) -> String {
    if !json.contains(is_deceptive) {
        return json;
    }
    let mut units = [0; 2];
    json.chars().fold(String::new(), |mut out, c| {
        if is_deceptive(c) {
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const TOKEN: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJpZCI6IjEifQ.c2lnbmF0dXJl-_";

    #[test]
    fn a_jwt_is_masked_wherever_it_stands() {
        assert_eq!(mask(TOKEN), "****");
        assert_eq!(mask(&format!("Bearer {TOKEN}, {TOKEN}!")), "Bearer ****, ****!");
        assert_eq!(mask(&format!("x{}", &TOKEN[..TOKEN.len() - 14])), "x****");
        for harmless in ["eyJ", "eyJ.x", "eyJhbG.ciOi", "a.b.c", "lamb-auth 0.12.4", "keyJar.of.me"] {
            assert_eq!(mask(harmless), harmless);
        }
    }

    #[test]
    fn a_remembered_secret_is_masked_and_a_short_one_is_not() {
        hide("admin");
        hide(" shown-tests-secret-one\n");
        hide("shown-tests-secret-one-and-more");
        assert_eq!(mask("admin has shown-tests-secret-one-and-more, shown-tests-secret-one"), "admin has ****, ****");
        let mut value = json!({"a": ["shown-tests-secret-one", 1], "b": {"c": TOKEN}});
        mask_json(&mut value);
        assert_eq!(value, json!({"a": ["****", 1], "b": {"c": "****"}}));
    }

    #[test]
    fn what_deceives_a_reader_is_escaped() {
        assert_eq!(clean("a\u{1b}[31mb\tc\u{202e}"), "a\\u{1b}[31mb\\u{9}c\\u{202e}");
        assert_eq!(
            clean("a\u{7f}\u{9b}2J\u{200b}\u{feff}\u{2066}\nb"),
            "a\\u{7f}\\u{9b}2J\\u{200b}\\u{feff}\\u{2066}\nb"
        );
        assert_eq!(clean("Zoë O'Neil 王 😀"), "Zoë O'Neil 王 😀");
    }

    proptest! {
        #[test]
        fn escaped_json_says_the_same(text in "[\\x00-\\u{ff}\\u{200b}-\\u{2070}\\u{e0001}a😀]{0,20}") {
            let value = json!({"text": text});
            let escaped = escape_json(value.to_string());
            prop_assert!(!escaped.contains(is_deceptive));
            prop_assert_eq!(serde_json::from_str::<Value>(&escaped).unwrap(), value);
        }

        #[test]
        fn masking_never_panics(text in "[eyJ.a é\\n-]{0,40}") {
            let _ = clean(&text);
        }
    }
}
