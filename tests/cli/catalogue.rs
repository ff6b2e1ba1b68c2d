//! Each finding of the catalogue told from what nearly is it: somebody, or a platform, that has it, and the nearest
//! scene that does not. Every finding is in one of three tables, or says here why it cannot be.

mod asked;
mod knowledge;
mod lms;
mod people;
mod platform;

mod scene;
mod signing_in;

use std::collections::BTreeSet;

use lamb_auth::findings::catalogue;

/// What no test can make on every machine, and which unit test holds its judge.
const BY_UNIT_TEST: &[(&str, &str)] = &[
    (
        "lamb-db-network",
        "a network file system needs a server, and leave to mount it: diagnose::steps::creator_entry::tests",
    ),
    (
        "lamb-db-read-only",
        "root, who runs the tests in a container, may write to any file: diagnose::steps::creator_entry::tests",
    ),
    ("wal-owner", "only root may give a file away: audit::files::tests"),
];

/// A finding that is in no table could stop being told, and nobody would notice.
#[test]
fn every_finding_is_told_from_the_nearest_scene_without_it() {
    let mut told: BTreeSet<&str> = BY_UNIT_TEST.iter().map(|(id, _)| *id).collect();
    told.extend(
        people::told()
            .into_iter()
            .chain(scene::told(platform::SCENES))
            .chain(scene::told(asked::SCENES))
            .chain(scene::told(lms::SCENES))
            .chain(scene::told(knowledge::SCENES))
            .chain(signing_in::told()),
    );
    let all: BTreeSet<&str> = catalogue().iter().map(|finding| finding.id).collect();
    assert_eq!(all.difference(&told).collect::<Vec<_>>(), Vec::<&&str>::new(), "findings without a fixture");
    assert_eq!(told.difference(&all).collect::<Vec<_>>(), Vec::<&&str>::new(), "fixtures without a finding");
}
