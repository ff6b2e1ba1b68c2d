//! The built program, run as an operator runs it: words in, both streams and the exit code out.
//!
//! Each test starts a sandbox of its own, so that several commands can be run against one state and the state can
//! be looked at by SQL in between.

mod assign_role;
mod audit;
mod audit_fix;
mod audit_platform;
mod batch;
mod both_sides;
mod catalogue;
mod completions;
mod copies;
mod create_creator;
mod create_owi_user;
mod crowd;
mod ctrl_c;
mod documents;
mod exits;
mod findings;
mod fix;
mod fix_access;
mod fix_ends;
mod full_disk;
mod guards;
mod held_locks;
mod hostile;
mod journal;
mod kills;
mod manual;
mod metrics;
pub(crate) mod odd_spellings;
mod outputs;
mod ownership;
mod people;
mod plain_words;
mod proxy;
mod readme;
mod references;
mod refresh_token;
pub(crate) mod run;
pub(crate) mod schemas;
mod screens;
mod scripted;
mod secrets;
mod sent;
mod shells;
mod signals;
mod streams;
mod support_bundle;
mod sync;
mod tasks;
mod tokens;
mod troubles;
mod undo;
mod untouched;
mod update_creator;
mod version;
mod watch;

/// A module that is not declared above would never run.
#[test]
fn no_file_is_forgotten() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let declared = std::fs::read_to_string(folder.join("mod.rs")).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "rs") && name != "mod" {
            assert!(declared.contains(&format!("mod {name};")), "tests/cli/{name}.rs is not declared in mod.rs");
        }
    }
}
