//! A manual page from what a program prints for `--help`.

use anyhow::Context as _;

/// Writes the page of `program`. The help is a sentence, `usage: …`, then indented lines: options with their
/// description after two spaces or more, and sentences.
pub(super) fn page(program: &str, version: &str, help: &str) -> anyhow::Result<String> {
    let mut lines = help.lines();
    let about = lines.next().filter(|line| !line.is_empty()).context("the help begins with no sentence")?;
    let usage = lines
        .find_map(|line| line.strip_prefix("usage: "))
        .context("the help has no line that begins with `usage: `")?;
    let usage =
        usage.strip_prefix(program).context("the usage does not begin with the name of the program")?;
    let mut page = format!(
        ".TH {} 1 \"\" \"Slipway {version}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n\
         .B {}\n{}\n.SH DESCRIPTION\n{}.\n",
        escaped(&program.to_uppercase()),
        escaped(program),
        escaped(&lowered(about)),
        escaped(program),
        line_of_text(usage.trim()),
        line_of_text(about)
    );
    let mut options = String::new();
    let mut sentences = String::new();
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        match line.split_once("  ") {
            Some((option, text)) => {
                let (option, text) = (escaped(option), line_of_text(text.trim()));
                options.push_str(&format!(".TP\n.B {option}\n{text}\n"));
            }
            None => sentences.push_str(&format!(".PP\n{}\n", line_of_text(line))),
        }
    }
    if !options.is_empty() {
        page.push_str(".SH OPTIONS\n");
        page.push_str(&options);
    }
    if !sentences.is_empty() {
        page.push_str(".SH NOTES\n");
        page.push_str(&sentences);
    }
    page.push_str(".SH SEE ALSO\n.BR slipway (1)\n");
    Ok(page)
}

/// `The window` as it stands after a dash: `the window`.
fn lowered(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// Text in which nothing is a request or an escape of roff, and a minus stays one.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}

/// A line of text: what would be a request at its beginning is none.
fn line_of_text(text: &str) -> String {
    let text = escaped(text);
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_sentences_of_the_help_are_told_apart() {
        let help = "The window of Slipway\n\nusage: slipway-desktop [--sample | REPOSITORY]\n\n  \
                    REPOSITORY  the repository to open\n  --sample    the built-in sample\n\n  \
                    .slipway.yaml is read first.\n";
        let page = page("slipway-desktop", "1.2.3", help).unwrap();
        assert!(page.starts_with(".TH SLIPWAY\\-DESKTOP 1 \"\" \"Slipway 1.2.3\""), "{page}");
        assert!(page.contains("slipway\\-desktop \\- the window of Slipway\n"), "{page}");
        assert!(page.contains(".B slipway\\-desktop\n[\\-\\-sample | REPOSITORY]\n"), "{page}");
        assert!(page.contains(".TP\n.B \\-\\-sample\nthe built\\-in sample\n"), "{page}");
        assert!(page.contains(".PP\n\\&.slipway.yaml is read first.\n"), "{page}");
    }

    #[test]
    fn help_without_usage_is_refused() {
        assert!(page("x", "1", "A program\n").is_err());
    }
}
