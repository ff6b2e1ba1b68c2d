//! The pure checks, one file a subject: from evidence to an outcome and findings. Every command that judges uses these.

pub mod pair;
pub mod token;
pub mod token_case;
