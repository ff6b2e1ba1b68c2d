//! The pure checks, one file a subject: from evidence to an outcome and findings. Every command that judges uses these.

pub mod account;
pub mod creator;
mod halves;
pub mod migration;
pub mod owners;
pub mod pair;
pub mod server;
pub mod sign_in;
pub mod tables;
pub mod token;
pub mod token_case;
