//! Open WebUI's side: its HTTP API (`api`), its file `webui.db` (`file`), whether the two belong together, and the header
//! by which LAMB signs in.

pub mod admin_token;
pub mod api;
pub mod file;
pub mod same_file;
pub mod trusted_header;
