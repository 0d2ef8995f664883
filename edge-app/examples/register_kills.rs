//! Kills a process that fills a register, again and again, and looks whether a row that was acknowledged is lost.
//!
//! `cargo run --release --example register_kills -- KILLS [SEED]`; the process that is killed is this one with `write`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use edge_app::register::{Encounter, Register};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [word, folder] if word == "write" => write(Path::new(folder)),
        [kills] => kill(number(kills), 1),
        [kills, seed] => kill(number(kills), number(seed)),
        _ => panic!("usage: register_kills KILLS [SEED]"),
    }
}

fn number(text: &str) -> u64 {
    text.parse().expect("a whole number")
}

/// Adds rows for ever; acknowledges each when it is on the disk.
fn write(folder: &Path) {
    let register = Register::open(folder).expect("the register opens");
    let encounter = Encounter {
        boot: "a-boot".to_owned(),
        unix_seconds: 0,
        time_verified: false,
        bundle: "demo 1".to_owned(),
        finding: "no_match".to_owned(),
        referral_advised: false,
    };
    let mut out = std::io::stdout().lock();
    loop {
        let sequence = register.add(&encounter).expect("a row is added");
        writeln!(out, "{sequence}").and_then(|()| out.flush()).expect("the parent listens");
    }
}

fn kill(kills: u64, seed: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut random, mut acknowledged, mut silent) = (seed, 0, 0);
    for round in 1..=kills {
        // Multiplication modulo 2^64 (Knuth's MMIX); its upper bits are random enough for moments.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child = Command::new(std::env::current_exe().expect("a program knows its file"))
            .arg("write")
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts again");
        let lines = BufReader::new(child.stdout.take().expect("it was piped"));
        let reader = std::thread::spawn(move || {
            let whole = lines.lines().map_while(Result::ok).filter_map(|line| line.parse().ok());
            whole.last()
        });
        // From before the file is open until many rows later.
        std::thread::sleep(Duration::from_micros((random >> 33) % 40_000));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        match reader.join().expect("the reader ends") {
            Some(last) => acknowledged = last,
            None => silent += 1,
        }
        let register = Register::open(folder.path()).expect("the register opens again");
        register.integrity().expect("it can be read").expect("it is sound");
        let mut csv = Vec::new();
        let rows = register.export(&mut csv).expect("it can be exported") as i64;
        // A row may be on the disk whose acknowledgement was killed; numbers have no gap, so none is lost in between.
        let last = String::from_utf8(csv)
            .expect("it is text")
            .lines()
            .last()
            .and_then(|line| line.split(',').next().and_then(|sequence| sequence.parse::<i64>().ok()));
        assert_eq!(last.unwrap_or(0), rows, "round {round}: a number is missing");
        assert!(rows >= acknowledged, "round {round}: {acknowledged} rows were acknowledged, {rows} are there");
    }
    let register = Register::open(folder.path()).expect("the register opens again");
    let rows = register.export(&mut std::io::sink()).expect("it can be exported");
    println!("{kills} kills ({silent} before the first row): {rows} rows, none lost, the file is sound");
}
