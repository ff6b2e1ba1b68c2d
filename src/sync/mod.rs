//! Keeping LAMB's creators in step with Open WebUI's users: who is meant, where they belong, what is to be changed.

pub mod guards;
pub mod plan;
pub mod policy;
pub mod saved;
