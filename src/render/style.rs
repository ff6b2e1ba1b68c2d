//! The width of the terminal, and what stands out there.

use std::io;

use anstyle::{AnsiColor, Style as Ansi};

use super::colors_welcome;

/// How much a line stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Warn,
    Bad,
    Faint,
}

/// The width, and whether colors are welcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    width: u16,
    color: bool,
}

impl Style {
    /// As stdout is: the terminal's width, `COLUMNS` before it, 100 where there is no terminal.
    pub(crate) fn of_stdout() -> Self {
        let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
        let asked = columns.or_else(|| Some(terminal_size::terminal_size_of(io::stdout())?.0.0));
        Self { width: asked.unwrap_or(100).clamp(40, 160), color: colors_welcome(&io::stdout()) }
    }

    /// The width of the terminal in columns.
    pub(super) fn width(self) -> usize {
        usize::from(self.width)
    }

    /// So many columns, without colors.
    #[cfg(test)]
    pub(super) fn plain(width: u16) -> Self {
        Self { width, color: false }
    }

    /// A text in a grid, where only what has a meaning stands out.
    /// True where what stands out is colored.
    pub(super) fn has_color(self) -> bool {
        self.color
    }

    pub(super) fn paint_cell(self, tone: Tone, text: &str) -> String {
        if tone == Tone::Plain { text.to_owned() } else { self.paint(tone, text) }
    }

    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        let style = match tone {
            _ if !self.color => return text.to_owned(),
            Tone::Plain => Ansi::new().bold(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Warn => AnsiColor::Yellow.on_default(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Faint => Ansi::new().dimmed(),
        };
        format!("{style}{text}{style:#}")
    }
}
