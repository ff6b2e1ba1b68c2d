//! The committed manual pages are of the tree that parses. `BLESS=1 cargo test manual` writes them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};
use lamb_auth::settings::KEYS;

/// The page of the whole program.
const MAIN: &str = "lamb-auth";

/// What is read of the environment. `lamb-auth config` shows each with its value and its origin.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("LAMB_DB_PATH", "The folder of lamb_v4.db; default /data/lamb. --lamb-db overrides it."),
    ("LAMB_DB_PREFIX", "The prefix of LAMB's tables; default the only one in the file. --lamb-db-prefix overrides it."),
    ("OWI_PATH", "The folder of webui.db. --owi-db overrides it."),
    ("OWI_BASE_URL", "Open WebUI; default http://openwebui:8080. --owi-url overrides it."),
    ("LAMB_BACKEND_HOST", "LAMB's backend; default http://localhost:9099. --backend-url overrides it."),
    (
        "OWI_ADMIN_EMAIL, OWI_ADMIN_NAME, OWI_ADMIN_PASSWORD",
        "The admin account that LAMB uses in Open WebUI. --owi-admin-email overrides the first.",
    ),
    (
        "LAMB_JWT_SECRET, WEBUI_SECRET_KEY, WEBUI_JWT_SECRET_KEY",
        "The secrets that sign tokens. --secret-file adds others.",
    ),
    ("LAMB_BEARER_TOKEN", "To recognize it when it arrives as a user's token."),
    ("LAMB_AUTH_TOKEN", "The token to check, without --token-file."),
    ("LAMB_PUBLIC_BASE_URL", "LAMB's address for browsers, which is in the launch URL for an LMS."),
    ("LTI_SECRET", "The secret of launches of published assistants."),
    ("LTI_GLOBAL_CONSUMER_KEY, LTI_GLOBAL_SECRET", "The key of all activities, where the database has none."),
    ("LTI_URL_PREFIX", "What a delegated LAMB signs in front of the path; default: /lamb."),
    ("LAMB_KB_SERVER, LAMB_KB_SERVER_TOKEN", "The knowledge base server, where the organization names none."),
    ("LAMB_LIBRARY_SERVER, LAMB_LIBRARY_TOKEN", "The Library Manager, where the organization names none."),
    ("REQUESTS_CA_BUNDLE, SSL_CERT_FILE", "Certificate authorities; default: the system's and Mozilla's."),
    ("HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY", "Proxies, also in lower case, as LAMB reads them."),
    ("OWI_PUBLIC_BASE_URL", "Open WebUI's address for browsers, which is in LAMB's link; default: OWI_BASE_URL."),
    ("LAMB_WEB_HOST", "LAMB's address for browsers, where LAMB_PUBLIC_BASE_URL is not set."),
    ("NO_COLOR, COLUMNS", "No colors; the width of the output."),
    ("TMPDIR", "The folder for private copies of databases that no process has open; default /tmp."),
    ("COMPLETE", "Set by a shell that asks for completions. It has no effect on a run with a command."),
];

const FILES: &[(&str, &str)] = &[
    (".env", "Settings that are not in the environment: in the working folder, or by --env-file."),
    ("/data/lamb/lamb_v4.db", "LAMB's database. Changed only after a question, or with --yes."),
    ("webui.db", "Open WebUI's database. Never written."),
    ("lamb-auth.journal.jsonl", "Beside lamb_v4.db: the journal of all changes, for history and undo."),
    ("lamb-auth.memory.db", "Beside lamb_v4.db: the creators that sync --apply has seen."),
    (
        "lamb-auth.backup-TIME.db, lamb-auth.sync.lock",
        "Beside lamb_v4.db: the last five backups of sync --apply, and its lock.",
    ),
];

/// A line of text.
fn text(inlines: impl Into<Vec<Inline>>) -> String {
    let mut roff = Roff::new();
    roff.text(inlines);
    // Its preamble stands once a page, at the head.
    roff.render().replacen(&Roff::new().render(), "", 1)
}

fn list(entries: impl IntoIterator<Item = (String, String)>) -> String {
    let entry = |(what, about)| format!(".TP\n{}{}", text([bold(what)]), text([roman(about)]));
    entries.into_iter().map(entry).collect()
}

fn listed(entries: &[(&str, &str)]) -> String {
    list(entries.iter().map(|(what, about)| ((*what).to_owned(), (*about).to_owned())))
}

/// Lines that no one wraps, to be copied.
fn as_typed<'a>(typed: impl IntoIterator<Item = &'a str>) -> String {
    let typed: String = typed.into_iter().map(|line| text([roman(line.trim())])).collect();
    format!(".nf\n{typed}.fi\n")
}

/// The lines of a part of the text below a help, as `Examples:`; none where there is no such part.
fn part<'a>(help: &'a str, titles: &[&str]) -> Vec<&'a str> {
    let mut below = help.lines().skip_while(|line| !titles.contains(line));
    below.next();
    below.take_while(|line| !line.is_empty()).collect()
}

fn exit_status(help: &str) -> String {
    let all = part(help, &["Exit codes:"]).into_iter().flat_map(|line| line.trim().split("; "));
    list(all.map(|entry| entry.split_once("  ").unwrap()).map(|(code, about)| (code.to_owned(), about.to_owned())))
}

/// clap_mangen's page with what it lacks, in the order of man-pages(7).
fn page(command: &mut Command, name: &str) -> String {
    let usage = command.render_usage().to_string();
    let help = command.get_after_long_help().or(command.get_after_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let mut made = Vec::new();
    // Without the commit: a page is the same in the next one.
    Man::new(command.clone().name(name.to_owned()).long_version(None)).render(&mut made).unwrap();
    // Two breaks around an empty line are one.
    let made = String::from_utf8(made).unwrap().replace(".br\n\n.br\n", ".sp\n");
    let (title, version) = (name.to_uppercase(), env!("CARGO_PKG_VERSION"));
    let mut page = format!("{}.TH \"{title}\" 1 \"\" \"lamb-auth {version}\" \"LAMB\"\n", Roff::new().render());
    let mut section = |title: &str, body: &str| {
        if !body.is_empty() {
            page += &format!(".SH {title}\n{body}");
        }
    };
    for made in made.split("\n.SH ").skip(1) {
        let (title, body) = made.split_once('\n').unwrap();
        let body = format!("{}\n", body.trim_end());
        match title {
            "SYNOPSIS" => section(title, &as_typed(usage.trim_start_matches("Usage:").lines())),
            // Its first paragraph is what stands below NAME.
            "DESCRIPTION" => section(title, body.split_once("\n.PP\n").map_or(&*body, |(_, rest)| rest)),
            "SUBCOMMANDS" => section("COMMANDS", &body),
            "EXTRA" | "VERSION" => {}
            _ => section(title, &body),
        }
    }
    section("EXIT STATUS", &exit_status(&help));
    if name == MAIN {
        section("ENVIRONMENT", &listed(ENVIRONMENT));
        section("FILES", &listed(FILES));
    }
    section("EXAMPLES", &as_typed(part(&help, &["Example:", "Examples:"])));
    section(
        "SEE ALSO",
        &match name {
            MAIN => text([bold("jq"), roman("(1), which reads what -o json prints; "), bold("sqlite3"), roman("(1)")]),
            _ => text([bold(MAIN), roman("(1), which has exit status, environment, files and all commands")]),
        },
    );
    page
}

/// Every page by its file's name: the program's own, and one a subcommand.
fn pages() -> BTreeMap<String, String> {
    // A page has room for the flags that help leaves to `lamb-auth help options`.
    let in_full = |flag: clap::Arg| flag.hide_short_help(false).hide_long_help(false);
    let tree = lamb_auth::cli::tree().disable_help_subcommand(true);
    let mut tree = tree.mut_args(in_full).mut_subcommands(|command| command.mut_args(in_full));
    tree.build();
    let mut commands = vec![(MAIN.to_owned(), tree.clone())];
    let shown = tree.get_subcommands().filter(|command| !command.is_hide_set());
    commands.extend(shown.map(|command| (format!("{MAIN}-{}", command.get_name()), command.clone())));
    commands.iter_mut().map(|(name, command)| (format!("{name}.1"), page(command, name))).collect()
}

#[test]
fn is_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man");
    if std::env::var_os("BLESS").is_some() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        pages().iter().for_each(|(name, text)| std::fs::write(folder.join(name), text).unwrap());
    }
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let committed: BTreeMap<_, _> = entries.map(|path| (name(&path), std::fs::read_to_string(path).unwrap())).collect();
    let stale: Vec<String> =
        pages().into_iter().filter(|(name, text)| committed.get(name) != Some(text)).map(|(name, _)| name).collect();
    assert!(stale.is_empty(), "not of this tree: {stale:?}; BLESS=1 cargo test manual");
    assert_eq!(committed.len(), pages().len(), "a page of no command");
}

#[test]
fn every_page_has_what_is_looked_for_in_one() {
    for (name, page) in pages() {
        let titles: Vec<_> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
        for wanted in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "SEE ALSO"] {
            assert!(titles.contains(&wanted), "{name} has no {wanted}: {titles:?}");
        }
        for of_all in ["EXIT STATUS", "ENVIRONMENT", "FILES"] {
            assert_eq!(titles.contains(&of_all), name == "lamb-auth.1", "{name}: {of_all}");
        }
    }
    let told: BTreeSet<_> = ENVIRONMENT.iter().flat_map(|(names, _)| names.split(", ")).collect();
    let missing: Vec<_> = KEYS.iter().map(|key| key.name).filter(|name| !told.contains(name)).collect();
    assert!(missing.is_empty(), "read and not told: {missing:?}");
}
