//! The whole deployment at a glance: everybody of both sides, and the platform once, before the judges that `diagnose`
//! uses for one person.

mod admins;
pub mod compatibility;
pub mod duplicates;
mod files;
pub mod platform;
pub mod report;
