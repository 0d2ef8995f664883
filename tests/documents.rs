//! The documents: every command that they show exists, with every flag they give it.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::harness::{built_path, project};

const DOCUMENTS: [&str; 8] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "docs/TRAINING.md",
    "docs/HEALTH_WORKER.md",
    "docs/REPORT.md",
    "docs/ENGINEER.md",
    "docs/SECURITY.md",
];

/// A command in a fenced block: which program, its subcommands, its flags.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    program: &'static str,
    words: Vec<String>,
}

/// The commands of a document's fenced blocks that call one of our programs.
fn shown(document: &str) -> Vec<Shown> {
    let fenced = document.split("```").skip(1).step_by(2);
    let lines = fenced.flat_map(|block| {
        // A trailing backslash joins lines.
        block.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>()
    });
    lines.filter_map(|line| parse(&line)).collect()
}

fn parse(line: &str) -> Option<Shown> {
    const STARTS: [(&str, &str); 5] = [
        ("cargo run --release -p host-trainer -- ", "host-trainer"),
        ("cargo run --release -- ", "edge-app"),
        ("cargo xtask ", "xtask"),
        ("host-trainer ", "host-trainer"),
        ("edge-app ", "edge-app"),
    ];
    let line = line.trim().trim_start_matches("$ ");
    let (start, program) = STARTS.into_iter().find(|(start, _)| line.starts_with(start))?;
    let words = line[start.len()..].split(['#', '|', '>', '&']).next()?;
    Some(Shown { program, words: words.split_whitespace().map(str::to_owned).collect() })
}

impl Shown {
    /// The leading words that could name subcommands, and the flags without their values.
    fn parts(&self) -> (Vec<&str>, Vec<&str>) {
        let is_verb =
            |word: &&&String| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
        let verbs = self.words.iter().take_while(|word| is_verb(&word)).map(String::as_str).collect();
        let flags = self.words.iter().filter(|word| word.starts_with("--"));
        (verbs, flags.map(|word| word.split('=').next().unwrap_or(word)).collect())
    }
}

/// The help of a subcommand; `None` when there is no such subcommand.
fn help(program: &str, verbs: &[&str]) -> Option<String> {
    let output = Command::new(built_path(program))
        .env("CARGO_MANIFEST_DIR", project().join("xtask"))
        .args(verbs)
        .arg("--help")
        .output()
        .expect("the program can be started");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn every_command_in_the_documents_exists() {
    let mut faults = Vec::new();
    let mut checked = BTreeMap::<&str, usize>::new();
    for name in DOCUMENTS {
        let Ok(document) = fs::read_to_string(project().join(name)) else { continue };
        for command in shown(&document) {
            *checked.entry(command.program).or_default() += 1;
            let (verbs, flags) = command.parts();
            // `weights fetch` has two verbs; in `classify photo` only the first is one.
            let found = (1..=verbs.len()).rev().find_map(|count| help(command.program, &verbs[..count]));
            let Some(help) = found else {
                faults.push(format!("{name}: {} has no '{}'", command.program, verbs.join(" ")));
                continue;
            };
            let unknown =
                flags.iter().filter(|flag| !help.contains(&format!("{flag} ")) && !help.contains(&format!("{flag}\n")));
            faults.extend(unknown.map(|flag| format!("{name}: {} {} has no {flag}", command.program, verbs.join(" "))));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for program in ["edge-app", "host-trainer", "xtask"] {
        assert!(
            checked.get(program).is_some_and(|count| *count >= 2),
            "the documents hardly show {program}: {checked:?}"
        );
    }
}

#[test]
fn links_inside_the_documents_lead_somewhere() {
    let mut faults = Vec::new();
    for name in DOCUMENTS {
        let Ok(document) = fs::read_to_string(project().join(name)) else { continue };
        let folder = project().join(name).parent().expect("a document lies in a folder").to_owned();
        let links = document.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let pictures = document.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
        for target in links.chain(pictures) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains("://") && !folder.join(path).exists() {
                faults.push(format!("{name}: {target}"));
            }
        }
    }
    assert!(faults.is_empty(), "dead links:\n{}", faults.join("\n"));
}

#[test]
fn commands_are_read_from_fenced_blocks() {
    let document = "text `edge-app x`\n```sh\n$ cargo run --release -- classify --json a.jpg  # why\n\
        host-trainer weights fetch \\\n  --out=W\nls\n```\n";
    let shown = shown(document);
    assert_eq!(shown.len(), 2);
    assert_eq!(shown[0].parts(), (vec!["classify"], vec!["--json"]));
    assert_eq!(shown[1].parts(), (vec!["weights", "fetch"], vec!["--out"]));
}
