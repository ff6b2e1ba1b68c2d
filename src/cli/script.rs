//! `--fix --script`: what only SQL on `webui.db` fixes, as a script for a person to run.

use std::path::Path;

use super::context::{Context, block_on};
use super::exit::{Exit, exit_with};
use super::owi_change::file_identity;
use crate::files::private::{check_private, replace_private};
use crate::findings::Finding;
use crate::messages;
use crate::owi::same_file::Identity;
use crate::render;
use crate::repair::script::{self, ScriptScope};
use crate::settings::SettingValue;

/// Writes the script, where there is something for it to do. Changes nothing else.
///
/// # Errors
/// Where `webui.db` cannot be read or is not the server's own, or the script cannot be written.
pub(super) fn write(
    context: &Context,
    command: &'static str,
    file: &Path,
    finding: Option<&'static Finding>,
    wanted: &dyn Fn(&str) -> bool,
) -> anyhow::Result<Exit> {
    let cannot = |error: std::io::Error| exit_with(Exit::Usage, format!("--script {}: {error}", file.display()));
    check_private(file, script::BEGINNING).map_err(cannot)?;
    let db = context.owi_db()?;
    if let Some(user) = db.any_sound_user()? {
        let identity = block_on(file_identity(context, &user))?;
        if identity == Identity::Other {
            let path = db.path().display();
            let message =
                format!("refused: {path} is not the file that Open WebUI uses\n  lamb-auth explain owi-db-stale");
            return Err(exit_with(Exit::Refused, message));
        }
        if identity == Identity::Unknown {
            messages::note("could not check whether webui.db belongs to the server");
        }
    }
    let admin = context.settings.get("OWI_ADMIN_EMAIL").map(SettingValue::text);
    let planned = script::plan(&db, &ScriptScope { wanted, finding, admin })?;
    drop(db);
    if planned.steps.is_empty() {
        context.show(&render::script(command, &planned, None))?;
        return Ok(Exit::Yes);
    }
    replace_private(file, script::text(&planned, file).as_bytes(), script::BEGINNING).map_err(cannot)?;
    context.show(&render::script(command, &planned, Some(file)))?;
    // Nothing is fixed before a person has run it.
    Ok(Exit::No)
}
