//! Text as it may be shown: without the secrets of this run, and without characters that deceive a reader.
//!
//! What a server, a file or an argument says can hold anything, even the token that was sent a moment ago. Everything
//! that is printed goes through [`clean`], or through [`mask_json`] and [`escape_json`] where it is JSON.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;
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

/// How this program is called where its reader types: `LAMB_AUTH_COMMAND`, or its name.
static PROGRAM: OnceLock<String> = OnceLock::new();

/// The variable that says how this program is called, such as `docker-compose exec backend lamb-auth`.
pub(crate) const PROGRAM_VARIABLE: &str = "LAMB_AUTH_COMMAND";

/// What is typed to run this program.
pub(crate) fn program() -> &'static str {
    PROGRAM.get_or_init(|| {
        let said = std::env::var(PROGRAM_VARIABLE).unwrap_or_default();
        let said = said.trim();
        // A text that a terminal obeys, or of many lines, is no command.
        let is_sound = !said.is_empty() && !said.contains(|c: char| c.is_control() || is_deceptive(c));
        if is_sound { said.to_owned() } else { "lamb-auth".to_owned() }
    })
}

/// True where commands are told by the program's bare name, although the reader may be outside of its container. In a
/// sandbox, the same command on the host would be about the real deployment.
pub(crate) fn may_need_a_wrapper() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|said| !said.is_empty());
    !is_set(PROGRAM_VARIABLE) && !is_set("LAMB_AUTH_SANDBOX") && is_container(Path::new("/"))
}

/// True where the system with this root is a container, as its engine marks it.
fn is_container(root: &Path) -> bool {
    let marked = [".dockerenv", "run/.containerenv"].iter().any(|mark| root.join(mark).exists());
    if marked {
        return true;
    }
    let groups = std::fs::read_to_string(root.join("proc/1/cgroup")).unwrap_or_default();
    ["docker", "containerd", "kubepods", "libpod", "lxc"].iter().any(|engine| groups.contains(engine))
}

/// A command of this program as a line for a shell: its words, the flags of this run's settings, and switches.
pub(crate) fn command_line(words: &[String], switches: &[String]) -> String {
    let mut line = vec![program().to_owned()];
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

/// The length of the command line at the beginning of a text: of this program or of `sqlite3`, as far as its words can
/// be told from the sentence around it. `None` where no command begins there.
pub(crate) fn command_at(text: &str) -> Option<usize> {
    let mut words = Words { text, at: 0 };
    let mut end = words.program()?;
    if text.starts_with(SQLITE) {
        // A path, and a statement in quotes.
        words.next_word()?;
        let statement = words.next_word()?;
        return text[statement.0..].starts_with('"').then_some(statement.1);
    }
    let name = words.next_word()?;
    if !is_command_name(&text[name.0..name.1]) {
        return None;
    }
    let mut before = &text[name.0..name.1];
    end = end.max(name.1);
    while !before.ends_with(['.', ',', ';', ':', ')']) {
        let Some((from, to)) = words.next_word() else { break };
        let word = &text[from..to];
        let is_value = before.starts_with("--") && !before.contains('=');
        // A word in small letters is one of the sentence.
        let is_prose = word.trim_end_matches(['.', ',', ';', ':', ')']).bytes().all(|b| b.is_ascii_lowercase());
        let is_flag = word.starts_with('-') && word.len() > 1;
        if !is_flag && !is_value && is_prose {
            break;
        }
        (before, end) = (word, to);
    }
    Some(end)
}

const SQLITE: &str = "sqlite3 ";

/// The commands of this program that texts name.
pub(crate) const COMMANDS: [&str; 21] = [
    "diagnose",
    "audit",
    "list-users",
    "list-organizations",
    "check-user",
    "check-owi-user",
    "verify-token",
    "refresh-token",
    "create-creator",
    "assign-role",
    "update-creator",
    "update-organization",
    "sync",
    "history",
    "undo",
    "support-bundle",
    "explain",
    "config",
    "schema",
    "sandbox",
    "completions",
];

/// True for the name of a command, with what ends a sentence.
fn is_command_name(word: &str) -> bool {
    COMMANDS.contains(&word.trim_end_matches(['.', ',', ';', ':', ')']))
}

/// A text with each command as its reader has to type it.
pub(crate) fn as_typed(text: &str) -> Cow<'_, str> {
    called_by(program(), text)
}

fn called_by<'a>(program: &str, text: &'a str) -> Cow<'a, str> {
    const NAME: &str = "lamb-auth";
    if program == NAME || !text.contains(NAME) {
        return Cow::Borrowed(text);
    }
    let inside = program.find(NAME);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(NAME) {
        // What is called so already is left as it is.
        let called = inside.and_then(|inside| at.checked_sub(inside)).filter(|from| {
            let called = rest.get(*from..).and_then(|here| here.strip_prefix(program));
            called.is_some_and(|after| after.starts_with(' '))
        });
        if let Some(from) = called {
            let (done, after) = rest.split_at(from + program.len());
            out.push_str(done);
            rest = after;
            continue;
        }
        let (before, here) = rest.split_at(at);
        let after = &here[NAME.len()..];
        let name = after.strip_prefix(' ').and_then(|after| after.split([' ', '\n']).next()).unwrap_or_default();
        let begins = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !"/-_.".contains(c));
        out.push_str(before);
        out.push_str(if is_command_name(name) && begins { program } else { NAME });
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The words of a text, with quotes as a shell has them.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl Words<'_> {
    /// The place after the name of a program that is known here.
    fn program(&mut self) -> Option<usize> {
        let name = [program(), "lamb-auth", SQLITE.trim_end()]
            .into_iter()
            .find(|name| self.text.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')))?;
        self.at = name.len();
        Some(self.at)
    }

    /// Where the next word begins and ends. A quote goes on to its end, if it has one.
    fn next_word(&mut self) -> Option<(usize, usize)> {
        let rest = self.text.get(self.at..)?.strip_prefix(' ')?;
        let from = self.at + 1;
        let quoted = rest.chars().next().filter(|quote| ['"', '\''].contains(quote));
        let closing = quoted.and_then(|quote| rest[1..].find(quote)).map_or(0, |at| at + 2);
        let to = from + closing + rest[closing..].find(' ').unwrap_or(rest.len() - closing);
        self.at = to;
        (to > from).then_some((from, to))
    }
}

/// A word as a shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
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

    #[test]
    fn a_command_in_a_sentence_is_known_to_its_end() {
        for (command, rest) in [
            ("lamb-auth explain owi-down", " says why"),
            ("lamb-auth diagnose --email E", " names a sqlite3 command"),
            ("lamb-auth update-creator --email E --rename NEW.", " Then"),
            ("lamb-auth create-creator --email 'o neil@x' --force,", " if needed"),
            ("lamb-auth undo RUN", " takes it back"),
            ("sqlite3 /srv/webui.db \"UPDATE auth SET active = 1;\"", " as root"),
        ] {
            let text = format!("{command}{rest}");
            assert_eq!(command_at(&text).map(|end| &text[..end]), Some(command), "{text}");
        }
        for text in ["", "lamb-auth", "sqlite3 to set a column", "a lamb-auth explain x", "lamb-auth  x"] {
            assert_eq!(command_at(text), None, "{text}");
        }
    }

    #[test]
    fn commands_are_called_as_their_reader_calls_the_program() {
        let compose = "docker-compose exec backend lamb-auth";
        for (text, typed) in [
            ("hint: lamb-auth audit", "hint: docker-compose exec backend lamb-auth audit"),
            (
                "or lamb-auth undo RUN. lamb-auth asks",
                "or docker-compose exec backend lamb-auth undo RUN. lamb-auth asks",
            ),
            ("docker-compose exec backend lamb-auth audit", "docker-compose exec backend lamb-auth audit"),
            ("/usr/bin/lamb-auth audit, lamb-auth.journal.jsonl", "/usr/bin/lamb-auth audit, lamb-auth.journal.jsonl"),
        ] {
            assert_eq!(called_by(compose, text), typed);
            assert_eq!(called_by("lamb-auth", text), text);
            let boxed = called_by("lamb-auth sandbox --", text).into_owned();
            assert_eq!(called_by("lamb-auth sandbox --", &boxed), boxed);
        }
        let (boxed, once) =
            ("lamb-auth sandbox --", "or: lamb-auth sandbox -- undo RUN, then lamb-auth sandbox -- audit");
        assert_eq!(called_by(boxed, "or: lamb-auth undo RUN, then lamb-auth audit"), once);
    }

    #[test]
    fn a_container_is_known_by_the_marks_of_its_engine() {
        for (file, text, is_one) in [
            (".dockerenv", "", true),
            ("run/.containerenv", "", true),
            ("proc/1/cgroup", "12:pids:/docker/0123abcd", true),
            ("proc/1/cgroup", "0::/kubepods.slice/pod7", true),
            ("proc/1/cgroup", "0::/init.scope", false),
            ("etc/hostname", "docker", false),
        ] {
            let root = tempfile::tempdir().unwrap();
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
            assert_eq!(is_container(root.path()), is_one, "{file}: {text}");
        }
    }

    proptest! {
        #[test]
        fn a_command_ends_inside_its_text(text in "(lamb-auth|sqlite3|x)[a-z E'\"é.-]{0,40}") {
            if let Some(end) = command_at(&text) {
                prop_assert!(text.is_char_boundary(end) && end <= text.len());
            }
        }

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
