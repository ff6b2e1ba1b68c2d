//! The JSON Schemas of `docs/schemas`: made from the types, committed, printed, and kept by every JSON that a test sees.
//! `BLESS=1 cargo test schemas` writes them and `docs/json.md` anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::run::Run;

/// The schemas as the types have them.
static MADE: LazyLock<BTreeMap<&'static str, Value>> =
    LazyLock::new(|| lamb_auth::cli::schemas().into_iter().collect());

/// A validator is made once a schema, and only where one is needed.
static VALIDATORS: LazyLock<BTreeMap<&'static str, OnceLock<Validator>>> =
    LazyLock::new(|| MADE.keys().map(|name| (*name, OnceLock::new())).collect());

/// Fails for JSON that the schema of its command does not describe.
#[track_caller]
pub(crate) fn check(output: &Value) {
    let faults = faults(output);
    assert!(faults.is_empty(), "the schema does not describe this output: {faults:#?}\n{output:#}");
}

fn faults(output: &Value) -> Vec<String> {
    let name = if output.get("error").is_some() { "error" } else { output["command"].as_str().unwrap_or_default() };
    let Some((name, validator)) = VALIDATORS.get_key_value(name) else {
        return vec![format!("there is no schema {name:?}")];
    };
    let validator = validator.get_or_init(|| jsonschema::validator_for(&MADE[name]).unwrap());
    if validator.is_valid(output) {
        return Vec::new();
    }
    // The alternative that fits best says what is wrong with it.
    let alternatives = MADE[name]["anyOf"].as_array().unwrap().iter().map(|alternative| {
        let mut schema = alternative.clone();
        schema["$defs"] = MADE[name]["$defs"].clone();
        let validator = jsonschema::validator_for(&schema).unwrap();
        validator
            .iter_errors(output)
            .map(|error| format!("{}: {error:.300}", error.instance_path()))
            .collect::<Vec<_>>()
    });
    alternatives.min_by_key(Vec::len).unwrap()
}

/// The same for all that a run with `-o json` or `-o jsonl` printed; what is cut off is left to the test.
#[track_caller]
pub(crate) fn check_output(words: &[String], stdout: &str) {
    let is_json = words.iter().any(|word| ["json", "jsonl", "--json", "-ojson", "-ojsonl"].contains(&word.as_str()));
    if is_json && !words.iter().any(|word| word == "schema") {
        serde_json::Deserializer::from_str(stdout).into_iter::<Value>().map_while(Result::ok).for_each(|it| check(&it));
    }
}

/// Compares a generated file with the committed one, or writes it.
fn current(file: &str, text: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    std::fs::read_to_string(&path).ok().as_deref() == Some(text)
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    let text = |schema: &Value| format!("{}\n", serde_json::to_string_pretty(schema).unwrap());
    let stale = MADE.iter().filter(|(name, schema)| !current(&format!("schemas/{name}.json"), &text(schema)));
    let stale: Vec<_> = stale.map(|(name, _)| name).collect();
    assert!(stale.is_empty(), "not as the types are: {stale:?}; BLESS=1 cargo test schemas");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), MADE.len());
}

#[test]
fn the_page_of_the_fields_is_that_of_the_schemas() {
    assert!(current("json.md", &page()), "docs/json.md is not of the schemas; BLESS=1 cargo test schemas");
}

/// A schema that allows anything would describe all output.
#[test]
fn a_schema_allows_no_field_that_it_does_not_name() {
    let output = Run::new(["config", "--offline", "-ojson"].map(str::to_owned).to_vec()).run();
    let mut json = output.json();
    assert_eq!(faults(&json), [""; 0]);
    for (place, value) in [("/settings/0", "new"), ("", "new")] {
        let mut more = json.clone();
        more.pointer_mut(place).unwrap()[value] = Value::Null;
        assert_ne!(faults(&more), [""; 0], "{place}");
    }
    json["settings"][0].as_object_mut().unwrap().remove("value");
    assert_ne!(faults(&json), [""; 0]);
    let open = |schema: &Value| schema.get("properties").is_some() && schema.get("additionalProperties").is_none();
    for (name, schema) in MADE.iter() {
        for (definition, schema) in schema["$defs"].as_object().unwrap() {
            let is_closed = !open(schema) || schema.get("unevaluatedProperties").is_some();
            assert!(is_closed, "{name}: {definition}");
        }
    }
}

#[test]
fn each_command_prints_its_schema() {
    let run = |words: &[&str]| Run::new(words.iter().map(|word| (*word).to_owned()).collect()).run();
    for name in MADE.keys() {
        let printed = run(&["schema", name]);
        let schema: Value = serde_json::from_str(&printed.expect(0).stdout).unwrap();
        jsonschema::meta::validate(&schema).unwrap();
        assert!(schema == MADE[name], "the program has another schema of {name}: build it again");
    }
    let list = run(&["schema"]);
    assert_eq!(list.expect(0).stdout, run(&["schema", "--list"]).stdout);
    assert_eq!(list.stdout.lines().count(), MADE.len());
    run(&["schema", "nothing"]).expect(2);
    // All commands but the two that print scripts, and the hidden one of help.
    for command in lamb_auth::cli::tree().get_subcommands().map(clap::Command::get_name) {
        let has_none = ["completions", "help", "options"].contains(&command);
        assert_eq!(MADE.contains_key(command), !has_none, "{command}");
    }
}

const HEAD: &str = "\
<!-- Made from docs/schemas; `BLESS=1 cargo test schemas` writes it anew. -->

# JSON output

With `-o json`, a command prints one JSON object on stdout. With `-o jsonl`, it prints one object a line. Each begins
with `schema`, the number of the shape, and `command`. The shape only grows: a new version may add a field, but it
renames and removes none while `schema` stays the same. So ignore the fields that you do not know.

`lamb-auth schema COMMAND` prints the JSON Schema of a command, which names every field of this version. The same files
are in `docs/schemas`. Every JSON that a test of `lamb-auth` sees is checked against its schema.

If a command fails, it prints an object with [`error`](#error) in place of its output. Times are RFC 3339 in UTC.
";

/// The fields of all output as a page.
fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut types: BTreeMap<&str, &Value> = BTreeMap::new();
    for (name, schema) in MADE.iter() {
        let _ = write!(page, "\n## {name}\n\n[Schema](schemas/{name}.json)\n");
        let outputs = schema["anyOf"].as_array().unwrap();
        for (number, output) in (1..).zip(outputs) {
            let about = output["description"].as_str().unwrap_or_default();
            let number = if outputs.len() > 1 { format!("{number}. ") } else { String::new() };
            let _ = writeln!(page, "\n{number}{}\n", if about.is_empty() { "The output." } else { about });
            fields(&mut page, output);
        }
        for (name, definition) in schema["$defs"].as_object().unwrap() {
            let known = types.entry(name).or_insert(definition);
            assert_eq!(*known, definition, "two types have the name {name}");
        }
    }
    page.push_str("\n## Types\n");
    for (name, definition) in types {
        let _ = write!(page, "\n### {name}\n");
        if let Some(about) = definition["description"].as_str() {
            let _ = write!(page, "\n{about}\n");
        }
        page.push('\n');
        if definition.get("properties").is_some() {
            fields(&mut page, definition);
        }
        for (at, branch) in branches(definition).into_iter().enumerate() {
            if branch.get("properties").is_some() {
                let about = branch["description"].as_str().unwrap_or("Another form:");
                let _ = writeln!(page, "{}{about}\n", if at == 0 { "" } else { "\n" });
                fields(&mut page, branch);
            } else {
                let about = branch["description"].as_str().map(|about| format!(": {about}")).unwrap_or_default();
                let _ = writeln!(page, "- {}{about}", kind(branch));
            }
        }
        if definition.get("properties").is_none() && branches(definition).is_empty() {
            let _ = writeln!(page, "{}.", kind(definition));
        }
    }
    page
}

fn branches(schema: &Value) -> Vec<&Value> {
    ["oneOf", "anyOf", "allOf"].iter().filter_map(|word| schema[*word].as_array()).flatten().collect()
}

fn fields(page: &mut String, schema: &Value) {
    let none = Map::new();
    page.push_str("| field | type | what it is |\n|---|---|---|\n");
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, field) in schema["properties"].as_object().unwrap_or(&none) {
        let may = if required.contains(&name.as_str()) { "" } else { ", may be missing" };
        let about = field["description"].as_str().unwrap_or_default().replace('|', "\\|");
        let _ = writeln!(page, "| `{name}` | {}{may} | {about} |", kind(field));
    }
}

/// The type of a value, in words.
fn kind(schema: &Value) -> String {
    let one = |name: &str| match name {
        "array" => match schema.get("items") {
            Some(items) => format!("list of {}", kind(items)),
            None => "list".to_owned(),
        },
        "object" => match schema.get("additionalProperties") {
            Some(all @ Value::Object(_)) => format!("object of {}", kind(all)),
            _ => "object".to_owned(),
        },
        name => name.to_owned(),
    };
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(value) = schema.get("const") {
        return format!("`{value}`");
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    }
    match &schema["type"] {
        Value::String(name) => one(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).map(one).collect::<Vec<_>>().join(" or "),
        _ => match branches(schema).into_iter().map(kind).collect::<Vec<_>>() {
            kinds if kinds.is_empty() => "any".to_owned(),
            kinds => kinds.join(" or "),
        },
    }
}
