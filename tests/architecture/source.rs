//! Source files as the rules see them: the text, and the code without comments, strings and unit tests.

use std::fs;
use std::path::Path;

use crate::harness::project;

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 7] = [".git", "target", ".libtorch", "runs", "demo-run", "node_modules", "__pycache__"];

/// One Rust file.
pub(crate) struct Source {
    /// Relative to the project, with `/`.
    pub(crate) path: String,
    text: String,
    /// Each line without comments and the contents of strings.
    code: Vec<String>,
    /// The line, from 1, at which unit tests begin; behind the last line if there are none.
    tests_begin: usize,
}

/// Every Rust file of the project.
pub(crate) fn all() -> Vec<Source> {
    let rust = texts().into_iter().filter(|(path, _)| path.ends_with(".rs"));
    let sources: Vec<Source> = rust.map(|(path, text)| Source::new(path, text)).collect();
    assert!(sources.len() > 40, "found only {} source files", sources.len());
    sources
}

/// Every text file of the project with its path; the lock file, which others write, left out.
pub(crate) fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    collect(project(), &mut texts);
    texts.sort();
    texts
}

fn collect(folder: &Path, texts: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("the project can be listed").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().expect("an entry has a type");
        if SKIPPED.contains(&name.as_str()) || name == "Cargo.lock" || kind.is_symlink() {
            continue;
        }
        let path = entry.path();
        if kind.is_dir() {
            collect(&path, texts);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let relative = path.strip_prefix(project()).expect("it lies in the project");
            texts.push((relative.to_string_lossy().into_owned(), text));
        }
    }
}

impl Source {
    fn new(path: String, text: String) -> Self {
        let code = without_comments_and_strings(&text);
        let is_test_file = path.contains("/tests/") || path.starts_with("tests/") || path.ends_with("tests.rs");
        let marked = code.iter().position(|line| line.trim() == "#[cfg(test)]").map_or(code.len() + 1, |at| at + 1);
        let tests_begin = if is_test_file { 1 } else { marked };
        Self { path, text, code, tests_begin }
    }

    pub(crate) fn lines(&self) -> usize {
        self.code.len()
    }

    /// A line as it stands, from 1; empty outside the file.
    pub(crate) fn raw_line(&self, number: usize) -> &str {
        number.checked_sub(1).and_then(|index| self.text.lines().nth(index)).unwrap_or_default()
    }

    /// Lines, from 1, that hold `word` as a whole word; unit tests left out.
    pub(crate) fn code_lines_with<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.all_code_lines_with(word).take_while(|line| *line < self.tests_begin)
    }

    /// Lines, from 1, that hold `word` as a whole word; unit tests too.
    pub(crate) fn all_code_lines_with<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        let holds = |line: &str| positions(line, word).next().is_some();
        self.code.iter().enumerate().filter(move |(_, line)| holds(line)).map(|(index, _)| index + 1)
    }

    /// The first line that names an item of the crate `name`, as in `name::Item` or `use name;`. A module of that
    /// name that the file declares itself is not the crate.
    pub(crate) fn names_crate(&self, name: &str) -> Option<usize> {
        let own_module = self.code.iter().any(|line| {
            let line = line.trim().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
            let declared = line == format!("mod {name};") || line == format!("mod {name} {{");
            declared || (line.starts_with("use crate::") && positions(line, name).next().is_some())
        });
        let is_crate = |line: &str| {
            positions(line, name).any(|at| {
                let (before, after) = (&line[..at], &line[at + name.len()..]);
                let from_root = before.ends_with("::") && !before.trim_end_matches("::").ends_with(is_word);
                let first = from_root || (!before.ends_with("::") && !own_module);
                first && (after.starts_with("::") || before.trim_end().ends_with("use"))
            })
        };
        self.code.iter().position(|line| is_crate(line)).map(|index| index + 1)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where `word` stands in `line` and is not part of a longer word.
fn positions<'a>(line: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    line.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let ends_in_word = word.ends_with(is_word);
        // `0.224` does not hold the number 224.
        let before = line[..*at].chars().next_back().is_some_and(|c| is_word(c) || c == '.');
        let after = ends_in_word && line[at + word.len()..].chars().next().is_some_and(is_word);
        !before && !after
    })
}

/// The lines of a Rust text, with comments and what stands in quotes taken out.
fn without_comments_and_strings(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = raw_string(rest, lines.last().map_or("", String::as_str)) {
            length
        } else if c == '"' {
            quoted(rest)
        } else if c == '\'' {
            character(rest)
        } else {
            0
        };
        if skipped > 0 {
            let newlines = rest[..skipped].matches('\n').count();
            lines.extend(std::iter::repeat_n(String::new(), newlines));
            rest = &rest[skipped..];
            continue;
        }
        match c {
            '\n' => lines.push(String::new()),
            c => lines.last_mut().expect("there is a line").push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    if text.ends_with('\n') {
        lines.pop();
    }
    lines
}

fn block_comment(text: &str) -> usize {
    text.find("*/").map_or(text.len(), |end| end + 2)
}

/// The length of `r"..."` or `r#"..."#` at the start of `text`.
fn raw_string(text: &str, before: &str) -> Option<usize> {
    let hashes = text.strip_prefix('r')?;
    let count = hashes.len() - hashes.trim_start_matches('#').len();
    let inside = hashes[count..].strip_prefix('"')?;
    if before.chars().next_back().is_some_and(|c| is_word(c) && c != 'b') {
        return None;
    }
    let end = format!("\"{}", "#".repeat(count));
    let open = 2 + count;
    Some(inside.find(&end).map_or(text.len(), |at| open + at + end.len()))
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character literal; 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => text[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 3),
        Some((_, c)) => match chars.next() {
            Some((at, '\'')) if c != '\'' => at + 1,
            _ => 0,
        },
        None => 0,
    }
}

#[test]
fn comments_strings_and_characters_are_no_code() {
    let code = |text: &str| without_comments_and_strings(text).join("\n");
    assert_eq!(code("a // unsafe\nb"), "a \nb");
    assert_eq!(code("a /* x\ny */ b"), "a \n b");
    assert_eq!(code(r#"f("un\"safe") + g"#), "f() + g");
    assert_eq!(code("f(r#\"a \" b\"#) + 'x' + '\\n' + '\\'' + c"), "f() +  +  +  + c");
    assert_eq!(code("fn f<'a>(x: &'a str) -> &'a str"), "fn f<'a>(x: &'a str) -> &'a str");
    assert_eq!(code("let four = \"a\nb\"; c"), "let four = \n; c");
}

#[test]
fn a_crate_is_told_from_a_module_of_its_name() {
    let names = |text: &str| Source::new("x.rs".into(), text.into()).names_crate("v4l");
    assert_eq!(names("use v4l::Device;"), Some(1));
    assert_eq!(names("a\nlet x = v4l::open();"), Some(2));
    assert_eq!(names("let x = ::v4l::open();"), Some(1));
    assert_eq!(names("use crate::camera::v4l::open;"), None);
    assert_eq!(names("use crate::camera::{self, v4l};\nv4l::open();"), None);
    assert_eq!(names("mod v4l;\nv4l::open();"), None);
    assert_eq!(names("mod v4l;\n::v4l::open();"), Some(2));
    assert_eq!(names("// v4l::open()\nlet my_v4l::x = 1;"), None);
}
