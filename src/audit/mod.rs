//! The whole deployment at a glance: everybody of both sides, and the platform once, before the judges that `diagnose`
//! uses for one person.

pub mod report;
#[cfg(test)]
pub(crate) mod sample;
