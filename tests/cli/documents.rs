//! The documentation is true: its commands parse with today's tree, its links have targets, and the findings and files
//! that it names exist.

use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use lamb_auth::cli::tree;
use lamb_auth::findings;

/// Words that stand for others in what is shown.
pub(super) const PLACEHOLDERS: [(&str, &str); 6] = [
    ("SHELL", "bash"),
    ("RUN", "last"),
    ("ID", "creator-missing"),
    ("FINDING", "creator-missing"),
    ("[FINDING]", "creator-missing"),
    ("E", "a@b.c"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README, the changelog and all pages of `docs`, by their paths below the root.
pub(super) fn pages() -> Vec<(PathBuf, String)> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let others = ["README.md", "CHANGELOG.md"].map(|name| root().join(name));
    let all = docs.filter(|path| path.extension().is_some_and(|kind| kind == "md")).chain(others);
    let mut all: Vec<_> = all.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect();
    all.iter_mut().for_each(|(path, _)| *path = path.strip_prefix(root()).unwrap().to_owned());
    all.sort_unstable();
    all
}

/// Lines with their numbers, and whether they are of a block of code.
pub(super) fn lines(page: &str) -> impl Iterator<Item = (usize, bool, &str)> {
    let mut in_code = false;
    page.lines().enumerate().map(move |(at, line)| {
        let is_fence = line.starts_with("```");
        in_code ^= is_fence;
        (at + 1, in_code && !is_fence, line)
    })
}

/// What stands between backticks in a line, `\|` of a table read as `|`.
fn spans(line: &str) -> Vec<String> {
    line.replace("\\|", "|").split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The arguments of each `lamb-auth` in a line of shell; `None` where it is no line of shell.
fn commands(line: &str) -> Option<Vec<Vec<String>>> {
    let words = shlex::split(&line.replace(';', " ; ").replace("<(", " <( "))?;
    let is_between = |word: &String| matches!(word.as_str(), "|" | "<" | ">" | ";" | "&&" | "||" | "<(");
    let mut found = Vec::new();
    for command in words.split(is_between) {
        // To docker it is the name of a file, or of an image.
        if command.iter().find(|word| *word != "$").is_some_and(|word| word == "docker") {
            continue;
        }
        let starts = command.iter().position(|word| word == "lamb-auth");
        // What another shell is told to run.
        let told = command.iter().filter(|word| word.contains(" lamb-auth "));
        found.extend(told.filter_map(|word| commands(word)).flatten());
        // Started by cargo.
        let starts = starts.or_else(|| command.iter().position(|word| word == "--").filter(|_| command[0] == "$"));
        let Some(at) = starts else { continue };
        let plain = |word: &String| {
            let word = word.strip_suffix(')').filter(|word| !word.contains('(')).unwrap_or(word);
            PLACEHOLDERS.iter().find(|(name, _)| *name == word).map_or(word, |(_, meant)| meant).to_owned()
        };
        let arguments: Vec<_> = command[at + 1..].iter().map(plain).collect();
        if !arguments.is_empty() && !arguments.iter().any(|word| word == "$@" || word == "COMMAND") {
            found.push(arguments);
        }
    }
    Some(found)
}

/// What clap says against it, where it says anything; so too of the command inside a sandbox.
pub(super) fn refused(arguments: &[String], is_mention: bool) -> Option<String> {
    let words = || ["lamb-auth"].into_iter().chain(arguments.iter().map(String::as_str));
    if arguments[0] == "sandbox"
        && let Some(at) = arguments.iter().position(|word| word == "--")
    {
        return refused(&arguments[..at], is_mention).or_else(|| refused(&arguments[at + 1..], is_mention));
    }
    let error = match tree().try_get_matches_from(words()) {
        // Clap takes any word for an id.
        Ok(_) if arguments[0] == "explain" => {
            let id = arguments[1..].iter().find(|word| !word.starts_with('-'))?;
            return findings::find(id).is_none().then(|| format!("no finding {id}"));
        }
        Ok(_) => return None,
        Err(error) => error,
    };
    let is_partial = matches!(error.kind(), ErrorKind::MissingRequiredArgument | ErrorKind::InvalidValue);
    let is_shown = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    // In running text a command may be named by one flag of it: `diagnose --fix`, `create-creator --role`.
    let is_fine = is_shown || (is_mention && is_partial);
    (!is_fine).then(|| error.to_string())
}

#[test]
fn every_command_that_is_shown_parses() {
    let names: Vec<_> = tree().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (path, page) in pages() {
        for (number, is_code, line) in lines(&page) {
            let mut check = |text: &str, is_mention: bool| {
                for arguments in commands(text).unwrap_or_default() {
                    seen += 1;
                    if let Some(error) = refused(&arguments, is_mention) {
                        wrong.push(format!("{}:{number}: {text}\n{error}", path.display()));
                    }
                }
            };
            if is_code {
                check(line, false);
                continue;
            }
            for span in spans(line) {
                match span.split_once(' ') {
                    Some((first, _)) if names.iter().any(|name| name == first) => {
                        check(&format!("lamb-auth {span}"), true)
                    }
                    _ => check(&span, true),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "only {seen} commands are seen");
}

/// The anchor that a page's heading gets, as web forges make it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (path, page) in pages() {
        for (number, _, line) in lines(&page).filter(|(_, is_code, _)| !is_code) {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
            for target in targets.filter(|target| !target.contains("://")) {
                seen += 1;
                let (file, place) = target.split_once('#').unwrap_or((target, ""));
                let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
                let text = std::fs::read_to_string(root().join(&file));
                let is_there = text.is_ok_and(|text| {
                    place.is_empty()
                        || text.contains(&format!("<a id=\"{place}\">"))
                        || lines(&text).any(|(_, is_code, line)| {
                            !is_code && line.starts_with('#') && anchor(line.trim_start_matches('#')) == place
                        })
                });
                if !is_there {
                    wrong.push(format!("{}:{number}: {target}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen >= 10, "only {seen} links are seen");
}

#[test]
fn every_finding_and_file_that_is_named_is_there() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (path, page) in pages() {
        let is_decisions = path.ends_with("troubleshooting.md");
        for (number, _, line) in lines(&page).filter(|(_, is_code, _)| !is_code) {
            let cells: Vec<_> = line.split(" | ").collect();
            if is_decisions && cells.len() == 3 {
                seen += spans(cells[1]).len();
                let unknown = spans(cells[1]).into_iter().filter(|id| findings::find(id).is_none());
                wrong.extend(unknown.map(|id| format!("{}:{number}: no finding {id}", path.display())));
            }
            for span in spans(line).into_iter().filter(|span| span.ends_with(".rs") && span.contains('/')) {
                seen += 1;
                if !["", "src"].iter().any(|room| root().join(room).join(&span).is_file()) {
                    wrong.push(format!("{}:{number}: no file {span}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 30, "only {seen} names are seen");
}

/// Every sentence that LAMB or Open WebUI was seen to show for one of the ways in (all measured).
const ON_SCREEN: &str = "\
Account has been disabled. Please contact your administrator.
Account has been disabled
Activity Not Ready Yet
Admin access required
Expecting value: line 1 column 1
Failed to access chat. Please try again.
Failed to create user
Failed to create user: Failed to create creator user
Failed to fetch
Failed to find group
Failed to get authentication token
Failed to get user token
Failed to process launch
Internal Server Error
Invalid OAuth signature
Invalid authentication or user not found in creator database
Invalid consumer key
Invalid credentials
Invalid email or password
Invalid or expired authentication token
KB server error
KB server is not available
KB server returned error
Knowledge Base server offline
LTI creator access not allowed for system organization
LTI launch failed: Expecting property name
LTI not configured
LTI not properly configured
LTI secret not configured
Library Manager error
Login failed
Login failed. Please check credentials.
Method Not Allowed
Missing oauth_consumer_key
Missing required fields
Missing resource_link_id
Missing user_id
No published assistant found
'NoneType' object is not subscriptable
Return to login
Session expired.
The email or password provided is incorrect
This account uses LTI authentication. Please log in through your LMS.
Unable to Set Up This Activity
Unable to connect to KB server
Unable to redirect to Open WebUI. Please contact your administrator.
Unable to start session
Your provider has not provided a trusted header
[object Object]
server_error
token=None";

#[test]
fn every_sentence_on_the_screen_is_in_a_table_of_symptoms() {
    let page = std::fs::read_to_string(root().join("docs/troubleshooting.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    let missing: Vec<&str> = ON_SCREEN.lines().filter(|text| !rows.iter().any(|row| row.contains(text))).collect();
    assert_eq!(missing, [] as [&str; 0], "docs/troubleshooting.md has no row with these");
}
