//! The read-only reader of `webui.db`.

mod all_groups;
pub mod compatibility;
pub mod db;
pub mod duplicates;
pub mod every_row;
pub mod groups;
pub mod people;
pub mod row;
pub mod sign_in;
pub mod sql_fixes;
