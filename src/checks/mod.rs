//! The pure checks, one file a subject: from evidence to an outcome and findings. Every command that judges uses these.

pub(crate) mod account;
pub(crate) mod common_cause;
pub(crate) mod counted;
pub(crate) mod creator;
pub(crate) mod halves;
pub(crate) mod lti;
pub(crate) mod migration;
pub(crate) mod owners;
pub(crate) mod pair;
pub(crate) mod password;
pub(crate) mod public_url;
pub(crate) mod same_person;
pub(crate) mod server;
pub(crate) mod sign_in;
pub(crate) mod tables;
pub(crate) mod token;
pub(crate) mod token_case;
