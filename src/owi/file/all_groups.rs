//! The groups of Open WebUI by their ids and names.

use std::collections::{HashMap, HashSet};

/// How LAMB finds a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupKey<'a> {
    /// The group of an activity, by its id.
    Id(&'a str),
    /// The group of a published assistant, by its name, although LAMB keeps it in a column `group_id` (measured).
    Name(&'a str),
}

/// The groups of a file: two ids and a name of each in memory.
#[derive(Debug, Default)]
pub struct AllGroups {
    ids: HashSet<Box<str>>,
    names: HashMap<Box<str>, Box<str>>,
}

impl AllGroups {
    /// Adds a group; they come in the order of their rows.
    pub(super) fn add(&mut self, id: Box<str>, name: Box<str>) {
        self.names.entry(name).or_insert_with(|| id.clone());
        self.ids.insert(id);
    }

    /// The id of a group; `None` where the file does not have it. Of several with one name, LAMB takes the first.
    pub fn id<'a>(&'a self, group: GroupKey<'a>) -> Option<&'a str> {
        match group {
            GroupKey::Id(id) => self.ids.get(id).map(|id| &**id),
            GroupKey::Name(name) => self.names.get(name).map(|id| &**id),
        }
    }
}
