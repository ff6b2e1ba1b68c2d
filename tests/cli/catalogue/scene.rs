//! A deployment with something wrong, or nearly, and all that the program says of it.

use std::collections::BTreeSet;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{OwiVersion, Trouble};
use serde_json::Value;

use crate::cli::people::{findings, word};
use crate::cli::run::{Run, World};

/// One deployment, and what is asked about it.
pub(super) struct Scene {
    /// The finding that it has, or nearly has.
    pub(super) id: &'static str,
    pub(super) edition: Edition,
    pub(super) version: OwiVersion,
    /// What is wrong from the start.
    pub(super) trouble: Option<Trouble>,
    /// The command line.
    pub(super) line: &'static str,
    /// What is done to it before, and to the run's environment.
    pub(super) make: fn(&World, Run) -> Run,
    /// Everything that is found.
    pub(super) found: &'static [&'static str],
}

pub(super) const PLAIN: Scene = Scene {
    id: "",
    edition: Edition::Delegated,
    version: OwiVersion::V0_5_6,
    trouble: None,
    line: "",
    make: |_, run| run,
    found: &[],
};

/// The findings that one scene has, and another nearly.
pub(super) fn told(scenes: &[Scene]) -> BTreeSet<&'static str> {
    let (has, near): (Vec<_>, Vec<_>) = scenes.iter().partition(|scene| scene.found.contains(&scene.id));
    let near: BTreeSet<&str> = near.into_iter().map(|scene| scene.id).collect();
    has.into_iter().map(|scene| scene.id).filter(|id| near.contains(id)).collect()
}

/// What an audit finds in the sandbox because of whom it has in it, whatever else is wrong.
const OF_ITS_PEOPLE: [&str; 3] = ["bootstrap-admin", "owi-upgrade-blocked", "organization-unmanaged"];

fn found(report: &Value, asked: &str) -> BTreeSet<String> {
    match report["platform"]["findings"].as_array() {
        Some(found) => {
            let ids = found.iter().map(|hit| word(&hit["id"]));
            ids.filter(|id| id == asked || !OF_ITS_PEOPLE.contains(&id.as_str())).collect()
        }
        None => findings(report).into_iter().map(|(id, _)| id).collect(),
    }
}

/// Plays every `parts`th scene, beginning with the `part`th: a test for each part, so that they go on at the same time.
pub(super) fn play(scenes: &[Scene], part: usize, parts: usize) {
    let mut complaints = Vec::new();
    for scene in scenes.iter().skip(part).step_by(parts) {
        let world = World::start(scene.edition, scene.version, scene.trouble);
        let output = (scene.make)(&world, world.command(&format!("{} -o json", scene.line))).run();
        let should: BTreeSet<String> = scene.found.iter().map(|id| (*id).to_owned()).collect();
        let is = found(&output.json(), scene.id);
        if is != should {
            let about = format!("{} {:?} {}", scene.id, scene.trouble, scene.edition);
            complaints.push(format!("{about}: should be {should:?}, is {is:?}\n{output}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
