//! What a text of the program names is there: commands parse with today's tree, flags are of a command, and findings
//! are in the catalogue. The texts are all string literals and documentation comments of the source, but for tests.

use std::collections::BTreeSet;
use std::path::Path;

use lamb_auth::cli::tree;
use lamb_auth::findings;
use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};

use super::documents::{PLACEHOLDERS, refused};

/// Words with a hyphen in the catalogue that are no names of this program.
const HYPHENATED: &str = "built-in docker-compose double-check e-mail e-mails half-way lamb-auth read-only read-write \
                          sign-in sign-ins sign-up stand-in t0p-s3cr3t utf-8";

/// Flags of other programs that a text names.
const FOREIGN_FLAGS: [&str; 1] = ["--reference"];

/// What is read out of one file.
#[derive(Debug, Default)]
struct Source {
    /// Texts, line breaks kept.
    texts: Vec<String>,
    /// Lists of words that are handed on as a command; what is not written out is a placeholder.
    commands: Vec<Vec<String>>,
}

fn text_of(literal: &Literal) -> Option<String> {
    syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|literal| literal.value())
}

impl Source {
    fn read(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(hash) if hash.as_char() == '#' => {
                    let Some(TokenTree::Group(attribute)) = tokens.peek() else { continue };
                    if attribute.to_string().replace(' ', "") == "[cfg(test)]" {
                        // The item that only tests have.
                        for token in tokens.by_ref() {
                            let is_body = matches!(&token, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
                            if is_body || matches!(&token, TokenTree::Punct(end) if end.as_char() == ';') {
                                break;
                            }
                        }
                    }
                }
                TokenTree::Group(group) => {
                    self.commands.extend(command(&group));
                    self.read(group.stream());
                }
                TokenTree::Literal(literal) => self.texts.extend(text_of(&literal)),
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

/// A list of words that begins with a command of this program and goes on with a flag of it.
fn command(group: &Group) -> Option<Vec<String>> {
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let (mut words, mut word) = (Vec::new(), Vec::new());
    for token in group.stream() {
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => words.push(std::mem::take(&mut word)),
            token => word.push(token),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    let written = |word: &Vec<TokenTree>| match word.as_slice() {
        [TokenTree::Literal(literal)] => text_of(literal),
        _ => None,
    };
    let is_command = |word: &String| tree().get_subcommands().any(|command| command.get_name() == *word);
    words.first().and_then(written).filter(is_command)?;
    words.get(1).and_then(written).filter(|word| word.starts_with("--"))?;
    let mut all: Vec<String> = Vec::new();
    for word in &words {
        let placeholder = if all.last().is_some_and(|flag| flag == "--finding") { "owi-down" } else { "a@b.c" };
        all.push(written(word).unwrap_or_else(|| placeholder.to_owned()));
    }
    Some(all)
}

/// All files of the program, by their paths below `src`.
fn sources() -> Vec<(String, Source)> {
    fn walk(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match (path.is_dir(), path.file_stem().is_some_and(|name| name == "tests")) {
                (_, true) => {}
                (true, _) => walk(&path, found),
                (false, _) => found.extend(path.extension().is_some_and(|kind| kind == "rs").then_some(path)),
            }
        }
    }
    let mut paths = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut paths);
    paths.sort_unstable();
    let read = |path: std::path::PathBuf| {
        let mut source = Source::default();
        source.read(std::fs::read_to_string(&path).unwrap().parse().unwrap());
        (path.display().to_string().rsplit_once("/src/").unwrap().1.to_owned(), source)
    };
    paths.into_iter().map(read).collect()
}

/// The words after `lamb-auth`, to the end of the clause.
fn clause(after: &str) -> Vec<String> {
    let line = after.lines().next().unwrap_or_default();
    let line = line.split(['|', ';', '<', '>']).next().unwrap_or_default();
    let words = shlex::split(line).unwrap_or_else(|| line.split(' ').map(str::to_owned).collect());
    let mut found = Vec::new();
    for word in words {
        let bare = word.trim_end_matches(['.', ',', ':', ')', '`', '"']);
        found.extend((!bare.is_empty()).then(|| bare.to_owned()));
        if bare.len() < word.len() {
            break;
        }
    }
    found
}

/// True where the clause tells a command, and does not say what the program does.
fn is_meant_as_command(words: &[String]) -> bool {
    let Some(first) = words.first().filter(|first| !first.starts_with(['-', '{'])) else { return false };
    let is_like = |command: &clap::Command| strsim::jaro(command.get_name(), first) > 0.9;
    first.contains('-') || words.iter().any(|word| word.starts_with("--")) || tree().get_subcommands().any(is_like)
}

/// What is wrong with a command that a sentence names: some beginning of the clause with all its flags must parse.
fn wrong_command(words: &[String]) -> Option<String> {
    if !is_meant_as_command(words) {
        return None;
    }
    let filled = |word: &String| {
        let placeholder = PLACEHOLDERS.iter().find(|(name, _)| name == word);
        placeholder.map_or_else(|| word.clone(), |(_, meant)| (*meant).to_owned())
    };
    let words: Vec<String> = words.iter().map(filled).collect();
    let last_flag = words.iter().rposition(|word| word.starts_with('-')).map_or(1, |at| at + 1);
    let mut error = None;
    for end in (last_flag..=words.len()).rev() {
        error = Some(refused(&words[..end], true)?);
    }
    error
}

#[test]
fn every_command_that_a_text_of_the_program_names_parses() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (file, source) in sources() {
        for text in &source.texts {
            for (at, name) in text.match_indices("lamb-auth ") {
                let words = clause(&text[at + name.len() - 1..]);
                seen += 1;
                wrong.extend(wrong_command(&words).map(|error| format!("{file}: {words:?}\n{error}")));
            }
        }
        for words in &source.commands {
            seen += 1;
            wrong.extend(refused(words, true).map(|error| format!("{file}: {words:?}\n{error}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "only {seen} commands are seen");
}

#[test]
fn every_flag_that_a_text_of_the_program_names_is_one() {
    let mut flags: BTreeSet<String> = FOREIGN_FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    let mut tree = tree();
    tree.build();
    for command in [&tree].into_iter().chain(tree.get_subcommands()) {
        for argument in command.get_arguments() {
            let all = argument.get_long_and_visible_aliases().unwrap_or_default().into_iter();
            let all = all.chain(argument.get_all_aliases().unwrap_or_default());
            flags.extend(all.map(|name| format!("--{name}")));
        }
    }
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (file, source) in sources() {
        for text in &source.texts {
            for word in text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-') {
                if word.starts_with("--") && word.len() > 2 && !word.ends_with('-') {
                    seen += 1;
                    wrong.extend((!flags.contains(word)).then(|| format!("{file}: {word} in {text:?}")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "only {seen} flags are seen");
}

/// Words of a sentence that are spelled like the id of a finding.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| letter.is_whitespace() || "\"`'(),;:…{}".contains(letter));
    words.map(|word| word.trim_end_matches('.')).filter(|word| {
        let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        word.contains('-') && word.split('-').all(|part| !part.is_empty() && is_plain(part))
    })
}

#[test]
fn every_finding_that_a_text_of_the_program_names_is_in_the_catalogue() {
    let tree = tree();
    let known: BTreeSet<&str> = findings::catalogue()
        .iter()
        .map(|finding| finding.id)
        .chain(tree.get_subcommands().map(clap::Command::get_name))
        .chain(HYPHENATED.split_whitespace())
        .collect();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (file, source) in sources() {
        for text in &source.texts {
            for (at, name) in text.match_indices("lamb-auth explain ") {
                let id = text[at + name.len()..].split(|letter: char| !letter.is_ascii_lowercase() && letter != '-');
                let id = id.map(str::to_owned).next().filter(|id| id.contains('-') && !id.starts_with('-'));
                seen += usize::from(id.is_some());
                let unknown = id.filter(|id| findings::find(id).is_none());
                wrong.extend(unknown.map(|id| format!("{file}: explain {id}")));
            }
        }
    }
    for finding in findings::catalogue() {
        for text in [finding.title, finding.meaning, finding.how_to_tell, finding.remedy] {
            let named: Vec<_> = names(text).collect();
            seen += named.len();
            let unknown = named.into_iter().filter(|name| !known.contains(name));
            wrong.extend(unknown.map(|name| format!("{}: {name} in {text:?}", finding.id)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 50, "only {seen} findings are seen");
}

#[test]
fn a_text_that_names_what_is_not_there_is_found() {
    let dead = |text: &str| wrong_command(&clause(&text["lamb-auth".len()..])).is_some();
    assert!(dead("lamb-auth explian expired"));
    assert!(dead("lamb-auth sync --aply, then wait"));
    assert!(dead("lamb-auth assign-role --mail E --org SLUG"));
    assert!(!dead("lamb-auth assign-role --email E --org SLUG --role member, where SLUG is theirs"));
    assert!(!dead("lamb-auth config shows the path"));
    assert!(!dead("lamb-auth reads the row"));
    assert_eq!(names("see owi-gone, e-mail; X-User-Email").collect::<Vec<_>>(), ["owi-gone", "e-mail"]);
    let tokens = "#[cfg(test)] mod tests { \"a\" } call(&[\"sync\", \"--apply\", x.y()])";
    let mut source = Source::default();
    source.read(tokens.parse().unwrap());
    assert_eq!(source.texts, ["sync", "--apply"]);
    assert_eq!(source.commands, [["sync", "--apply", "a@b.c"]]);
}
