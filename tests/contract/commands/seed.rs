//! The session of the report that started this, scripted: an admin of Open WebUI whom LAMB does not know.

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::OwiVersion;
use serde_json::json;

use super::stage::{Complaints, OTHER_SECRET, Stage, now, sign};

const ADMIN: &str = "admin@admin.owi";

#[test]
#[ignore = "needs a real Open WebUI; .ci/run and scripts/open-webui install it"]
fn the_seeds_session_on_open_webui_0_5_6() {
    let stage = Stage::start(OwiVersion::V0_5_6);
    let lamb = stage.lamb(Edition::Delegated);
    let mut complaints = Complaints::default();

    let sick = lamb.run(&["diagnose", "--email", ADMIN]);
    complaints.diagnosed(
        "Open WebUI knows the admin, LAMB does not",
        &sick,
        1,
        "creator-missing",
        &["creator-missing"],
    );
    let seventh = [("/first_failing_step", "backend-answer"), ("/owi_version", "0.5.6"), ("/edition", "delegated")];
    complaints.hold("only the seventh step fails", &sick, 1, &seventh);
    let by_token = lamb.run_with_token(&["diagnose"], &stage.word("admin.token"));
    complaints.hold("the admin's own token tells whose it is", &by_token, 1, &[("/email", ADMIN), seventh[0]]);
    let verdict = lamb.run_with_token(&["verify-token"], &stage.word("admin.token"));
    complaints.hold("verify-token agrees", &verdict, 1, &[("/verdict", "creator-missing")]);

    let made = lamb.run(&["create-creator", "--email", ADMIN, "--role", "admin", "--yes"]);
    complaints.hold("the seed's Fix 1", &made, 0, &[("/changed", "true")]);
    let again = lamb.run(&["create-creator", "--email", ADMIN, "--role", "admin", "--yes"]);
    complaints.hold("once more", &again, 0, &[("/changed", "false")]);
    let result = [
        ("/creator/email", ADMIN),
        ("/creator/name", "Admin User"),
        ("/creator/organization/name", "LAMB System Organization"),
        ("/creator/organization/id", "1"),
        ("/creator/organization_role", "admin"),
        ("/creator/enabled", "true"),
    ];
    complaints.hold("the seed's Result", &lamb.run(&["check-user", "--email", ADMIN]), 0, &result);
    complaints.hold(
        "the seed's other check",
        &lamb.run(&["check-owi-user", "--email", ADMIN]),
        0,
        &[("/found", "true")],
    );

    let well = lamb.run(&["diagnose", "--email", ADMIN]);
    complaints.hold("diagnose after the fix", &well, 0, &[("/overall", "healthy"), ("/finding", "null")]);
    let well = lamb.run_with_token(&["diagnose", "--email", ADMIN], &stage.word("admin.token"));
    complaints.hold("the same with the admin's token", &well, 0, &[("/overall", "healthy")]);

    let id = stage.word("admin.id");
    let expired = sign(&json!({"id": id, "exp": now() - 3600}), stage.owi.secret());
    let run = lamb.run_with_token(&["diagnose", "--email", ADMIN], &expired);
    complaints.hold("expired", &run, 1, &[("/finding", "expired"), ("/first_failing_step", "authorization-header")]);
    let run = lamb.run_with_token(&["verify-token"], &expired);
    complaints.hold("expired", &run, 1, &[("/verdict", "expired")]);

    let forged = sign(&json!({"id": id}), OTHER_SECRET);
    let run = lamb.run_with_token(&["diagnose", "--email", ADMIN], &forged);
    complaints.hold("another secret", &run, 1, &[("/finding", "wrong-secret"), ("/first_failing_step", "owi-verdict")]);
    let run = lamb.run_with_token(&["verify-token"], &forged);
    complaints.hold("another secret", &run, 1, &[("/verdict", "wrong-secret")]);
    complaints.end();
}
