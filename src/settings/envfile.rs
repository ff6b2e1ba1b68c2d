//! `.env`, read as LAMB's own loader (python-dotenv) reads it, without touching the process's environment.
//!
//! Our own reader, because the crates there are differ from it where it matters: they refuse `NAME=two words`,
//! and they expand the `$` of a secret such as `pa$word`, which python-dotenv leaves alone.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::SettingsError;
use crate::files;

/// The values of a `.env` file.
#[derive(Debug, Default)]
pub(super) struct EnvFile {
    pub(super) path: PathBuf,
    pub(super) values: BTreeMap<String, String>,
}

/// Reads `asked`, else `.env` of the working folder where there is one; with it come sentences about lines
/// that were not understood. Their text is not told: it may hold a secret.
pub(super) fn read(asked: Option<&Path>) -> Result<(EnvFile, Vec<String>), SettingsError> {
    let path = asked.unwrap_or(Path::new(".env"));
    let text = match files::read_text(path) {
        Ok(text) => text,
        Err(error) if asked.is_none() => {
            let absent = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory);
            let warning =
                (!absent).then(|| format!("note: cannot read {}: {error}; its settings are not used", path.display()));
            return Ok((EnvFile::default(), warning.into_iter().collect()));
        }
        Err(source) => return Err(SettingsError::EnvFile { path: path.to_owned(), source }),
    };
    let shown = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (values, bad) = parse(&text, &|name| std::env::var_os(name)?.into_string().ok())
        .map_err(|source| SettingsError::EnvFile { path: shown.clone(), source })?;
    let warnings =
        (bad > 0).then(|| format!("note: ignored {bad} line(s) of {} that are not NAME=VALUE", shown.display()));
    Ok((EnvFile { path: shown, values }, warnings.into_iter().collect()))
}

/// So many bytes may all the values together have that refer to others: each line can double the one before it.
const LARGEST_EXPANSION: usize = 1 << 20;

/// The values, and how many lines were not understood.
///
/// # Errors
/// If the values that refer to others are larger than [`LARGEST_EXPANSION`].
fn parse(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> io::Result<(BTreeMap<String, String>, usize)> {
    let mut room = LARGEST_EXPANSION;
    let mut values = BTreeMap::new();
    let mut bad = 0;
    let mut rest = text.trim_start_matches('\u{feff}');
    while !rest.is_empty() {
        let line = rest.lines().next().unwrap_or_default();
        let next_line = || &rest[rest.find('\n').map_or(rest.len(), |i| i + 1)..];
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            rest = next_line();
            continue;
        }
        let declared = trimmed.strip_prefix("export ").map_or(trimmed, str::trim_start);
        let name = declared.split('=').next().unwrap_or_default().trim().trim_matches('\'');
        let Some(equals) = line.find('=').filter(|_| !name.is_empty() && !name.contains(char::is_whitespace)) else {
            bad += 1;
            rest = next_line();
            continue;
        };
        let value = rest[equals + 1..].trim_start_matches([' ', '\t']);
        match quoted(value) {
            Some((text, after)) => {
                values.insert(name.to_owned(), expand(&text, &values, environment, &mut room)?);
                rest = &after[after.find('\n').map_or(after.len(), |i| i + 1)..];
            }
            None => {
                values.insert(name.to_owned(), expand(unquoted(value), &values, environment, &mut room)?);
                rest = next_line();
            }
        }
    }
    Ok((values, bad))
}

/// A text in quotes, which may span lines, and what follows it.
fn quoted(value: &str) -> Option<(String, &str)> {
    let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let mut text = String::new();
    let mut chars = value.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match chars.next()?.1 {
                c if c == quote || c == '\\' => text.push(c),
                'n' if quote == '"' => text.push('\n'),
                't' if quote == '"' => text.push('\t'),
                'r' if quote == '"' => text.push('\r'),
                c => text.extend(['\\', c]),
            },
            c if c == quote => return Some((text, &value[at + 1..])),
            c => text.push(c),
        }
    }
    None
}

/// The rest of the line, up to a `#` with a blank before it.
fn unquoted(value: &str) -> &str {
    let line = value.lines().next().unwrap_or_default();
    let comment = line.match_indices('#').map(|(at, _)| at).find(|at| line[..*at].ends_with(char::is_whitespace));
    let start = if line.starts_with('#') { Some(0) } else { comment };
    line[..start.unwrap_or(line.len())].trim_end()
}

/// Fills in `${NAME}` and `${NAME:-default}`; the environment beats the lines above. Not again in what it fills in.
/// `room`: how many bytes may still be filled in.
fn expand(
    text: &str,
    above: &BTreeMap<String, String>,
    environment: &dyn Fn(&str) -> Option<String>,
    room: &mut usize,
) -> io::Result<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let inner = &rest[start + 2..start + length];
        let (name, default) = inner.split_once(":-").unwrap_or((inner, ""));
        out.push_str(&rest[..start]);
        let value = environment(name).or_else(|| above.get(name).cloned()).unwrap_or_else(|| default.to_owned());
        *room = room.checked_sub(value.len()).ok_or_else(|| {
            io::Error::other(format!(
                "the values that refer to others (${{…}}) are larger than {LARGEST_EXPANSION} bytes"
            ))
        })?;
        out.push_str(&value);
        rest = &rest[start + length + 1..];
    }
    Ok(out + rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn any_file_is_read_or_refused() {
        crate::mutated::survives("env-files", |bytes| {
            let names = |name: &str| (name == "HOME").then(|| "/root".to_owned());
            if let Ok((values, _)) = parse(&String::from_utf8_lossy(bytes), &names) {
                assert!(values.keys().all(|name| !name.is_empty()), "{values:?}");
            }
        });
    }

    #[test]
    fn reads_what_python_reads() {
        // Each line's value was read by python-dotenv 1.0.
        let text = "# comment\nexport A=1\nB='pa$s'\nC=pa$s\nD=\"x ${A}\"\nE=\n\nF=two words # tail\nG = spaced\n\
                    H=a#b\nI=\"multi\nline\"\nJ='it\\'s'\nK=${NOPE:-fallback}\nL=last";
        let (values, bad) = parse(text, &|_| None).unwrap();
        let expected = [
            ("A", "1"),
            ("B", "pa$s"),
            ("C", "pa$s"),
            ("D", "x 1"),
            ("E", ""),
            ("F", "two words"),
            ("G", "spaced"),
            ("H", "a#b"),
            ("I", "multi\nline"),
            ("J", "it's"),
            ("K", "fallback"),
            ("L", "last"),
        ];
        assert_eq!(values.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
        assert_eq!(bad, 0);
    }

    #[test]
    fn counts_what_it_does_not_understand() {
        assert_eq!(parse("no equals sign\n=x\nA=1", &|_| None).unwrap().1, 2);
    }

    /// Twenty-four such lines took 40 s; a hundred would take all memory.
    #[test]
    fn lines_that_double_each_other_are_an_error() {
        let lines = (1..100).map(|i| format!("A{i}=${{A{}}}${{A{}}}\n", i - 1, i - 1));
        let text: String = std::iter::once("A0=0123456789\n".to_owned()).chain(lines).collect();
        assert!(parse(&text, &|_| None).unwrap_err().to_string().contains("larger than 1048576 bytes"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "[A-Z='\"#$\\\\{}\n é:-]{0,60}") {
            let _ = parse(&text, &|_| None);
        }
    }
}
