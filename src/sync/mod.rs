//! Keeping LAMB's creators in step with Open WebUI's users: who is meant, where they belong, what is to be changed.

pub(crate) mod common_causes;
pub(crate) mod guards;
pub(crate) mod memory;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod recreated;
pub(crate) mod removed;
pub(crate) mod saved;
