//! The scripts for clusters in docs/cluster: their syntax, and that what they call exists.

use std::fs;
use std::process::Command;

use yaml_rust2::{Yaml, YamlLoader};

use crate::harness::{built_path, project};

#[test]
fn the_slurm_script_is_sound_shell() {
    let script = project().join("docs/cluster/folds.slurm");
    let output = Command::new("bash").arg("-n").arg(&script).output().expect("bash is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(script).unwrap();
    let directives: Vec<&str> = text.lines().filter(|line| line.starts_with("#SBATCH")).collect();
    assert!(directives.contains(&"#SBATCH --array=0-4"), "{directives:?}");
    // Slurm reads directives only before the first command.
    let first_command = text.lines().position(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap();
    let last_directive = text.lines().collect::<Vec<_>>().iter().rposition(|line| line.starts_with("#SBATCH")).unwrap();
    assert!(last_directive < first_command);
    flags_exist(&["train", "--help"], text.lines().find(|line| line.contains("host-trainer train")).unwrap());
}

#[test]
fn the_kubernetes_job_is_sound_yaml() {
    let text = fs::read_to_string(project().join("docs/cluster/folds.yaml")).unwrap();
    let documents = YamlLoader::load_from_str(&text).expect("it is YAML");
    let job = &documents[0];
    assert_eq!(job["kind"].as_str(), Some("Job"));
    let spec = &job["spec"];
    assert_eq!((spec["completionMode"].as_str(), spec["completions"].as_i64()), (Some("Indexed"), Some(5)));
    let container = &spec["template"]["spec"]["containers"][0];
    let words = |list: &Yaml| -> Vec<String> {
        list.as_vec().expect("a list").iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
    };
    let command = words(&container["command"]);
    assert_eq!(command, ["host-trainer", "train"]);
    let arguments = words(&container["args"]);
    assert!(arguments.contains(&"--fold=$(JOB_COMPLETION_INDEX)".to_owned()), "{arguments:?}");
    flags_exist(&["train", "--help"], &arguments.join(" "));
}

/// Every flag in `line` stands in the help.
fn flags_exist(help: &[&str], line: &str) {
    let output = Command::new(built_path("host-trainer")).args(help).output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    let flags =
        line.split_whitespace().filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap());
    for flag in flags {
        assert!(help.contains(&format!("{flag} ")), "there is no {flag}");
    }
}
