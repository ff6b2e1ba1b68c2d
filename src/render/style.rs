//! The width of the terminal, and what stands out there.

use std::io;

use anstyle::{Ansi256Color, AnsiColor, Style as Ansi};

use super::colors_welcome;

/// A dark orange: the yellow of many terminals cannot be read on white. Clap paints the wrong value of a flag in it too.
pub(crate) const WARN: Ansi = Ansi256Color(130).on_default();

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

    /// True where what stands out is colored.
    pub(super) fn has_color(self) -> bool {
        self.color
    }

    /// A text in a grid, where only what has a meaning stands out.
    pub(super) fn paint_cell(self, tone: Tone, text: &str) -> String {
        if tone == Tone::Plain { text.to_owned() } else { self.paint(tone, text) }
    }

    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        let style = match tone {
            _ if !self.color => return text.to_owned(),
            Tone::Plain => Ansi::new().bold(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Warn => WARN,
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Faint => Ansi::new().dimmed(),
        };
        format!("{style}{text}{style:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colors by WCAG, from the parts red, green and blue.
    fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let linear = |part: u8| match f64::from(part) / 255.0 {
            part if part <= 0.040_45 => part / 12.92,
            part => ((part + 0.055) / 1.055).powf(2.4),
        };
        let light = |[r, g, b]: [u8; 3]| 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
        let (one, other) = (light(one) + 0.05, light(other) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn a_warning_is_readable_on_white_and_on_black() {
        let Some(anstyle::Color::Ansi256(color)) = WARN.get_fg_color() else { panic!("{WARN:?}") };
        // The cube of xterm's colors begins at 16; its six steps are 0, 95, 135, ….
        let step = |at: u8| if at == 0 { 0 } else { 55 + 40 * at };
        let place = color.index() - 16;
        let color = [step(place / 36), step(place / 6 % 6), step(place % 6)];
        // From 3 on, WCAG calls large text readable; from 4.5 on, all text.
        assert!(contrast(color, [255; 3]) > 4.5 && contrast(color, [0; 3]) > 3.0, "{color:?}");
        // What yellow is on white in xterm.
        assert!(contrast([205, 205, 0], [255; 3]) < 3.0);
    }
}
