//! The committed manual pages are of the tree that parses. `BLESS=1 cargo test manual` writes them anew.

use std::collections::BTreeMap;
use std::path::Path;

use clap_mangen::Man;

/// Every page by its file's name: the program's own, and one a subcommand.
fn pages() -> BTreeMap<String, String> {
    let mut tree = lamb_auth::cli::tree().disable_help_subcommand(true);
    tree.build();
    let mut pages = BTreeMap::new();
    let mut page = |command: clap::Command, name: &str| {
        let mut text = Vec::new();
        // Without the commit: a page is the same in the next one.
        let man = Man::new(command.name(name.to_owned()).long_version(None))
            .source(concat!("lamb-auth ", env!("CARGO_PKG_VERSION")));
        man.date("").manual("LAMB").render(&mut text).unwrap();
        pages.insert(format!("{name}.1"), String::from_utf8(text).unwrap());
    };
    for command in tree.get_subcommands().filter(|command| !command.is_hide_set()) {
        page(command.clone(), &format!("lamb-auth-{}", command.get_name()));
    }
    page(tree, "lamb-auth");
    pages
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
