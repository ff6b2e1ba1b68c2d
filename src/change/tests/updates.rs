//! What `update-creator` and `update-organization` plan, change and undo.

use super::super::update_creator::{CreatorUpdate, NewPassword, UpdateInput};
use super::super::{update_creator, update_organization};
use super::*;

fn input<'a>(
    db: &LambDb,
    creator: &'a crate::lamb::model::Creator,
    stored: &'a crate::lamb::raw_columns::RawColumns,
) -> UpdateInput<'a> {
    UpdateInput {
        edition: db.schema().edition().unwrap(),
        creator,
        stored,
        stored_hash: db.password_hash(creator.email.as_str()).unwrap(),
        bootstrap_admin: Some("operator@sandbox.test"),
        other_managers: creator.organization_id.map_or(0, |id| db.other_managers(id, creator.id).unwrap()),
        other_system_admins: 1,
        owned: &[],
        now: 1_800_000_000,
    }
}

fn planned(db: &LambDb, email: &str, update: CreatorUpdate<'_>) -> Plan {
    let creator = db.creator(email).unwrap().unwrap();
    let stored = db.raw_columns(creator.id).unwrap().unwrap();
    update_creator::plan(update, &input(db, &creator, &stored))
}

fn guards(plan: &Plan) -> Vec<bool> {
    plan.guards.iter().map(|guard| guard.can_be_forced).collect()
}

#[test]
fn an_update_is_one_run_that_undo_restores() {
    for edition in [Edition::Delegated, Edition::Native] {
        let (_sandbox, mut db) = lamb(edition);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let before = dump(&mut db);
        let physics = db.organizations().unwrap().into_iter().find(|found| found.slug == "physics").unwrap();
        let system = db.organizations().unwrap().into_iter().find(|found| found.slug == "lamb").unwrap();
        let creator = db.creator("disabled@sandbox.test").unwrap().unwrap();
        let to = if creator.organization_id == Some(physics.id) { &system } else { &physics };
        let update = CreatorUpdate {
            enabled: Some(true),
            user_type: Some(UserType::EndUser),
            name: Some("Żaneta"),
            organization: Some((to, OrganizationRole::Admin)),
            ..CreatorUpdate::default()
        };
        let plan = planned(&db, "disabled@sandbox.test", update);
        assert_eq!(plan.changes.len(), 4, "{plan:#?}");
        let mut journal = FileJournal::new(path.clone(), "update-creator", &db);
        apply(&mut db, plan.confirm(true, &Consent::given()).unwrap(), &mut journal).unwrap();

        let changed = db.creator("disabled@sandbox.test").unwrap().unwrap();
        assert_eq!((changed.enabled, changed.name.as_str(), changed.user_type.as_str()), (true, "Żaneta", "end_user"));
        assert_eq!(changed.organization.as_ref().map(|found| found.slug.clone()), Some(to.slug.clone()));
        assert_eq!(changed.organization_role.as_deref(), Some("admin"));
        assert!(changed.roles_elsewhere.is_empty(), "the role row moves along");

        let plan = undo::plan(&load(&path, "last").unwrap(), &db).unwrap();
        assert!(plan.differences.is_empty(), "{:?}", plan.differences);
        apply(&mut db, plan.confirm(true, &Consent::given()).unwrap(), &mut NoJournal).unwrap();
        assert_eq!(dump(&mut db), before);
    }
}

#[test]
fn what_is_so_already_is_not_changed() {
    let (_sandbox, db) = lamb(Edition::Native);
    let name = db.creator("teacher@sandbox.test").unwrap().unwrap().name;
    let update = CreatorUpdate {
        enabled: Some(true),
        user_type: Some(UserType::Creator),
        name: Some(&name),
        resets_config: true,
        ..CreatorUpdate::default()
    };
    let plan = planned(&db, "teacher@sandbox.test", update);
    assert_eq!((plan.changes, plan.guards, plan.notes.len()), (Vec::new(), Vec::new(), 1));
}

#[test]
fn a_replaced_password_is_not_restored_and_the_rest_is() {
    let (_sandbox, mut db) = lamb(Edition::Native);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let update = CreatorUpdate {
        name: Some("Tara"),
        password: Some(NewPassword::Hash(Secret::from("$2b$12$new"))),
        ..CreatorUpdate::default()
    };
    let old = db.creator("teacher@sandbox.test").unwrap().unwrap().name;
    let plan = planned(&db, "teacher@sandbox.test", update);
    assert!(plan.notes.iter().any(|note| note.starts_with("undo cannot restore the old password")), "{plan:?}");
    let mut journal = FileJournal::new(path.clone(), "update-creator", &db);
    apply(&mut db, plan.confirm(false, &Consent::given()).unwrap(), &mut journal).unwrap();
    assert_eq!(db.password_hash("teacher@sandbox.test").unwrap().unwrap().expose(), "$2b$12$new");

    let plan = undo::plan(&load(&path, "last").unwrap(), &db).unwrap();
    assert_eq!((plan.changes.len(), plan.differences.len()), (1, 1), "{plan:#?}");
    apply(&mut db, plan.confirm(false, &Consent::given()).unwrap(), &mut NoJournal).unwrap();
    let creator = db.creator("teacher@sandbox.test").unwrap().unwrap();
    assert_eq!(creator.name, old);
    assert!(!std::fs::read_to_string(&path).unwrap().contains("$2b$"));
}

/// The last manager can be forced; the admin that LAMB itself uses cannot.
#[test]
fn an_admin_is_not_disabled_unnoticed() {
    let (_sandbox, db) = lamb(Edition::Delegated);
    let disable = || CreatorUpdate { enabled: Some(false), ..CreatorUpdate::default() };
    assert_eq!(guards(&planned(&db, "teacher@sandbox.test", disable())), [true]);
    assert!(guards(&planned(&db, "operator@sandbox.test", disable())).contains(&false));
    let end_user = CreatorUpdate { user_type: Some(UserType::EndUser), ..CreatorUpdate::default() };
    assert_eq!(guards(&planned(&db, "teacher@sandbox.test", end_user)), [true]);
}

#[test]
fn a_disabling_says_how_long_old_tokens_work() {
    for (edition, says) in [(Edition::Native, "2027-01-22"), (Edition::Delegated, "JWT_EXPIRES_IN")] {
        let (_sandbox, db) = lamb(edition);
        let update = CreatorUpdate { enabled: Some(false), ..CreatorUpdate::default() };
        let plan = planned(&db, "no-role@sandbox.test", update);
        assert!(plan.notes.iter().any(|note| note.contains(says)), "{:?}", plan.notes);
    }
}

#[test]
fn an_organization_is_changed_and_undo_restores_it_without_showing_its_keys() {
    let (_sandbox, mut db) = lamb(Edition::Delegated);
    let table = db.schema().prefix.table("organizations");
    let broken =
        format!("UPDATE {table} SET status = 'suspended', config = '{{\"api_key\": \"sk-1' WHERE slug = 'physics'");
    db.connection().execute_batch(&broken).unwrap();
    let before = dump(&mut db);
    let organization = db.organizations().unwrap().into_iter().find(|found| found.slug == "physics").unwrap();
    let config = db.organization_config(organization.id).unwrap();
    let facts = update_organization::OrganizationInput {
        edition: Edition::Delegated,
        organization: &organization,
        config: config.as_deref(),
    };
    let plan = update_organization::plan(true, true, &facts);
    assert_eq!((plan.changes.len(), plan.guards.len()), (2, 0));
    assert!(!serde_json::to_string(&plan).unwrap().contains("sk-1"));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut journal = FileJournal::new(path.clone(), "update-organization", &db);
    apply(&mut db, plan.confirm(false, &Consent::given()).unwrap(), &mut journal).unwrap();
    let now = db.organizations().unwrap().into_iter().find(|found| found.slug == "physics").unwrap();
    assert_eq!((now.status.as_str(), now.config_problem(Some(Edition::Native))), ("active", None));

    let plan = undo::plan(&load(&path, "last").unwrap(), &db).unwrap();
    assert!(!serde_json::to_string(&plan).unwrap().contains("sk-1"));
    apply(&mut db, plan.confirm(false, &Consent::given()).unwrap(), &mut NoJournal).unwrap();
    assert_eq!(dump(&mut db), before);
}
