//! The script of a simulated session: one command a line.
//!
//! ```text
//! # Blank lines, and what follows a '#', are remarks.
//! language en              the language that was chosen before; without this line nobody has chosen yet
//! bundle FOLDER            the bundle that the next self-test opens
//! self-test PART OUTCOME   what the next self-tests find: passed, warned WORDS, failed WORDS or skipped WORDS
//! camera FILE [light=F] [shade=F] [shake=PX] [size=F]
//!                          what the camera sees from now on: a photograph, made darker or brighter by a factor, its
//!                          left half darker by a factor, moved to and fro by pixels, or made smaller
//! camera nothing           a grey wall
//! camera frozen            no pictures any more, and no word about it
//! camera lost              unplugged; another camera line plugs it in again
//! memory low | enough
//! unsaved WORDS            the next language that is chosen cannot be saved, and why
//! work SECONDS             how long the network takes from now on
//! broken WORDS             a part of the program falls over
//! stick bundle|program NAME VERSION KEY
//!                          a stick with such an update, signed with that key, is plugged in
//! stick refused REASON WORDS
//!                          one with an update that is refused; REASON as in transcripts: unsigned, damaged, ...
//! stick plain              one without an update
//! stick pulled             the stick is pulled out, also in the middle of an installation
//! install SECONDS          how long installing, or saving the register, takes from now on
//! install REASON WORDS     and that it fails so
//! press BUTTON [long]      capture, back or menu
//! touch X Y                pixels of the screen
//! wait SECONDS             time passes
//! picture NAME             the screen as NAME.png, if pictures are asked for
//! ```
//!
//! Files and folders are named relative to the script's own folder.

use std::time::Duration;

use crate::parts::{Button, Press};
use crate::self_test::{Outcome, Part};
use crate::sticks::{Kind, News, Offer, Reason, Refused};

/// One line of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: usize,
    /// Its words as they stand there, without the remark.
    pub words: String,
    /// What it says.
    pub command: Command,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the table of the module says it")]
pub enum Command {
    Language(String),
    Bundle(String),
    SelfTest(Part, Outcome),
    Camera(Seen),
    Memory { low: bool },
    Unsaved(String),
    Work(Duration),
    Broken(String),
    Stick(News),
    Install(Installing),
    Press(Button, Press),
    Touch { x: f32, y: f32 },
    Wait(Duration),
    Picture(String),
}

/// How the next installations go.
#[derive(Clone, Debug, PartialEq)]
pub enum Installing {
    /// Well, and it takes so long.
    Takes(Duration),
    /// It fails.
    Fails(Refused),
}

/// What the camera sees.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// A photograph, changed.
    Photograph(Photograph),
    /// A grey wall.
    Nothing,
    /// It gives no pictures.
    Frozen,
    /// It is gone.
    Lost,
}

/// A photograph as the simulated camera sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Photograph {
    /// The file, relative to the script.
    pub file: String,
    /// Every value is multiplied by this.
    pub light: f32,
    /// Values of the left half are multiplied by this.
    pub shade: f32,
    /// It moves to and fro by so many pixels from one picture to the next.
    pub shake: u32,
    /// It is made smaller; its border goes on around it.
    pub size: f32,
}

/// A line that is no command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {number}: {why}: '{words}'")]
pub struct ScriptError {
    /// The line's number, from 1.
    pub number: usize,
    /// What it says.
    pub words: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl ScriptError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> &'static str {
        "`edge-app simulate --help` lists the commands of a script"
    }
}

/// Reads a script.
///
/// # Errors
/// The first line that is no command.
pub fn parse(text: &str) -> Result<Vec<Line>, ScriptError> {
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let words = line.split('#').next().unwrap_or_default().trim();
        if words.is_empty() {
            continue;
        }
        let (number, words) = (index + 1, words.to_owned());
        match command(&words) {
            Ok(command) => lines.push(Line { number, words, command }),
            Err(why) => return Err(ScriptError { number, words, why }),
        }
    }
    Ok(lines)
}

fn command(words: &str) -> Result<Command, &'static str> {
    let (verb, rest) = words.split_once(char::is_whitespace).map_or((words, ""), |(verb, rest)| (verb, rest.trim()));
    let needed = |why| if rest.is_empty() { Err(why) } else { Ok(rest.to_owned()) };
    Ok(match verb {
        "language" => Command::Language(needed("a language's code is missing")?),
        "bundle" => Command::Bundle(needed("a folder is missing")?),
        "self-test" => self_test(rest)?,
        "camera" => Command::Camera(camera(rest)?),
        "memory" => match rest {
            "low" => Command::Memory { low: true },
            "enough" => Command::Memory { low: false },
            _ => return Err("memory is low or enough"),
        },
        "unsaved" => Command::Unsaved(needed("the reason is missing")?),
        "work" => Command::Work(seconds(rest)?),
        "broken" => Command::Broken(needed("the reason is missing")?),
        "stick" => Command::Stick(stick(rest)?),
        "install" => Command::Install(match seconds(rest) {
            Ok(time) => Installing::Takes(time),
            Err(_) => Installing::Fails(refused(rest)?),
        }),
        "press" => press(rest)?,
        "touch" => touch(rest)?,
        "wait" => Command::Wait(seconds(rest)?),
        "picture" => {
            let name = needed("a name is missing")?;
            if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
                return Err("a name is made of letters, digits, '-' and '_'");
            }
            Command::Picture(name)
        }
        _ => return Err("no such command"),
    })
}

fn self_test(rest: &str) -> Result<Command, &'static str> {
    let mut words = rest.splitn(3, char::is_whitespace);
    let name = words.next().unwrap_or_default();
    let part = Part::ALL.into_iter().find(|part| part.id() == name).ok_or("no such part of the self-test")?;
    if part == Part::Bundle {
        return Err("the bundle is really opened, its outcome cannot be set");
    }
    let (kind, why) = (words.next().unwrap_or_default(), words.next().map(|why| why.trim().to_owned()));
    let outcome = match (kind, why) {
        ("passed", None) => Outcome::Passed,
        ("warned", Some(why)) => Outcome::Warned(why),
        ("failed", Some(why)) => Outcome::Failed(why),
        ("skipped", Some(why)) => Outcome::Skipped(why),
        _ => return Err("an outcome is passed, or one of warned, failed, skipped with the reason"),
    };
    Ok(Command::SelfTest(part, outcome))
}

fn camera(rest: &str) -> Result<Seen, &'static str> {
    let mut words = rest.split_whitespace();
    let file = words.next().ok_or("what the camera sees is missing")?;
    let mut photograph = Photograph { file: file.to_owned(), light: 1.0, shade: 1.0, shake: 0, size: 1.0 };
    for word in words {
        let (name, value) = word.split_once('=').ok_or("expected NAME=NUMBER")?;
        let number: f32 = value.parse().map_err(|_| "not a number")?;
        if !(0.0..=100.0).contains(&number) {
            return Err("a number from 0 to 100 is expected");
        }
        match name {
            "light" => photograph.light = number,
            "shade" => photograph.shade = number,
            "shake" => photograph.shake = number as u32,
            "size" if (0.05..=1.0).contains(&number) => photograph.size = number,
            _ => return Err("expected light, shade, shake or size (0.05 to 1)"),
        }
    }
    Ok(match file {
        "nothing" => Seen::Nothing,
        "frozen" => Seen::Frozen,
        "lost" => Seen::Lost,
        _ => Seen::Photograph(photograph),
    })
}

fn stick(rest: &str) -> Result<News, &'static str> {
    let (what, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let words: Vec<&str> = rest.split_whitespace().collect();
    let kind = [Kind::Bundle, Kind::Program].into_iter().find(|kind| kind.id() == what);
    let update = match (what, kind, words.as_slice()) {
        ("pulled", _, []) => return Ok(News::default()),
        ("plain", _, []) => None,
        ("refused", ..) => Some(Err(refused(rest)?)),
        (_, Some(kind), [name, version, signer]) => {
            let [name, version, signer] = [name, version, signer].map(|word| (*word).to_owned());
            Some(Ok(Offer { kind, name, version, signer }))
        }
        _ => return Err("a stick is bundle or program with name, version and key, or refused, plain or pulled"),
    };
    Ok(News { plugged: true, update })
}

fn refused(rest: &str) -> Result<Refused, &'static str> {
    let (id, details) = rest.split_once(' ').ok_or("a reason and its words are missing")?;
    let reason = Reason::ALL.into_iter().find(|reason| reason.id() == id).ok_or("no such reason")?;
    Ok(Refused { reason, details: details.trim().to_owned() })
}

fn press(rest: &str) -> Result<Command, &'static str> {
    let mut words = rest.split_whitespace();
    let button = match words.next() {
        Some("capture") => Button::Capture,
        Some("back") => Button::Back,
        Some("menu") => Button::Menu,
        _ => return Err("a button is capture, back or menu"),
    };
    match (words.next(), words.next()) {
        (None, _) => Ok(Command::Press(button, Press::Short)),
        (Some("long"), None) => Ok(Command::Press(button, Press::Long)),
        _ => Err("after the button, only 'long' may stand"),
    }
}

fn touch(rest: &str) -> Result<Command, &'static str> {
    let mut numbers = rest.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(x)), Some(Ok(y)), None) => Ok(Command::Touch { x, y }),
        _ => Err("a touch has two numbers"),
    }
}

fn seconds(rest: &str) -> Result<Duration, &'static str> {
    let seconds: f64 = rest.parse().map_err(|_| "not a number of seconds")?;
    if (0.0..=86_400.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("seconds are 0 to 86400")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_and_remarks_are_not() {
        let script = "# all\nlanguage hi  # Hindi\n\ncamera a.jpg light=0.2 shake=12\npress back long\nwait 1.5\n\
                      self-test clock warned no clock chip\ntouch 10 20.5\n";
        let commands: Vec<Command> = parse(script).unwrap().into_iter().map(|line| line.command).collect();
        let photograph = Photograph { file: "a.jpg".into(), light: 0.2, shade: 1.0, shake: 12, size: 1.0 };
        let expected = [
            Command::Language("hi".into()),
            Command::Camera(Seen::Photograph(photograph)),
            Command::Press(Button::Back, Press::Long),
            Command::Wait(Duration::from_millis(1500)),
            Command::SelfTest(Part::Clock, Outcome::Warned("no clock chip".into())),
            Command::Touch { x: 10.0, y: 20.5 },
        ];
        assert_eq!(commands, expected);
    }

    #[test]
    fn what_is_no_command_is_named_with_its_line() {
        for wrong in [
            "jump",
            "wait",
            "wait x",
            "wait -1",
            "wait inf",
            "press",
            "press fire",
            "press back twice",
            "touch 1",
            "camera",
            "camera a.jpg dark",
            "camera a.jpg light=NaN",
            "memory",
            "self-test nose passed",
            "self-test clock warned",
            "self-test bundle passed",
            "picture ../x",
            "stick",
            "stick bundle demo 2",
            "stick refused nobody knows",
            "install",
            "install damaged",
        ] {
            let error = parse(&format!("wait 1\n{wrong}\n")).unwrap_err();
            assert_eq!((error.number, error.words.as_str()), (2, wrong), "{error}");
        }
    }
}
