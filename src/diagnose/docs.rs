//! `docs/authentication.md`: the flows as a page, made from their tables. `BLESS=1 cargo test diagnose::docs` writes
//! it anew.

use std::fmt::Write as _;
use std::path::Path;

use super::knowledge::KNOWLEDGE;
use super::login::LOGIN;
use super::lti::{LAUNCH, USER};
use super::request::REQUEST;
use crate::flow::{ByEdition, Flow};

const HEAD: &str = "\
<!-- Made from the tables of the flows; `BLESS=1 cargo test diagnose::docs` writes it anew. -->

# Every way in, step by step

A **flow** is what happens, one step after the other, when a user does one thing. `diagnose --flow NAME` follows a flow
for one user. It names the first step that fails, and the sentence that the user sees. `diagnose --flow all` follows all
flows of a user. It ends with a table: the way in, whether it works, and the finding. An LMS launch is part of it if the
user comes from an LMS.

LAMB comes in two editions. In the **delegated** one (until February 2026), Open WebUI issues the browser's token, and
LAMB asks Open WebUI about it each time. In the **native** one, LAMB issues the token.

`diagnose` never sends a login: in many states, LAMB and Open WebUI write to their databases then. The end of a login is
predicted from both files. The rules were measured on both editions. Add `-v` to see what each step is based on.
";

const REQUEST_HEAD: &str = "\
The browser has a token, and asks LAMB for the assistants. This is the flow that `diagnose` follows if you name none.
";

const LOGIN_HEAD: &str = "\
The user types an e-mail and a password into LAMB's page. LAMB answers 200 even if it refuses a login, and the page shows
the sentence.

`--password-prompt` asks for the user's password, and `--password-stdin` reads it. `lamb-auth` compares it with the stored
hash that counts, then with the others. It tries what people type by mistake: a blank before or after it, caps lock, and
accents that are composed in another way. The password is not sent and not stored, and is wiped from memory. Without a
password, the step is skipped.

- The rest of a password after its 72nd byte does not count.
- In a native LAMB, `password_hash` counts. If it is the empty text, Open WebUI's password counts. If it is NULL, LAMB
  first copies Open WebUI's hash.
- In a delegated LAMB, the first active row of `auth` with exactly this e-mail counts.
- A login with `OWI_ADMIN_EMAIL` makes LAMB's creator if there is none. A native LAMB gives it the role `user` until the
  next restart.
- If `webui.db` lacks `OWI_ADMIN_EMAIL`, each login makes LAMB insert it (native: each refused token, too).
- The link to Open WebUI begins with OWI_PUBLIC_BASE_URL, and if that is not set, with OWI_BASE_URL. `public-url` is
  an address that a browser cannot open, such as a name in Docker's network.
- The link to Open WebUI is kept in the browser. If Open WebUI's secret changes, or its token expires, the link dies,
  although LAMB works.
";

const KNOWLEDGE_HEAD: &str = "\
LAMB asks another server for knowledge bases, and passes its 401 on. In a native LAMB, each 401 signs the user out.
";

const LTI_USER_HEAD: &str = "\
A user opens LAMB from a learning management system (LMS). Name the user with `--lms-user`, or with an address that LAMB
makes for such a user.
";

const LTI_KEY_HEAD: &str = "\
The same, as far as it is the same for all users: the key, the URL, and the signature.
";

/// A flow as a section: a line of its steps, and a table.
fn section<E>(page: &mut String, title: &str, head: &str, flow: &Flow<E>) {
    let ids: Vec<&str> = flow.steps.iter().map(|step| step.id).collect();
    // Writing to a String cannot fail.
    let _ = write!(page, "\n## {title}: `--flow {}`\n\n{head}\n```text\n", flow.id);
    for (at, line) in ids.chunks(3).enumerate() {
        let arrow = if at == 0 { "   " } else { "-> " };
        let _ = writeln!(page, "{arrow}{}", line.join(" -> "));
    }
    page.push_str("```\n\n| step | what happens | delegated | native |\n|---|---|---|---|\n");
    for (number, step) in (1..).zip(flow.steps) {
        let [delegated, native] = cells(step.does);
        let _ = writeln!(page, "| {number} `{}` | {} | {delegated} | {native} |", step.id, step.title);
    }
    if flow.steps.iter().all(|step| step.screen == ByEdition::default()) {
        return;
    }
    page.push_str("\n| if this step fails | delegated shows | native shows |\n|---|---|---|\n");
    for step in flow.steps.iter().filter(|step| step.screen != ByEdition::default()) {
        let quoted = |text: &str| if text.is_empty() { "-".to_owned() } else { format!("`{text}`") };
        let ByEdition { delegated, native } = step.screen;
        let _ = writeln!(page, "| `{}` | {} | {} |", step.id, quoted(delegated), quoted(native));
    }
}

fn cells(does: ByEdition) -> [&'static str; 2] {
    let same = if does.delegated == does.native { "the same" } else { does.native };
    [does.delegated, same]
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    section(&mut page, "A request with a token", REQUEST_HEAD, &REQUEST);
    section(&mut page, "Signing in", LOGIN_HEAD, &LOGIN);
    section(&mut page, "Opening a knowledge base", KNOWLEDGE_HEAD, &KNOWLEDGE);
    section(&mut page, "A launch from an LMS, one user", LTI_USER_HEAD, &USER);
    section(&mut page, "A launch from an LMS, the platform", LTI_KEY_HEAD, &LAUNCH);
    page
}

#[test]
fn the_page_of_the_flows_is_made_from_their_tables() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/authentication.md");
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "docs/authentication.md is not of these tables: BLESS=1 cargo test diagnose::docs");
}
