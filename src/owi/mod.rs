//! Open WebUI's side: its HTTP API (`api`), its file `webui.db` (`file`), and whether the two belong together.

pub mod admin_token;
pub mod api;
pub mod file;
pub mod same_file;
