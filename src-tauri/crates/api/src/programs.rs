//! The user's own programs: the editor that opens a file at a line, and the file manager.
//!
//! A program is started with its arguments, never by way of a shell, and nothing of a repository becomes part of
//! a command but the path of a file that is in it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::dto::ApiError;
use crate::error::error;

/// A place in a file.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a Path,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// How an editor is told the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `--goto FILE:LINE:COLUMN`.
    Goto,
    /// `FILE:LINE:COLUMN`.
    Suffix,
    /// `--line LINE --column COLUMN FILE`.
    LineOptions,
    /// `+LINE:COLUMN FILE`.
    Plus,
    /// `+LINE FILE`.
    PlusLine,
    /// `-nLINE -cCOLUMN FILE`.
    Dash,
    /// `--line LINE:COLUMN FILE`.
    Mate,
}

/// Editors with a window of their own, by the name of their program.
const EDITORS: &[(&str, Style)] = &[
    ("code", Style::Goto),
    ("code-insiders", Style::Goto),
    ("codium", Style::Goto),
    ("vscodium", Style::Goto),
    ("cursor", Style::Goto),
    ("windsurf", Style::Goto),
    ("zed", Style::Suffix),
    ("zeditor", Style::Suffix),
    ("subl", Style::Suffix),
    ("sublime_text", Style::Suffix),
    ("idea", Style::LineOptions),
    ("idea64", Style::LineOptions),
    ("goland", Style::LineOptions),
    ("goland64", Style::LineOptions),
    ("webstorm", Style::LineOptions),
    ("pycharm", Style::LineOptions),
    ("rustrover", Style::LineOptions),
    ("clion", Style::LineOptions),
    ("phpstorm", Style::LineOptions),
    ("rider", Style::LineOptions),
    ("fleet", Style::LineOptions),
    ("kate", Style::LineOptions),
    ("kwrite", Style::LineOptions),
    ("gedit", Style::Plus),
    ("gnome-text-editor", Style::PlusLine),
    ("pluma", Style::PlusLine),
    ("xed", Style::PlusLine),
    ("mousepad", Style::LineOptions),
    ("emacsclient", Style::Plus),
    ("gvim", Style::PlusLine),
    ("mvim", Style::PlusLine),
    ("neovide", Style::PlusLine),
    ("mate", Style::Mate),
    ("notepad++", Style::Dash),
];

/// Programs that edit inside a terminal, which a window does not have.
const IN_A_TERMINAL: &[&str] = &[
    "vi", "vim", "nvim", "nano", "pico", "hx", "helix", "micro", "joe", "ed", "emacs", "mcedit", "ne", "kak",
];

/// What is looked for on `PATH` where neither the setting nor a variable names an editor.
const LOOKED_FOR: &[&str] =
    &["code", "codium", "cursor", "zed", "zeditor", "subl", "idea", "kate", "gnome-text-editor", "gedit"];

/// What names an editor, and what it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Editor {
    /// `setting`, `VISUAL`, `EDITOR` or `PATH`.
    pub(crate) found_by: &'static str,
    /// The program.
    pub(crate) program: PathBuf,
    arguments: Vec<String>,
}

/// What the choice of an editor depends on.
pub(crate) struct Surroundings<'a> {
    pub(crate) setting: Option<&'a str>,
    pub(crate) visual: Option<String>,
    pub(crate) editor: Option<String>,
    /// The path of a program on `PATH`.
    pub(crate) find: &'a dyn Fn(&str) -> Option<PathBuf>,
}

impl Surroundings<'_> {
    /// Those of this process.
    pub(crate) fn of_process(setting: Option<&str>) -> Surroundings<'_> {
        Surroundings {
            setting,
            visual: std::env::var("VISUAL").ok(),
            editor: std::env::var("EDITOR").ok(),
            find: &on_path,
        }
    }

    /// The editor to use. A terminal editor in a variable is passed over, since there is no terminal.
    pub(crate) fn editor(&self) -> Result<Editor, ApiError> {
        if let Some(setting) = self.setting.filter(|text| !text.trim().is_empty()) {
            return self.named(setting, "setting");
        }
        let mut passed_over = None;
        for (found_by, value) in [("VISUAL", &self.visual), ("EDITOR", &self.editor)] {
            let Some(value) = value.as_deref().filter(|text| !text.trim().is_empty()) else { continue };
            match self.named(value, found_by) {
                Ok(editor) => return Ok(editor),
                Err(failure) => passed_over = passed_over.or(Some(failure)),
            }
        }
        for name in LOOKED_FOR {
            if let Some(program) = (self.find)(name) {
                return Ok(Editor { found_by: "PATH", program, arguments: Vec::new() });
            }
        }
        Err(passed_over.unwrap_or_else(|| {
            error("no-editor", "no editor with a window of its own was found")
                .hint("name one in Settings, Tools: `code`, `subl`, or a path")
        }))
    }

    fn named(&self, command: &str, found_by: &'static str) -> Result<Editor, ApiError> {
        let mut words = words(command)?.into_iter();
        let Some(name) = words.next() else {
            return Err(error("no-editor", format!("{found_by} names no editor")));
        };
        let stem = stem(Path::new(&name));
        if IN_A_TERMINAL.contains(&stem.as_str()) {
            return Err(error(
                "editor-needs-terminal",
                format!("`{stem}`, which {found_by} names, needs a terminal, and Slipway has none"),
            )
            .hint("name an editor with a window of its own in Settings, Tools"));
        }
        let path = Path::new(&name);
        let program = if path.components().count() > 1 {
            path.is_file().then(|| path.to_path_buf())
        } else {
            (self.find)(&name)
        };
        match program {
            Some(program) => Ok(Editor { found_by, program, arguments: words.collect() }),
            None => Err(error("no-editor", format!("{found_by} names `{name}`, which is no program here"))
                .hint("correct it in Settings, Tools")),
        }
    }
}

impl Editor {
    /// The arguments that show a place. Placeholders in the setting are filled; else a known editor is told in its
    /// own way, and an unknown one gets the file alone.
    pub(crate) fn arguments(&self, place: &Place<'_>) -> Vec<OsString> {
        let has_placeholder = self.arguments.iter().any(|argument| argument.contains("{file}"));
        if has_placeholder {
            let fill = |argument: &String| {
                let text = argument
                    .replace("{line}", &place.line.to_string())
                    .replace("{column}", &place.column.to_string());
                match text.split_once("{file}") {
                    None => OsString::from(text),
                    Some((before, after)) => {
                        let mut filled = OsString::from(before);
                        filled.push(place.file);
                        filled.push(after);
                        filled
                    }
                }
            };
            return self.arguments.iter().map(fill).collect();
        }
        let mut all: Vec<OsString> = self.arguments.iter().map(OsString::from).collect();
        let (line, column, file) = (place.line, place.column, place.file.as_os_str());
        let with_place = || {
            let mut text = file.to_owned();
            text.push(format!(":{line}:{column}"));
            text
        };
        let stem = stem(&self.program);
        match EDITORS.iter().find(|(name, _)| *name == stem).map(|(_, style)| style) {
            Some(Style::Goto) => all.extend([OsString::from("--goto"), with_place()]),
            Some(Style::Suffix) => all.push(with_place()),
            Some(Style::LineOptions) => {
                let numbers = [line.to_string(), column.to_string()];
                let [line, column] = numbers.map(OsString::from);
                all.extend(["--line".into(), line, "--column".into(), column, file.to_owned()]);
            }
            Some(Style::Plus) => all.extend([format!("+{line}:{column}").into(), file.to_owned()]),
            Some(Style::PlusLine) => all.extend([format!("+{line}").into(), file.to_owned()]),
            Some(Style::Dash) => {
                all.extend([format!("-n{line}").into(), format!("-c{column}").into(), file.to_owned()]);
            }
            Some(Style::Mate) => {
                all.extend(["--line".into(), format!("{line}:{column}").into(), file.to_owned()]);
            }
            None => all.push(file.to_owned()),
        }
        all
    }
}

fn stem(program: &Path) -> String {
    let name = program.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    for end in [".exe", ".cmd", ".bat", ".sh"] {
        if let Some(stem) = name.strip_suffix(end) {
            return stem.to_owned();
        }
    }
    name
}

/// Splits a command into words: blanks separate, quotes keep together. Nothing else of a shell is understood.
fn words(command: &str) -> Result<Vec<String>, ApiError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for each in command.chars() {
        match (quote, each) {
            (Some(open), _) if open == each => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(each),
            (None, '"' | '\'') => {
                quote = Some(each);
                word.get_or_insert_default();
            }
            (None, _) if each.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(each),
        }
    }
    if quote.is_some() {
        return Err(error("no-editor", format!("a quote in `{command}` is not closed")));
    }
    words.extend(word);
    Ok(words)
}

/// The path of a program on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    std::env::split_paths(&path)
        .flat_map(|folder| endings.iter().map(move |end| folder.join(format!("{name}{end}"))))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(file)
            .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    file.is_file()
}

/// Starts a program that goes on by itself, also when Slipway ends.
pub(crate) fn start(program: &Path, arguments: &[OsString]) -> Result<(), ApiError> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|cause| {
        error("program-failed", format!("`{}` cannot be started: {cause}", program.display()))
    })?;
    // Somebody has to take its exit status, or it stays in the list of processes.
    std::thread::spawn(move || child.wait());
    Ok(())
}

/// Shows a file or folder in the file manager. Only folders are handed to it, so that nothing is opened or run.
pub(crate) fn reveal(path: &Path) -> Result<(), ApiError> {
    if !path.exists() {
        return Err(error("no-such-file", format!("{} is not there any more", path.display())));
    }
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let (program, arguments): (&str, Vec<OsString>) = if cfg!(target_os = "macos") {
        ("open", vec!["-R".into(), path.as_os_str().to_owned()])
    } else if cfg!(windows) {
        let mut select = OsString::from("/select,");
        select.push(path);
        ("explorer.exe", vec![select])
    } else {
        ("xdg-open", vec![folder.as_os_str().to_owned()])
    };
    match on_path(program.trim_end_matches(".exe")).or_else(|| cfg!(windows).then(|| PathBuf::from(program)))
    {
        Some(found) => start(&found, &arguments),
        None => Err(error("no-file-manager", format!("`{program}`, which opens folders, is not installed"))
            .hint(format!("the folder is {}", folder.display()))),
    }
}

/// A program's name for reading.
pub(crate) fn shown(program: &Path) -> String {
    program.file_name().unwrap_or_else(|| OsStr::new("editor")).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(name: &str) -> Option<PathBuf> {
        let known = ["code", "subl", "idea", "vim", "gedit", "unknown-editor", "kate"];
        known.contains(&name).then(|| PathBuf::from(format!("/usr/bin/{name}")))
    }

    fn surroundings<'a>(setting: Option<&'a str>, visual: &str, editor: &str) -> Surroundings<'a> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Surroundings { setting, visual: text(visual), editor: text(editor), find: &here }
    }

    fn line(editor: &Editor) -> String {
        let place = Place { file: Path::new("/r/a b;$(x).yaml"), line: 12, column: 3 };
        let arguments = editor.arguments(&place);
        arguments.iter().map(|each| each.to_string_lossy()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn each_editor_is_told_the_line_in_its_own_way() {
        for (setting, expected) in [
            ("code", "--goto|/r/a b;$(x).yaml:12:3"),
            ("code --reuse-window", "--reuse-window|--goto|/r/a b;$(x).yaml:12:3"),
            ("subl", "/r/a b;$(x).yaml:12:3"),
            ("idea", "--line|12|--column|3|/r/a b;$(x).yaml"),
            ("gedit", "+12:3|/r/a b;$(x).yaml"),
            ("unknown-editor", "/r/a b;$(x).yaml"),
            ("unknown-editor --at={line} 'x {file}'", "--at=12|x /r/a b;$(x).yaml"),
        ] {
            let editor = surroundings(Some(setting), "", "").editor().unwrap();
            assert_eq!(line(&editor), expected, "{setting}");
        }
    }

    #[test]
    fn the_setting_comes_before_the_variables_and_they_before_what_is_found() {
        let choose = |setting, visual, editor| {
            surroundings(setting, visual, editor).editor().map(|found| (found.found_by, stem(&found.program)))
        };
        assert_eq!(choose(Some("subl"), "code", "gedit").unwrap(), ("setting", "subl".to_owned()));
        assert_eq!(choose(None, "gedit", "code").unwrap(), ("VISUAL", "gedit".to_owned()));
        assert_eq!(choose(None, "vim", "kate -n").unwrap(), ("EDITOR", "kate".to_owned()), "no terminal");
        assert_eq!(choose(None, "", "vim").unwrap(), ("PATH", "code".to_owned()));
        assert_eq!(choose(Some("vim"), "code", "").unwrap_err().code, "editor-needs-terminal");
        assert_eq!(choose(Some("nothing"), "code", "").unwrap_err().code, "no-editor");
        assert_eq!(choose(Some("'code"), "", "").unwrap_err().code, "no-editor");
        let nothing = Surroundings { setting: None, visual: None, editor: None, find: &|_| None };
        assert_eq!(nothing.editor().unwrap_err().code, "no-editor");
    }

    #[test]
    fn what_is_not_there_cannot_be_shown() {
        assert_eq!(reveal(Path::new("/no/such/file")).unwrap_err().code, "no-such-file");
    }
}
