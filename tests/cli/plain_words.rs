//! The documentation is short and plain: the README fits, sentences are short, and retired words stay away.

use super::documents::{lines, pages};

/// Words that the documentation does not use. Code and output in backticks may have them.
const RETIRED: [&str; 18] = [
    "shall",
    "whom",
    "whoever",
    "whomever",
    "thereof",
    "somebody",
    "nobody",
    "anybody",
    "everybody",
    "mend",
    "mends",
    "mended",
    "mending",
    "autopsy",
    "organisation",
    "organisations",
    "colour",
    "licence",
];

/// The longest sentence that a reader is given, in words.
const LONGEST: usize = 25;

/// The line without what stands in backticks, which counts as one word.
fn prose(line: &str) -> String {
    line.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "code" }).collect()
}

/// Paragraphs, list items and table cells, each with the number of its first line.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    for (number, is_code, line) in lines(page) {
        let (line, text) = (line.trim(), prose(line.trim()));
        let item = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let is_item = line.starts_with("- ") || (item.len() < line.len() && item.starts_with(". "));
        if is_code || line.is_empty() || line.starts_with(['#', '|']) || line.starts_with("```") {
            is_open = false;
            blocks.extend(text.split(" | ").filter(|_| line.starts_with('|')).map(|cell| (number, cell.to_owned())));
        } else if let Some((_, block)) = blocks.last_mut().filter(|_| is_open && !is_item) {
            block.push(' ');
            block.push_str(&text);
        } else {
            is_open = true;
            blocks.push((number, text));
        }
    }
    blocks
}

/// Words of each sentence of a block.
fn sentences(block: &str) -> Vec<Vec<&str>> {
    let mut sentences = vec![Vec::new()];
    for word in block.split_whitespace() {
        let is_last = word.trim_end_matches([')', '*', '"']).ends_with(['.', '!', '?']);
        match sentences.last_mut() {
            Some(sentence) if word.chars().any(char::is_alphanumeric) => sentence.push(word),
            _ => {}
        }
        if is_last {
            sentences.push(Vec::new());
        }
    }
    sentences
}

#[test]
fn the_readme_has_at_most_150_lines() {
    let (_, readme) = pages().into_iter().find(|(path, _)| path.ends_with("README.md")).unwrap();
    assert!(readme.lines().count() <= 150, "the README has {} lines", readme.lines().count());
}

#[test]
fn every_sentence_has_at_most_25_words() {
    let (mut long, mut seen) = (Vec::new(), 0);
    for (path, page) in pages() {
        for (number, block) in blocks(&page) {
            let sentences = sentences(&block);
            seen += sentences.len();
            let too_long = sentences.into_iter().filter(|sentence| sentence.len() > LONGEST);
            long.extend(too_long.map(|words| format!("{}:{number}: {}", path.display(), words.join(" "))));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
    assert!(seen > 300, "only {seen} sentences are seen");
}

#[test]
fn no_page_uses_a_retired_word() {
    let mut used = Vec::new();
    for (path, page) in pages() {
        for (number, block) in blocks(&page) {
            let words = block.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
            let retired = words.filter(|word| RETIRED.contains(&word.as_str()));
            used.extend(retired.map(|word| format!("{}:{number}: {word}", path.display())));
        }
    }
    assert!(used.is_empty(), "{}", used.join("\n"));
}

#[test]
fn a_block_is_split_into_its_sentences() {
    let page = "# Title\n\nOne two `a b`.\nThree (four.) Five\n- six\n\n| seven. eight | nine |\n```\nten\n```\n";
    let blocks: Vec<_> = blocks(page).into_iter().map(|(_, block)| block).collect();
    assert_eq!(blocks, ["One two code. Three (four.) Five", "- six", "| seven. eight", "nine |"]);
    let counts: Vec<_> = sentences(&blocks[0]).iter().map(Vec::len).collect();
    assert_eq!(counts, [3, 2, 1]);
}
