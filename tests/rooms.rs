//! The order of the rooms: a file uses the rooms below its own, and the files of one room go round in no circle.
//!
//! The code is parsed, and each path that begins in this crate is followed to the file that has the item: through
//! `use`, `super` and re-exports. What only tests use is not looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// From top to bottom. A room is a module with all below it, as far as no longer name is in the table.
const ROOMS: &[&str] = &[
    "main",
    "cli",
    "render",
    "bundle",
    "refresh",
    "audit",
    "verify",
    "diagnose",
    "repair",
    "directory",
    "sync",
    "evidence",
    "checks",
    "change",
    "flow",
    "sandbox",
    "findings",
    "setup",
    "owi",
    "lamb",
    "token",
    "oauth1",
    "http",
    "sqlite",
    "sort",
    "settings",
    "email",
    "files",
    "secret",
    "clock",
    "interrupt",
    "messages",
    "waiting",
    "committed",
    "shown",
    "version",
    "exit",
];

/// A module of the crate.
#[derive(Debug, Default)]
struct Module {
    /// What `use` brings in, by the name that it has here.
    names: BTreeMap<String, Vec<String>>,
    /// Paths in its code, as they are written, but for those that only hand on what a child has.
    uses: Vec<Vec<String>>,
}

/// All modules by their paths; the crate itself is the empty path.
type Modules = BTreeMap<Vec<String>, Module>;

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let condition = || attribute.parse_args::<syn::Path>().ok();
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg") && condition().is_some_and(|path| path.is_ident("test"))
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Every path of a `use`, with the name that it gives; a glob gives none.
fn flatten(tree: &UseTree, before: &[String], found: &mut Vec<(Vec<String>, Option<String>)>) {
    let with = |name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
    match tree {
        UseTree::Path(path) => flatten(&path.tree, &with(path.ident.to_string()), found),
        UseTree::Name(name) if name.ident == "self" => found.push((before.to_vec(), before.last().cloned())),
        UseTree::Name(name) => found.push((with(name.ident.to_string()), Some(name.ident.to_string()))),
        UseTree::Rename(name) => found.push((with(name.ident.to_string()), Some(name.rename.to_string()))),
        UseTree::Glob(_) => found.push((before.to_vec(), None)),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, before, found)),
    }
}

/// Collects the paths of one module's own items.
struct Paths<'m>(&'m mut Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) && !matches!(item, Item::Mod(_) | Item::Use(_)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    /// What a macro makes of its words is not known; paths that begin at the crate are seen.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let text = call.tokens.to_string().replace(" :: ", "::");
        let is_of_a_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let paths = text.split(|c| !is_of_a_path(c)).filter(|word| word.contains("::"));
        self.0.extend(paths.map(|path| path.split("::").map(ToOwned::to_owned).collect()));
    }
}

/// Reads the items of a module and all below it. `folder`: where its children are.
fn read(at: &[String], items: &[Item], folder: &Path, modules: &mut Modules) {
    let mut module = Module::default();
    for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
        Paths(&mut module.uses).visit_item(item);
        match item {
            Item::Use(item) => {
                let mut found = Vec::new();
                flatten(&item.tree, &[], &mut found);
                let hands_on = !matches!(item.vis, syn::Visibility::Inherited);
                for (path, name) in found {
                    // `pub use` of a child is this module's face, and no use of the child.
                    if !hands_on || ["crate", "super"].contains(&path[0].as_str()) {
                        module.uses.push(path.clone());
                    }
                    module.names.extend(name.map(|name| (name, path)));
                }
            }
            Item::Mod(child) => {
                let name = child.ident.to_string();
                let path: Vec<String> = at.iter().cloned().chain([name.clone()]).collect();
                let folder = folder.join(&name);
                match &child.content {
                    Some((_, items)) => read(&path, items, &folder, modules),
                    None => {
                        let (flat, deep) = (folder.with_extension("rs"), folder.join("mod.rs"));
                        read(&path, &items_of(if flat.exists() { &flat } else { &deep }), &folder, modules);
                    }
                }
            }
            _ => {}
        }
    }
    modules.insert(at.to_vec(), module);
}

fn items_of(file: &Path) -> Vec<Item> {
    syn::parse_file(&std::fs::read_to_string(file).unwrap()).unwrap().items
}

/// The module that has what a path names, as it is written in the module `at`; `None` where that is another crate.
fn resolve(modules: &Modules, at: &[String], path: &[String], depth: usize) -> Option<Vec<String>> {
    assert!(depth < 20, "{at:?} {path:?} leads nowhere");
    let (first, mut rest) = path.split_first()?;
    let mut here = match first.as_str() {
        "crate" => Vec::new(),
        "self" => at.to_vec(),
        "super" => at[..at.len() - 1].to_vec(),
        _ => {
            let child: Vec<String> = at.iter().chain([first]).cloned().collect();
            if modules.contains_key(&child) {
                child
            } else {
                let target = modules[at].names.get(first).filter(|target| *target != path)?;
                let full: Vec<String> = target.iter().chain(rest).cloned().collect();
                return resolve(modules, at, &full, depth + 1);
            }
        }
    };
    while let Some((name, further)) = rest.split_first() {
        let child: Vec<String> = here.iter().chain([name]).cloned().collect();
        if name == "super" {
            here.pop();
        } else if modules.contains_key(&child) {
            here = child;
        } else if let Some(target) = modules[&here].names.get(name) {
            let full: Vec<String> = target.iter().chain(further).cloned().collect();
            return resolve(modules, &here, &full, depth + 1);
        } else {
            break;
        }
        rest = further;
    }
    Some(here)
}

/// Which module uses which; none uses itself.
fn arrows(modules: &Modules) -> BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> {
    let mut arrows = BTreeMap::new();
    for (at, module) in modules {
        let to: BTreeSet<_> = module.uses.iter().filter_map(|path| resolve(modules, at, path, 0)).collect();
        arrows.insert(at, to.into_iter().filter(|to| to != at).collect());
    }
    arrows
}

/// The place of a module's room in the table.
fn room(module: &[String]) -> usize {
    let name = module.join("::");
    let is_in = |room: &&&str| name == **room || name.starts_with(&format!("{room}::"));
    let found = ROOMS.iter().filter(is_in).max_by_key(|room| room.len());
    let found = found.unwrap_or_else(|| panic!("the module {name} is in no room: give it one in tests/rooms.rs"));
    ROOMS.iter().position(|room| room == found).unwrap()
}

static MODULES_OF_THE_CRATE: LazyLock<Modules> = LazyLock::new(|| {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules = Modules::new();
    read(&[], &items_of(&source.join("lib.rs")), &source, &mut modules);
    modules
});

fn upward(modules: &Modules) -> Vec<String> {
    let mut found = Vec::new();
    for (from, to) in arrows(modules).into_iter().filter(|(from, _)| !from.is_empty()) {
        let to = to.iter().filter(|to| !to.is_empty() && room(to) < room(from));
        found.extend(to.map(|to| format!("{} uses {}", from.join("::"), to.join("::"))));
    }
    found
}

/// The circles between the modules of a room. A module and those inside it are one thing: they may use each other.
fn circles(modules: &Modules) -> BTreeSet<String> {
    let arrows = arrows(modules);
    let reach = |from: &Vec<String>| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(at) = next.pop() {
            let is_kin = |to: &[String]| to.starts_with(&at) || at.starts_with(to);
            let inside = arrows[&at].iter().filter(|to| !is_kin(to) && room(to) == room(&at));
            next.extend(inside.filter(|to| seen.insert((*to).clone())).cloned());
        }
        seen
    };
    let reached: BTreeMap<_, _> = modules.keys().filter(|at| !at.is_empty()).map(|at| (at, reach(at))).collect();
    let in_circles = reached.iter().filter(|(at, seen)| seen.contains(**at));
    let names = in_circles.map(|(at, seen)| {
        let circle = seen.iter().filter(|other| reached[other].contains(*at));
        circle.map(|module| module.join("::")).collect::<Vec<_>>().join(", ")
    });
    names.collect()
}

#[test]
fn a_room_uses_only_the_rooms_below_it() {
    let upward = upward(&MODULES_OF_THE_CRATE);
    assert!(upward.is_empty(), "{} arrows go up:\n{}", upward.len(), upward.join("\n"));
}

#[test]
fn the_files_of_a_room_use_each_other_in_no_circle() {
    assert_eq!(circles(&MODULES_OF_THE_CRATE), BTreeSet::new());
}

/// A crate in one text.
fn modules_in(source: &str) -> Modules {
    let mut modules = Modules::new();
    read(&[], &syn::parse_file(source).unwrap().items, Path::new("nowhere"), &mut modules);
    modules
}

#[test]
fn an_arrow_is_seen_however_it_is_written() {
    let target = "pub mod cli { pub mod exit { pub struct Exit; } pub use exit::Exit; }";
    let seen = |code: &str| upward(&modules_in(&format!("{target} pub mod email {{ {code} }}")));
    for code in [
        "use crate::cli::exit::Exit;",
        "use crate::{clock, cli::{exit::*}};",
        "use crate::cli::Exit as End;",
        "fn f() -> crate::cli::Exit {}",
        "fn f() { super::cli::exit::g(); }",
        "fn f() { let text = format!(\"{}\", crate::cli::exit::g()); }",
        "pub use crate::cli::exit::Exit;",
        "impl From<crate::cli::exit::Exit> for u8 {}",
    ] {
        assert_eq!(seen(code), ["email uses cli::exit"], "{code}");
    }
    for code in ["#[cfg(test)] mod tests { use crate::cli::exit::Exit; }", "use other::cli::exit::Exit;", "mod cli {}"]
    {
        assert_eq!(seen(code), [""; 0], "{code}");
    }
}

#[test]
fn a_circle_is_seen_through_a_third_file_and_a_module_may_use_what_is_inside_it() {
    let code = "pub mod change { pub use apply::apply; use rows::Row; struct Change;
        mod apply { use super::check; } mod check { use super::undo::f; use super::Change; }
        mod undo { use crate::change::apply; } mod rows { use super::Change; } }";
    let circle = "change::apply, change::check, change::undo".to_owned();
    assert_eq!(circles(&modules_in(code)), BTreeSet::from([circle]));
    assert!(circles(&modules_in(&code.replace("use crate::change::apply;", ""))).is_empty());
}
