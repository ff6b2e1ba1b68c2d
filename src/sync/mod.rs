//! Keeping LAMB's creators in step with Open WebUI's users: who is meant, and where they belong.

pub mod plan;
pub mod policy;
