//! Laying text out for a terminal: lines and grids that break between words, and never inside a command, a path or an
//! id. What is wider than the terminal stands whole on a line of its own.

use comfy_table::{Attribute, Color, ColumnConstraint, ContentArrangement, Width, presets};
use unicode_width::UnicodeWidthStr as _;

use super::style::{Style, Tone};
use crate::shown;

/// Between two columns.
const GAP: usize = 2;
/// A last column that is narrower than this is hard to read: its text is put below the row.
const NARROW: usize = 24;
/// The indent of a text below its row.
const BELOW: &str = "      ";

/// A cell: its text, and how much it stands out.
pub(super) type Cell = (String, Tone);

fn width(text: &str) -> usize {
    text.width()
}

/// The pieces of a line that are never broken: words, and whole commands.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let word = rest.find(' ').unwrap_or(rest.len());
        let end = shown::command_at(rest).unwrap_or(word);
        pieces.push(&rest[..end]);
        rest = rest[end..].strip_prefix(' ').unwrap_or(&rest[end..]);
    }
    pieces
}

/// The lines of a text that is broken between its pieces.
fn lines(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let text = paragraph.trim_start_matches(' ');
        let mut line = " ".repeat(paragraph.len() - text.len());
        let mut is_begun = false;
        for piece in pieces(text) {
            if is_begun && width(&line) + 1 + width(piece) > room {
                lines.push(std::mem::take(&mut line));
            } else if is_begun {
                line.push(' ');
            }
            line.push_str(piece);
            is_begun = true;
        }
        lines.push(line);
    }
    lines
}

/// Breaks a text, each line with this indent.
pub(super) fn wrap(text: &str, columns: usize, indent: &str) -> String {
    let room = columns.saturating_sub(indent.len()).max(20);
    let lines: Vec<String> = lines(text, room).into_iter().map(|line| format!("{indent}{line}")).collect();
    lines.join("\n")
}

/// The widest of these, in columns.
fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(width).max().unwrap_or(0)
}

/// A grid: all columns but the last get what they need, as far as there is room; the last gets what is left.
pub(super) fn grid(headers: &[&str], mut rows: Vec<Vec<Cell>>, style: Style) -> String {
    if !headers.is_empty() {
        rows.insert(0, headers.iter().map(|&header| (header.to_owned(), Tone::Faint)).collect());
    }
    let total = style.width();
    let Some(last) = rows.iter().map(Vec::len).max().and_then(|columns| columns.checked_sub(1)) else {
        return String::new();
    };
    let column = |number: usize| rows.iter().filter_map(move |row| Some(row.get(number)?.0.as_str()));
    let mut widths: Vec<usize> =
        (0..last).map(|number| widest(column(number).flat_map(|text| text.split('\n')))).collect();
    let least: Vec<usize> =
        (0..last).map(|number| widest(column(number).flat_map(|text| text.split('\n').flat_map(pieces)))).collect();
    let last_needs = widest(column(last)).min(NARROW);
    let used = |widths: &[usize]| widths.iter().map(|width| width + GAP).sum::<usize>();
    while used(&widths) + last_needs > total {
        // The widest that can still be broken gets narrower.
        let breakable = (0..last).filter(|&number| widths[number] > least[number]);
        let Some(widest) = breakable.max_by_key(|&number| widths[number]) else { break };
        widths[widest] -= 1;
    }
    let room = total.saturating_sub(used(&widths));
    let rows: Vec<Broken> = rows.iter().map(|row| broken(row, &widths, room)).collect();
    let table = aligned(&rows, &widths, style);
    let mut laid = table.lines();
    let mut out: Vec<String> = Vec::new();
    for Broken { cells, below } in &rows {
        let height = cells.iter().map(|(lines, _)| lines.len()).max().unwrap_or(0);
        // A row that has no line of its own takes one in the table.
        out.extend(laid.by_ref().take(height.max(1)).take(height).map(|line| line.trim_end().to_owned()));
        if let Some((text, tone)) = below {
            let text = wrap(text, style.width(), BELOW);
            out.extend(text.lines().map(|line| style.paint_cell(*tone, line)));
        }
    }
    out.join("\n")
}

/// True for a text that can be read in a last column of this width.
fn fits(text: &str, room: usize) -> bool {
    width(text) <= room && !text.contains('\n') || room >= NARROW && widest(text.split('\n').flat_map(pieces)) <= room
}

/// A row whose cells are broken into lines, and its last cell if a piece of it does not fit there.
struct Broken {
    cells: Vec<(Vec<String>, Tone)>,
    below: Option<Cell>,
}

fn broken(row: &[Cell], widths: &[usize], room: usize) -> Broken {
    let mut below = None;
    let cells = row.iter().enumerate().map(|(number, (text, tone))| {
        let here = match widths.get(number) {
            Some(&width) => lines(text, width.max(1)),
            None if fits(text, room) => lines(text, room),
            None => {
                below = Some((text.clone(), *tone));
                Vec::new()
            }
        };
        (here, *tone)
    });
    Broken { cells: cells.collect(), below }
}

/// The lines of all rows. comfy-table would break a command; what is broken already it only aligns.
fn aligned(rows: &[Broken], widths: &[usize], style: Style) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if style.has_color() {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    for row in rows {
        table.add_row(row.cells.iter().map(|(lines, tone)| {
            let cell = comfy_table::Cell::new(lines.join("\n"));
            match tone {
                Tone::Plain => cell,
                Tone::Good => cell.fg(Color::Green),
                Tone::Warn => cell.fg(Color::Yellow),
                Tone::Bad => cell.fg(Color::Red).add_attribute(Attribute::Bold),
                Tone::Faint => cell.add_attribute(Attribute::Dim),
            }
        }));
    }
    for (number, column) in table.column_iter_mut().enumerate() {
        let gap = u16::try_from(GAP).unwrap_or_default();
        column.set_padding((0, if number < widths.len() { gap } else { 0 }));
        if let Some(width) = widths.get(number).and_then(|width| u16::try_from(width + GAP).ok()) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATH: &str = "/srv/lamb/backend/data/of/this/university/lamb_v4.db";
    const COMMAND: &str = "lamb-auth create-creator --email admin@admin.owi --org lamb --role admin";
    const SQL: &str = "sqlite3 /srv/webui.db \"UPDATE auth SET active = 1 WHERE id = 'a b';\"";

    fn plain(columns: u16) -> Style {
        Style::plain(columns)
    }

    #[test]
    fn a_command_and_a_path_are_whole_at_any_width() {
        for columns in [40, 80, 120] {
            let text = format!(
                "Stop Open WebUI and copy {PATH} first. Then run: {COMMAND}, and as the last step {SQL} as root."
            );
            let wrapped = wrap(&text, usize::from(columns), "    ");
            let row = vec![
                ("  3 ✗".to_owned(), Tone::Bad),
                ("creator-entry".to_owned(), Tone::Plain),
                (text.clone(), Tone::Plain),
            ];
            let laid = grid(&["", "step", "note"], vec![row], plain(columns));
            for out in [wrapped, laid] {
                for whole in [PATH, COMMAND, SQL] {
                    assert!(out.lines().any(|line| line.contains(whole)), "{whole} at {columns}:\n{out}");
                }
                // What is too wide has its line for itself.
                let too_wide = out.lines().filter(|line| width(line) > usize::from(columns));
                for line in too_wide {
                    let line = line.trim().trim_end_matches(['.', ',']);
                    assert!([PATH, COMMAND, SQL].contains(&line), "{line:?} at {columns}:\n{out}");
                }
            }
        }
    }

    #[test]
    fn an_indent_stays() {
        let rows = vec![vec![("  a b".to_owned(), Tone::Plain), ("c".to_owned(), Tone::Plain)]];
        assert_eq!(grid(&[], rows, plain(80)), "  a b  c");
        assert_eq!(wrap("  a b", 80, ""), "  a b");
    }

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let rows = vec![
            vec![("a".to_owned(), Tone::Plain), ("王王".to_owned(), Tone::Plain), ("x".to_owned(), Tone::Plain)],
            vec![("bbb".to_owned(), Tone::Plain), (String::new(), Tone::Plain), ("y".to_owned(), Tone::Plain)],
        ];
        assert_eq!(grid(&[], rows, plain(80)), "a    王王  x\nbbb        y");
        assert_eq!(grid(&[], Vec::new(), plain(80)), "");
    }

    proptest! {
        #[test]
        fn no_text_is_lost(text in "[a-z é王'\"-]{0,60}", columns in 40u16..120) {
            let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(squeezed(&wrap(&text, usize::from(columns), "  ")), squeezed(&text));
            let laid = grid(&[], vec![vec![("k".to_owned(), Tone::Plain), (text.clone(), Tone::Plain)]], plain(columns));
            prop_assert_eq!(squeezed(&laid), squeezed(&format!("k {text}")));
        }
    }
}
