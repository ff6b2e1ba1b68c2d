//! `docs/tasks.md` shows what the program prints, task by task. `BLESS=1 cargo test --test suite -- cli::tasks` writes it.

use std::fmt::Write as _;
use std::path::Path;

use lamb_auth::lamb::Edition;

use super::run::World;

/// A task: its heading, what happened, and commands with their exit codes, each after a sentence.
struct Task {
    title: &'static str,
    story: &'static str,
    prepare: fn(&World),
    steps: &'static [(&'static str, &'static str, i32)],
}

const TASKS: [Task; 5] = [
    Task {
        title: "A teacher cannot sign in",
        story: "LAMB says \"Invalid authentication or user not found in creator database\".",
        prepare: |_| {},
        steps: &[
            ("Find the step that fails, and why:", "diagnose admin@admin.owi", 1),
            (
                "Run the command of the last line. It asks before it changes something:",
                "diagnose --email admin@admin.owi --fix --yes",
                0,
            ),
            ("Each change has a run. The undo command takes it back by its id:", "history", 0),
        ],
    },
    Task {
        title: "Fifty people are locked out",
        story: "After a restore of LAMB's database, fifty teachers have no creator.",
        prepare: lock_out_fifty,
        steps: &[
            ("See what is wrong, and with how many:", "audit", 1),
            ("See what would be created:", "sync", 1),
            (
                "Create them. If this went wrong, the undo command of the last line takes it back:",
                "sync --apply --yes",
                0,
            ),
            ("Look again:", "audit --finding creator-missing", 0),
        ],
    },
    Task {
        title: "Give a user a role",
        story: "A creator has no role in the organization.",
        prepare: |_| {},
        steps: &[
            ("Look at the creator:", "check-user no-role@sandbox.test", 0),
            ("See the change first:", "assign-role --email no-role@sandbox.test --role member --dry-run", 1),
            ("Make it:", "assign-role --email no-role@sandbox.test --role member --yes", 0),
        ],
    },
    Task {
        title: "Hand over a support bundle",
        story: "Another team is to find the cause, and must not see who your users are.",
        prepare: |_| {},
        steps: &[
            (
                "The archive has no e-mails. The key stays with you:",
                "support-bundle --out bundle.tar.gz --email half@sandbox.test",
                0,
            ),
            (
                "The other team writes about pseudonyms. This is how you find the one of a user:",
                "support-bundle --who half@sandbox.test --key bundle.tar.gz.key",
                0,
            ),
        ],
    },
    Task {
        title: "Keep both sides in sync",
        story: "Users are created in Open WebUI, and are to be creators of LAMB as well.",
        prepare: |_| {},
        steps: &[
            ("See what differs:", "sync", 1),
            (
                "Make the changes once; a timer can run the same line (see [sync.md](sync.md)):",
                "sync --apply --yes -q",
                0,
            ),
            ("Nothing is left to do:", "sync", 0),
        ],
    },
];

/// Adds 120 users, and creators with a role for the first 70 of them.
fn lock_out_fifty(world: &World) {
    const NUMBERS: &str = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n <";
    let hash = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
    let owi = format!(
        "INSERT INTO user (id, email, name, role, profile_image_url, created_at, updated_at, last_active_at)
         {NUMBERS} 120) SELECT 'id' || n, printf('teacher%03d@uni.example', n), 'T', 'user', '/p', 1, 1, 1 FROM n;
         INSERT INTO auth (id, email, password, active)
         {NUMBERS} 120) SELECT 'id' || n, printf('teacher%03d@uni.example', n), '{hash}', 1 FROM n;"
    );
    world.owi().execute_batch(&owi).unwrap();
    world.lamb_sql(&format!(
        "INSERT INTO {{p}}Creator_users
             (organization_id, user_email, user_name, user_config, created_at, updated_at)
         {NUMBERS} 70) SELECT 1, printf('teacher%03d@uni.example', n), 'T', '{{}}', 1, 1 FROM n;
         INSERT INTO {{p}}organization_roles (organization_id, user_id, role, created_at, updated_at)
         SELECT 1, id, 'member', 1, 1 FROM {{p}}Creator_users WHERE user_email LIKE '%@uni.example';"
    ));
}

/// What differs from run to run, by what its words begin with or end with.
fn fixed(world: &World, text: &str) -> String {
    let word = |word: &str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let is_run =
            word.len() == 23 && word.starts_with("20") && word.as_bytes()[8] == b'T' && word.as_bytes()[16] == b'-';
        let is_time = word.starts_with("20") && word.ends_with('Z') && word.contains('T') && digits >= 14;
        match word {
            _ if is_run => "20261130T090000Z-0123ab".to_owned(),
            _ if is_time => "2026-11-30T09:00:00Z".to_owned(),
            word if word.len() == 13 && word.starts_with("user-") => "user-0123abcd".to_owned(),
            word if word.starts_with("/data/lamb/lamb-auth.backup-")
                || word.starts_with("box/lamb/lamb-auth.backup-") =>
            {
                "/data/lamb/lamb-auth.backup-20261130T090000000Z.db".to_owned()
            }
            word if word.starts_with("diagnose/user-") => "diagnose/user-0123abcd.json".to_owned(),
            word => word.to_owned(),
        }
    };
    let line = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let unit = |at: usize| words.get(at + 1).copied().unwrap_or_default();
        let fixed = words.iter().enumerate().map(|(at, &text)| match unit(at) {
            "ms" => "5".to_owned(),
            "s" if text.contains('.') => "0.005".to_owned(),
            _ => word(text),
        });
        fixed.collect::<Vec<_>>().join(" ")
    };
    let text = text.lines().map(line).collect::<Vec<_>>().join("\n");
    let places = [
        ("box/", "/data/"),
        (world.sandbox.owi_url(), "http://openwebui:8080"),
        (world.sandbox.backend_url(), "http://localhost:9099"),
    ];
    places.iter().fold(text, |text, (from, to)| text.replace(from, to))
}

fn page() -> String {
    let mut page = String::from(
        "# Five tasks, step by step\n\nEach block shows a command and what it prints on a terminal of 80 columns. The tests \
         run these commands on the sandbox\nand compare the output with this page.\n",
    );
    for task in &TASKS {
        let world = World::plain(Edition::Delegated);
        (task.prepare)(&world);
        let _ = write!(page, "\n## {}\n\n{}\n", task.title, task.story);
        for (sentence, command, code) in task.steps {
            let output = world.command(command).env("COLUMNS", "80").run();
            output.expect(*code);
            let printed = fixed(&world, output.stdout.trim_end());
            let _ = write!(page, "\n{sentence}\n\n```console\n$ lamb-auth {command}\n{printed}\n```\n");
        }
    }
    page
}

/// The page without what a longer value moves or changes: line breaks, milliseconds, and who runs the tests.
fn words(page: &str) -> Vec<String> {
    let is_number = |word: &str| word.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    let words = page.split_whitespace().filter(|word| !is_number(word) && *word != "root");
    words.map(str::to_owned).collect()
}

#[test]
fn the_tasks_print_what_their_page_shows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tasks.md");
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, page).unwrap();
        return;
    }
    let shown = std::fs::read_to_string(&path).unwrap();
    assert_eq!(words(&shown), words(&page), "BLESS=1 cargo test --test suite -- cli::tasks");
}
